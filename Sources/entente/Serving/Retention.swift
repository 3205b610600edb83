// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle
internal import Synchronization

/// Destroys the keys whose time is over by the policy's `retention`, at the start and each hour. On no event loop.
struct Retention: Service {
    let node: Node

    /// How often the clock is looked at, and how often the files are.
    private static let (pace, hour) = (Duration.seconds(10), Duration.seconds(3600))

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let hold = RetentionHold(directory: node.configuration.auditDirectory)
            let last = node.log.lastTime
            guard
                var clock = try? await node.threads.runIfActive({
                    RetentionClock(
                        time: SystemClock.now(), monotonic: SystemClock.monotonic(), last: last,
                        wasHeld: hold.isThere)
                })
            else { return }
            var wasHeld: Bool?
            var next = ContinuousClock.now
            repeat {
                let time = clock.look(time: SystemClock.now(), monotonic: SystemClock.monotonic())
                if wasHeld != clock.isHeld {
                    await note(clock.isHeld, hold, wasHeld)
                    wasHeld = clock.isHeld
                    next = .now
                }
                if let time, ContinuousClock.now >= next {
                    next = await turn(time) ? .now : .now + Self.hour
                }
            } while (try? await Task.sleep(for: Self.pace)) != nil
        }
    }

    /// The trial of a clock goes on after a restart.
    private func note(_ isHeld: Bool, _ hold: RetentionHold, _ before: Bool?) async {
        _ = try? await node.threads.runIfActive { hold.put(isHeld) }
        guard !node.policyInForce.policy.audit.retention.isEmpty else { return }
        if isHeld {
            node.logger.notice(
                "for a day no keys of the audit log are destroyed: the clock jumped, or the last record is older than an hour"
            )
        } else if before != nil {
            node.logger.notice("the clock went evenly for a day: keys whose time is over are destroyed again")
        }
    }

    /// - Returns: whether there is more to be done soon.
    private func turn(_ time: Int64) async -> Bool {
        let job = RetentionJob(node.log.keys)
        let retention = node.policyInForce.policy.audit.retention
        do {
            let due = try await node.threads.runIfActive { try job.due(retention, time: time) }
            for each in due {
                // Without a record nothing is destroyed.
                _ = try await node.log.record(.privacy(each.notice))
                try await node.threads.runIfActive { try job.destroy(each) }
            }
            if !due.isEmpty {
                node.logger.notice(
                    "keys were destroyed whose time was over by `audit.retention`", metadata: ["files": "\(due.count)"])
            }
            return due.count >= RetentionJob.most
        } catch {
            node.logger.error(
                "keys whose time is over by `audit.retention` are still there; it is tried again in an hour",
                metadata: ["error": "\(error)"])
            return false
        }
    }
}
