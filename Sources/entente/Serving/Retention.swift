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

    /// How often the clock is looked at, how often a trial is noted, and how often the files are looked at.
    private static let (pace, notes, hour) = (Duration.seconds(10), Duration.seconds(600), Duration.seconds(3600))

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let hold = RetentionHold(directory: node.configuration.auditDirectory)
            let served: Int64?
            do {
                served = try await node.threads.runIfActive { hold.read() }
            } catch {
                // The threads have ended: so does the gateway.
                return
            }
            var clock = RetentionClock(
                time: SystemClock.now(), monotonic: SystemClock.monotonic(), last: node.log.lastTime, served: served)
            // As after the last turn: on trial or not.
            var wasHeld = served != nil
            var (nextNote, next) = (ContinuousClock.now, ContinuousClock.now)
            repeat {
                let monotonic = SystemClock.monotonic()
                let time = clock.look(time: SystemClock.now(), monotonic: monotonic)
                let served = clock.served(monotonic: monotonic)
                if wasHeld != (served != nil) {
                    wasHeld = served != nil
                    (nextNote, next) = (.now, .now)
                    say(wasHeld)
                    if !wasHeld { _ = try? await node.threads.runIfActive { hold.write(nil) } }
                }
                if let served, ContinuousClock.now >= nextNote {
                    nextNote = .now + Self.notes
                    _ = try? await node.threads.runIfActive { hold.write(served) }
                }
                if let time, ContinuousClock.now >= next {
                    next = await turn(time) ? .now : .now + Self.hour
                }
            } while (try? await Task.sleep(for: Self.pace)) != nil
        }
    }

    private func say(_ isHeld: Bool) {
        guard !node.policyInForce.policy.audit.retention.isEmpty else { return }
        if isHeld {
            node.logger.notice(
                "for a day no keys of the audit log are destroyed: the clock jumped, or the last record is older than an hour"
            )
        } else {
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
