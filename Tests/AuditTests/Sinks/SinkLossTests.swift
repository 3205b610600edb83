// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import Synchronization
import Testing

@testable import Audit

/// Sinks without receipts, and what a full spool does.
@Suite("Sinks that confirm late, and spools that are full")
final class SinkLossTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "loss-\(UUID().uuidString)").path

    deinit {
        for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// A receiver that says only now and then what it has, as syslog over TLS does.
    private final class Stream: SinkDelivery, Sendable {
        struct State {
            var got: [UInt64] = []
            /// Of the connection that is open.
            var last: UInt64?
            var isDown = false
            var confirms = false
            var room = Int.max
        }
        let state = Mutex(State())

        func look() throws(SinkFault) -> SinkProgress {
            let (progress, isDown) = state.withLock { state in
                if state.isDown {
                    state.last = nil
                    return (SinkProgress(hasRoom: false), true)
                }
                guard state.confirms, let last = state.last else {
                    return (SinkProgress(hasRoom: state.room > 0), false)
                }
                state.last = nil
                return (SinkProgress(confirmed: last, hasRoom: state.room > 0), false)
            }
            if isDown { throw SinkFault("gone") }
            return progress
        }

        func deliver(_ pieces: [UInt8], upTo last: UInt64) throws(SinkFault) -> SinkProgress {
            state.withLock { state in
                for line in pieces.split(separator: 0x0A) {
                    let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                    state.got.append(UInt64(object?["seq"] as? Int ?? 0))
                }
                state.last = last
                state.room -= 1
            }
            return SinkProgress(hasRoom: state.withLock { $0.room > 0 })
        }

        func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
        var got: [UInt64] { state.withLock { $0.got } }
    }

    private func log() throws -> AuditLog {
        try AuditLog.open(AuditConfiguration(directory: directory, node: "gw-1"), build: "1", policy: nil)
    }

    private func write(_ count: Int, to log: AuditLog) async throws {
        for _ in 0..<count { _ = try await log.record(EncodingTests.full("plain")) }
    }

    private func forwarder(
        _ delivery: any SinkDelivery, spool: Int = AuditSink.defaultSpool, start: AuditSink.Start = .beginning
    ) -> SinkForwarder {
        SinkForwarder(
            AuditSink(target: .standardOutput, format: .json, spool: spool, start: start), directory: directory,
            delivery: delivery)
    }

    @Test("AC-94 records that came after the newest was asked for may be delivered already")
    func ahead() async throws {
        let log = try log()
        let stream = Stream()
        stream.set { $0.confirms = true }
        var forwarder = forwarder(stream)
        try await write(9, to: log)
        for now in 0..<3 { #expect(forwarder.turn(now: Int64(now), newest: 1).isEmpty) }
        #expect(forwarder.status.delivered == 10 && stream.got == Array(1...10))
        log.close(reason: "test")
    }

    @Test("AC-94 what was handed over and not confirmed comes again after the connection is lost; nothing else does")
    func unconfirmed() async throws {
        let log = try log()
        let stream = Stream()
        var forwarder = forwarder(stream)
        try await write(9, to: log)
        stream.set { $0.confirms = true }
        _ = forwarder.turn(now: 0)
        _ = forwarder.turn(now: 1)
        #expect(forwarder.status.delivered == 10)
        stream.set { $0.confirms = false }
        try await write(5, to: log)
        #expect(forwarder.turn(now: 2).isEmpty)
        #expect(forwarder.status.delivered == 10 && stream.got == Array(1...15))
        stream.set { $0.isDown = true }
        #expect(forwarder.turn(now: 3).map(\.kind) == [.down(cause: "gone")])
        stream.set {
            $0.isDown = false
            $0.confirms = true
        }
        // Handed over again, and up only once it is confirmed.
        #expect(forwarder.turn(now: 100_000).count <= 1)
        _ = forwarder.turn(now: 100_001)
        #expect(forwarder.status.isUp && forwarder.status.delivered == 15)
        #expect(stream.got == Array(1...15) + Array(11...15))
        log.close(reason: "test")
        // The control: a restart goes on behind what was confirmed.
        var next = self.forwarder(stream)
        _ = next.turn(now: 0)
        #expect(stream.got.suffix(1) == [16])
    }

    @Test("AC-94 a sink that takes nothing gets no more than it has room for")
    func room() async throws {
        let log = try log()
        try await write(600, to: log)
        log.close(reason: "test")
        let stream = Stream()
        stream.set { $0.room = 1 }
        var forwarder = forwarder(stream)
        for now in 0..<10 { _ = forwarder.turn(now: Int64(now)) }
        #expect(stream.got == Array(1...256) && forwarder.status.delivered == 0)
    }

    @Test(
        "AC-94 with `refuse` a full spool loses nothing: it is said, kept over a restart, and ends when the sink has caught up"
    )
    func full() async throws {
        let log = try log()
        let stream = Stream()
        stream.set { $0.isDown = true }
        var forwarder = forwarder(stream, spool: 1 << 16)
        try await write(200, to: log)
        let first = forwarder.turn(now: 0, onLoss: .refuse)
        #expect(first.map(\.kind) == [.down(cause: "gone"), .full(first: 1, ownGoesOn: false)])
        #expect(forwarder.status.isFull)
        // Said again until it is on record.
        #expect(forwarder.turn(now: 1, onLoss: .refuse).map(\.kind) == [.full(first: 1, ownGoesOn: false)])
        forwarder.recorded(try #require(first.last))
        #expect(forwarder.turn(now: 2, onLoss: .refuse).isEmpty)
        let sink = AuditSink(target: .standardOutput, format: .json)
        #expect(SinkForwarder.isFull(sink, directory: directory))
        #expect(!SinkForwarder.isFull(AuditSink(target: .file("/x"), format: .json), directory: directory))

        var next = self.forwarder(stream, spool: 1 << 16)
        _ = next.turn(now: 0, onLoss: .refuseExceptOwn)
        #expect(next.status.isFull)
        stream.set {
            $0.isDown = false
            $0.confirms = true
        }
        var kinds: [SinkNotice.Kind] = []
        for now in 1...5 {
            for notice in next.turn(now: Int64(now) * 10_000, onLoss: .refuseExceptOwn) {
                kinds.append(notice.kind)
                next.recorded(notice)
            }
        }
        #expect(kinds.contains(.drained) && !next.status.isFull)
        #expect(!kinds.contains { if case .lost = $0 { true } else { false } })
        log.close(reason: "test")
        #expect(Set(stream.got) == Set(1...201))
        #expect(!SinkForwarder.isFull(sink, directory: directory))
    }

    @Test("AC-94 an officer's word, or a policy that lets traffic go on, passes records over and says which")
    func acknowledged() async throws {
        let log = try log()
        let stream = Stream()
        stream.set { $0.isDown = true }
        for isByPolicy in [false, true] {
            var forwarder = forwarder(stream, spool: 1 << 16)
            if !isByPolicy {
                let isEarly = forwarder.acknowledge()
                #expect(!isEarly, "nothing to acknowledge yet")
            }
            try await write(200, to: log)
            for notice in forwarder.turn(now: 0, onLoss: .refuse) { forwarder.recorded(notice) }
            #expect(forwarder.status.isFull)
            if !isByPolicy {
                let isTaken = forwarder.acknowledge()
                #expect(isTaken)
            }
            let said = forwarder.turn(now: 1, onLoss: isByPolicy ? .goOn : .refuse)
            guard case .lost? = said.first?.kind, said.count == 1 else { throw SinkForwarderTests.TestFault() }
            forwarder.recorded(said[0])
            #expect(!forwarder.status.isFull && forwarder.status.delivered > 0)
            // The next full spool is another one.
            try await write(200, to: log)
            _ = forwarder.turn(now: 2, onLoss: .refuse)
            #expect(forwarder.status.isFull)
        }
        log.close(reason: "test")
    }

    @Test("a place that cannot be read makes the sink down instead of silent")
    func place() async throws {
        let log = try log()
        let stream = Stream()
        var first = forwarder(stream)
        stream.set { $0.confirms = true }
        _ = first.turn(now: 0)
        _ = first.turn(now: 1)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        let name = directory + "/" + (try #require(files.first { $0.hasPrefix("sink.") }))
        try FileManager.default.removeItem(atPath: name)
        try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: "/etc/passwd")
        var second = forwarder(stream)
        let said = second.turn(now: 0)
        guard case .down(let cause)? = said.first?.kind, said.count == 1 else { throw SinkForwarderTests.TestFault() }
        #expect(cause.hasPrefix("where the sink is cannot be told"))
        try FileManager.default.removeItem(atPath: name)
        _ = second.turn(now: 100_000)
        #expect(second.turn(now: 100_001).isEmpty && second.status.isUp && second.status.delivered == 1)
        log.close(reason: "test")
    }

    @Test("`from: now` begins with what is recorded from then on, also if the next start comes before the next record")
    func fromNow() async throws {
        let log = try log()
        try await write(9, to: log)
        let stream = Stream()
        var first = forwarder(stream, start: .now)
        #expect(first.turn(now: 0, newest: log.status.lastSequence).isEmpty)
        try await write(1, to: log)
        var second = forwarder(stream, start: .now)
        _ = second.turn(now: 0, newest: log.status.lastSequence)
        #expect(stream.got == [11])
        log.close(reason: "test")
    }

    @Test(
        "AC-89 a frame of syslog has the length that it says, whatever is in the record",
        arguments: AuditSink.Format.allCases)
    func frames(format: AuditSink.Format) throws {
        let sink = AuditSink(target: .syslogTLS(host: "siem.example", port: 6514), format: format)
        var stream: [UInt8] = []
        var copies: [[UInt8]] = []
        for text in EncodingTests.hostile {
            var encoder = RecordEncoder(node: "gw-1")
            encoder.encode(EncodingTests.full(text))
            let record = encoder.complete(sequence: 1)
            stream += try #require(sink.piece(of: record))
            copies.append(try #require(format.copy(of: record)))
        }
        for copy in copies {
            let digits = stream.prefix { $0 != 0x20 }
            let length = try #require(Int(String(decoding: digits, as: UTF8.self)))
            stream.removeFirst(digits.count + 1)
            let message = Array(stream.prefix(length))
            stream.removeFirst(length)
            #expect(message.starts(with: Array("<1".utf8)) && Array(message.suffix(copy.count)) == copy)
            #expect(!message.contains { $0 < 0x20 || $0 == 0x7F })
        }
        #expect(stream.isEmpty)
        #expect(sink.piece(of: Array("{}".utf8)) == nil)
    }
}
