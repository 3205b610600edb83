// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle

/// Sends copies of records to the sinks of the policy in force. On no event loop of traffic, which never waits for it.
struct Forwarding: Service {
    let node: Node

    private static let pace = Duration.milliseconds(250)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.pace)) != nil { await turn(node.forwarders) }
        }
        await node.forwarders.stop()
    }

    private func turn(_ sinks: Forwarders) async {
        let terms = node.policyInForce.policy.audit
        guard !terms.sinks.isEmpty || !node.sinkStatus.isEmpty else { return }
        // Reading and writing take their time.
        let newest = node.log.status.lastSequence
        guard let found = try? await node.threads.runIfActive({ sinks.turn(terms, newest) }) else { return }
        // Before it is on record: whoever asks for evidence there does not wait for a note about it.
        node.note(sinks.status)
        for notice in found {
            say(notice)
            do throws(AuditError) {
                _ = try await node.log.record(.sink(notice))
            } catch {
                // A loss that is not on record does not happen: it is told again in a later turn.
                continue
            }
            sinks.recorded(notice)
        }
        node.note(sinks.status)
    }

    private func say(_ notice: SinkNotice) {
        var metadata: Logger.Metadata = ["sink": "\(notice.name)"]
        switch notice.kind {
        case .down(let cause):
            metadata["cause"] = "\(cause)"
            node.logger.error("a sink is down; records wait in the log and follow", metadata: metadata)
        case .up: node.logger.notice("a sink takes records again", metadata: metadata)
        case .full(let first, let ownGoesOn):
            metadata["first"] = "\(first)"
            node.logger.critical(
                """
                more waits for a sink than its spool holds; traffic is refused\(ownGoesOn ? " but for the own state's" : ""); \
                repair the sink, or let records be passed over with `entente audit resume`
                """, metadata: metadata)
        case .drained: node.logger.notice("traffic is no longer refused for this sink", metadata: metadata)
        case .lost(let first, let last):
            metadata["first"] = "\(first)"
            metadata["last"] = "\(last)"
            node.logger.critical(
                "more waits for a sink than its spool holds; it does not get these records, the log has them",
                metadata: metadata)
        }
    }
}
