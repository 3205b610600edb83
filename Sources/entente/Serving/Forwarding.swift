// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle
internal import Synchronization

/// Sends copies of records to the sinks of the policy in force. On no event loop; traffic never waits for it.
struct Forwarding: Service {
    let node: Node

    private static let pace = Duration.milliseconds(250)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let sinks = Forwarders(directory: node.configuration.auditDirectory)
            while (try? await Task.sleep(for: Self.pace)) != nil { await turn(sinks) }
        }
    }

    private func turn(_ sinks: Forwarders) async {
        let wanted = node.policyInForce.policy.audit.sinks.filter(\.isCarriedOut)
        guard !wanted.isEmpty || !node.sinkStatus.isEmpty else { return }
        // Reading and writing take their time.
        let newest = node.log.status.lastSequence
        guard let found = try? await node.threads.runIfActive({ sinks.turn(wanted, newest) }) else { return }
        for notice in found {
            var metadata: Logger.Metadata = ["sink": "\(notice.name)"]
            switch notice.kind {
            case .down(let cause):
                metadata["cause"] = "\(cause)"
                node.logger.error("a sink is down; records wait in the log and follow", metadata: metadata)
            case .up: node.logger.notice("a sink takes records again", metadata: metadata)
            case .lost(let first, let last):
                metadata["first"] = "\(first)"
                metadata["last"] = "\(last)"
                node.logger.critical(
                    "more waits for a sink than its spool holds; it does not get these records, the log has them",
                    metadata: metadata)
            }
            do throws(AuditError) {
                _ = try await node.log.record(.sink(notice))
            } catch {
                // A loss that is not on record does not happen: it is told again in a later turn.
                continue
            }
            if case .lost = notice.kind { sinks.passOverLost(notice.name) }
        }
        node.note(sinks.status)
    }
}

/// One forwarder for each sink.
private final class Forwarders: Sendable {
    private struct Entry {
        let sink: AuditSink
        var forwarder: SinkForwarder
    }

    private let directory: String
    private let entries = Mutex<[Entry]>([])

    init(directory: String) { self.directory = directory }

    var status: [SinkForwarder.Status] { entries.withLock { $0.map(\.forwarder.status) } }

    func turn(_ wanted: [AuditSink], _ newest: UInt64) -> [SinkNotice] {
        entries.withLock { entries in
            entries.removeAll { !wanted.contains($0.sink) }
            for sink in wanted where !entries.contains(where: { $0.sink == sink }) {
                guard let delivery = sink.delivery,
                    let forwarder = try? SinkForwarder(sink, directory: directory, delivery: delivery)
                else { continue }
                entries.append(Entry(sink: sink, forwarder: forwarder))
            }
            let now = ContinuousClock.now.milliseconds
            return entries.indices.flatMap { entries[$0].forwarder.turn(now: now, newest: newest) }
        }
    }

    func passOverLost(_ name: String) {
        entries.withLock { entries in
            for index in entries.indices where entries[index].sink.name == name {
                entries[index].forwarder.passOverLost()
            }
        }
    }
}

extension ContinuousClock.Instant {
    private static let start = ContinuousClock.now

    /// Since some moment of this process.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = Self.start.duration(to: self).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension AuditSink {
    fileprivate var delivery: (any SinkDelivery)? {
        switch target {
        case .file(let path): FileDelivery(path: path)
        case .standardOutput: StandardOutputDelivery()
        case .syslogTLS: nil
        }
    }
}
