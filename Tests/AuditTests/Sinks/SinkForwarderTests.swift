// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import Synchronization
import Testing

@testable import Audit

@Suite("Sinks")
final class SinkForwarderTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "sinks-\(UUID().uuidString)").path
    private let copies = FileManager.default.temporaryDirectory.appending(path: "copies-\(UUID().uuidString)").path

    deinit {
        for path in [directory, directory + ".key", directory + ".pseudonyms", copies, copies + ".1"] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// A receiver that can be down, and can take lines and then fail.
    private final class Receiver: Sendable {
        struct State {
            var lines: [String] = []
            var isDown = false
            /// Takes what it gets, and says that it did not.
            var forgets = false
        }
        let state = Mutex(State())

        var numbers: [UInt64] {
            state.withLock { $0.lines.compactMap { RecordNumber.of(Array($0.utf8).span) ?? Self.number($0) } }
        }

        private static func number(_ line: String) -> UInt64? {
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (object?["seq"] as? Int).map { UInt64($0) }
        }
    }

    private struct Delivery: SinkDelivery {
        let receiver: Receiver
        func deliver(_ lines: [UInt8]) throws(SinkFault) {
            let fails = receiver.state.withLock { state in
                if state.isDown { return true }
                state.lines += lines.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
                return state.forgets
            }
            if fails { throw SinkFault("nobody is there") }
        }
    }

    private func log() throws -> AuditLog {
        try AuditLog.open(AuditConfiguration(directory: directory, node: "gw-1"), build: "1", policy: nil)
    }

    private func write(_ count: Int, to log: AuditLog) async throws {
        for _ in 0..<count { _ = try await log.record(EncodingTests.full("plain")) }
    }

    private func forwarder(_ receiver: Receiver, spool: Int = AuditSink.defaultSpool) throws -> SinkForwarder {
        try SinkForwarder(
            AuditSink(target: .standardOutput, format: .json, spool: spool), directory: directory,
            delivery: Delivery(receiver: receiver))
    }

    @Test("a sink gets every record once, in order, also after a stop, and goes on where it was")
    func order() async throws {
        let receiver = Receiver()
        let log = try log()
        try await write(300, to: log)
        var first = try forwarder(receiver)
        #expect(first.turn(now: 0).isEmpty)
        #expect(receiver.numbers == Array(1...301))
        try await write(20, to: log)
        var second = try forwarder(receiver)
        #expect(second.turn(now: 0).isEmpty)
        log.close(reason: "test")
        #expect(second.turn(now: 1).isEmpty)
        #expect(receiver.numbers == Array(1...322))
        #expect(second.status.delivered == 322)
    }

    @Test("AC-94 records that are written while a sink is down are written all the same, and follow when it is back")
    func comesBack() async throws {
        let receiver = Receiver()
        let log = try log()
        var forwarder = try forwarder(receiver)
        // The control: up, it gets them at once.
        #expect(forwarder.turn(now: 0).isEmpty)
        #expect(receiver.numbers == [1])
        receiver.state.withLock { $0.isDown = true }
        var now: Int64 = 0
        var kinds: [SinkNotice.Kind] = []
        for _ in 0..<5 {
            try await write(40, to: log)
            now += 10_000
            kinds += forwarder.turn(now: now).map(\.kind)
        }
        #expect(log.status.isAvailable && log.status.lastSequence == 201)
        #expect(kinds == [.down(cause: "nobody is there")])
        #expect(!forwarder.status.isUp && forwarder.status.delivered == 1)
        receiver.state.withLock { $0.isDown = false }
        let back = forwarder.turn(now: now + 1_000_000).map(\.kind)
        guard case .up(let attempts)? = back.first, back.count == 1 else { throw TestFault() }
        #expect(attempts >= 4)
        #expect(receiver.numbers == Array(1...201))
        log.close(reason: "test")
    }

    struct TestFault: Error {}

    @Test("AC-94 between attempts a sink that is down is left alone, for longer each time")
    func backoff() async throws {
        let receiver = Receiver()
        let log = try log()
        receiver.state.withLock { $0.forgets = true }
        var forwarder = try forwarder(receiver)
        for now in stride(from: Int64(0), to: 600_000, by: 100) { _ = forwarder.turn(now: now, newest: 1) }
        log.close(reason: "test")
        let attempts = receiver.numbers.count
        #expect((12...18).contains(attempts), "\(attempts)")
    }

    @Test("AC-94 a stop between handing over and noting it makes duplicates, which are counted, and loses nothing")
    func duplicates() async throws {
        let receiver = Receiver()
        let log = try log()
        try await write(99, to: log)
        receiver.state.withLock { $0.forgets = true }
        var killed = try forwarder(receiver)
        #expect(killed.turn(now: 0).count == 1)
        receiver.state.withLock { $0.forgets = false }
        var next = try forwarder(receiver)
        #expect(next.turn(now: 0).isEmpty)
        log.close(reason: "test")
        #expect(Set(receiver.numbers) == Set(1...100))
        #expect(receiver.numbers.count - 100 == 100)
    }

    @Test(
        "AC-94 what is more than the spool is lost by name and only after that is on record; within the spool nothing is"
    )
    func spool() async throws {
        let receiver = Receiver()
        receiver.state.withLock { $0.isDown = true }
        let log = try log()
        var small = try forwarder(receiver, spool: 1 << 16)
        try await write(20, to: log)
        #expect(small.turn(now: 0).map(\.kind) == [.down(cause: "nobody is there")])
        try await write(200, to: log)
        let notices = small.turn(now: 1)
        guard case .lost(1, let last)? = notices.first?.kind, notices.count == 1 else { throw TestFault() }
        #expect(last > 20 && last < 221)
        // Not on record: nothing is passed over, and nothing is handed over either.
        receiver.state.withLock { $0.isDown = false }
        #expect(small.turn(now: 1_000_000).isEmpty && receiver.numbers.isEmpty)
        _ = try await log.record(.sink(try #require(notices.first)))
        small.passOverLost()
        #expect(small.turn(now: 2_000_000).count == 1)
        #expect(receiver.numbers == Array(last + 1...222))
        log.close(reason: "test")
        // The control: the same records, and a spool that holds them.
        let patient = Receiver()
        patient.state.withLock { $0.isDown = true }
        try FileManager.default.removeItem(atPath: directory + "/" + positionFile())
        var large = try forwarder(patient)
        #expect(large.turn(now: 0).map(\.kind) == [.down(cause: "nobody is there")])
        patient.state.withLock { $0.isDown = false }
        _ = large.turn(now: 1_000_000)
        #expect(patient.numbers == Array(1...223))
    }

    private func positionFile() throws -> String {
        try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first { $0.hasPrefix("sink.") })
    }

    @Test("a damaged position means that records come twice, not that they are missing")
    func damaged() async throws {
        let receiver = Receiver()
        let log = try log()
        var first = try forwarder(receiver)
        _ = first.turn(now: 0)
        try Data("entente sink 1\nstdout\n99999x\n".utf8).write(
            to: URL(filePath: directory + "/" + positionFile()))
        var second = try forwarder(receiver)
        _ = second.turn(now: 0)
        log.close(reason: "test")
        #expect(receiver.numbers == [1, 1])
    }

    @Test("a file that was moved away is followed by a new one, and half a line stays a line of its own")
    func rotation() throws {
        var delivery = FileDelivery(path: copies)
        try delivery.deliver(Array("one\n".utf8))
        try FileManager.default.moveItem(atPath: copies, toPath: copies + ".1")
        try delivery.deliver(Array("two\n".utf8))
        #expect(try String(contentsOfFile: copies + ".1", encoding: .utf8) == "one\n")
        try Data("two\nhal".utf8).write(to: URL(filePath: copies))
        var restarted = FileDelivery(path: copies)
        try restarted.deliver(Array("half\n".utf8))
        #expect(try String(contentsOfFile: copies, encoding: .utf8) == "two\nhal\nhalf\n")
    }

    @Test("what is no regular file takes nothing")
    func noFile() throws {
        try FileManager.default.createDirectory(atPath: copies, withIntermediateDirectories: false)
        var delivery = FileDelivery(path: copies)
        #expect(throws: SinkFault.self) { try delivery.deliver(Array("x\n".utf8)) }
        try FileManager.default.removeItem(atPath: copies)
        try FileManager.default.createSymbolicLink(atPath: copies, withDestinationPath: "/tmp")
        #expect(throws: SinkFault.self) { try delivery.deliver(Array("x\n".utf8)) }
    }

    @Test("notices of sinks are canonical JSON")
    func notices() throws {
        var encoder = RecordEncoder(node: "gw-1")
        for kind in [SinkNotice.Kind.down(cause: "a\nb"), .up(attempts: 3), .lost(first: 1, last: 9)] {
            encoder.encode(.sink(SinkNotice(kind, name: "file /a", format: "json")), at: 1)
            let record = encoder.complete(sequence: 5)
            let keys = try #require(try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any]).keys
                .sorted()
            let text = String(decoding: record, as: UTF8.self)
            let places = keys.compactMap { text.range(of: "\"\($0)\":")?.lowerBound }
            #expect(places == places.sorted() && places.count == keys.count)
            #expect(AuditSink.Format.ecs.copy(of: record) != nil)
        }
    }
}
