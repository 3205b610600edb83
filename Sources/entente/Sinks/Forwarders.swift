// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import NIOCore
internal import NIOPosix
internal import PolicyEngine
internal import Synchronization

/// One forwarder for each sink of the policy in force.
final class Forwarders: Sendable {
    private struct Entry {
        let sink: AuditSink
        var forwarder: SinkForwarder
    }

    private let directory: String
    private let settings: SinkSettings
    /// Made for the first sink that needs it.
    private let engine = Mutex<Engine?>(nil)
    private let entries = Mutex<[Entry]>([])

    init(directory: String, settings: SinkSettings) {
        self.directory = directory
        self.settings = settings
    }

    /// Of the sinks alone: no handshake and no name look-up of theirs keeps traffic waiting.
    private struct Engine {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let threads = NIOThreadPool(numberOfThreads: 2)
    }

    private var started: Engine {
        engine.withLock { engine in
            if let engine { return engine }
            let new = Engine()
            new.threads.start()
            engine = new
            return new
        }
    }

    func stop() async {
        entries.withLock { $0 = [] }
        guard let engine = engine.withLock({ $0 }) else { return }
        try? await engine.threads.shutdownGracefully()
        try? await engine.group.shutdownGracefully()
    }

    var status: [SinkForwarder.Status] { entries.withLock { $0.map(\.forwarder.status) } }

    /// - Parameters:
    ///   - terms: what the policy in force wants.
    ///   - newest: the number of the log's last record.
    func turn(_ terms: AuditTerms, _ newest: UInt64) -> [SinkNotice] {
        entries.withLock { entries in
            follow(terms, &entries)
            let now = ContinuousClock.now.milliseconds
            return entries.indices.flatMap {
                entries[$0].forwarder.turn(now: now, newest: newest, onLoss: terms.onSinkLoss)
            }
        }
    }

    func recorded(_ notice: SinkNotice) {
        entries.withLock { entries in
            for index in entries.indices where entries[index].sink.name == notice.name {
                entries[index].forwarder.recorded(notice)
            }
        }
    }

    /// - Returns: whether the spool of that sink is full; `nil`: there is no such sink.
    func acknowledge(_ name: String, _ terms: AuditTerms) -> Bool? {
        entries.withLock { entries in
            follow(terms, &entries)
            guard let index = entries.firstIndex(where: { $0.sink.name == name }) else { return nil }
            return entries[index].forwarder.acknowledge()
        }
    }

    private func follow(_ terms: AuditTerms, _ entries: inout [Entry]) {
        entries.removeAll { !terms.sinks.contains($0.sink) }
        for sink in terms.sinks where !entries.contains(where: { $0.sink == sink }) {
            guard let delivery = delivery(of: sink) else { continue }
            entries.append(
                Entry(sink: sink, forwarder: SinkForwarder(sink, directory: directory, delivery: delivery)))
        }
    }

    /// `nil` where the node lacks what the sink needs, and the policy is not taken for that.
    private func delivery(of sink: AuditSink) -> (any SinkDelivery)? {
        switch sink.target {
        case .file(let path): FileDelivery(path: path)
        case .standardOutput: StandardOutputDelivery()
        case .syslogTLS(let host, let port):
            settings.receiver(host: host, port: port).map {
                let engine = started
                return SyslogDelivery($0, on: engine.group.next(), engine.threads)
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
