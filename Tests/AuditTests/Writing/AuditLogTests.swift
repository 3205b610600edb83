// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import Synchronization
import Testing

@testable import Audit

@Suite("The audit log and its permits")
final class AuditLogTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)").path

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: directory + ".key")
        try? FileManager.default.removeItem(atPath: directory + ".pseudonyms")
    }

    private func configuration() -> AuditConfiguration {
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.retryMicroseconds = 1000
        configuration.submitRetryMicroseconds = 0
        configuration.emergencyBytes = 4096
        return configuration
    }

    private func log(on disk: FaultyDisk, _ change: (inout AuditConfiguration) -> Void = { _ in }) throws -> AuditLog {
        var configuration = configuration()
        change(&configuration)
        return try AuditLog.start(
            configuration, try Samples.open(disk), ReferenceKey(salt: [1]), 0, "0.1.0", nil)
    }

    private func kinds(_ records: [LogReader.Entry]) throws -> [String] {
        try records.map { entry in
            let object = try JSONSerialization.jsonObject(with: Data(entry.record)) as? [String: Any]
            return try #require(object?["kind"] as? String)
        }
    }

    @Test("only an allowing or partial record yields a permit, each exactly one")
    func permits() throws {
        let disk = FaultyDisk()
        let log = try log(on: disk)
        let desk = TestDesk(log)
        for decision in AuditRecord.Decision.allCases { try desk.submit(decision) }
        #expect(desk.settle())
        #expect(desk.outcomes == [.permitted(2), .permitted(3), .recorded(4), .recorded(5), .recorded(6)])
        log.close(reason: "test")
        let records = try Samples.read(disk).records
        #expect(try kinds(records) == ["log.start"] + Array(repeating: "request", count: 5) + ["log.stop"])
    }

    @Test("many threads: each record is stored once, each permit has its own number, wakes are fewer than records")
    func concurrency() throws {
        let configuration = configuration()
        let log = try AuditLog.open(configuration, build: "0.1.0", policy: nil)
        let all = Mutex<[TestDesk.Outcome]>([])
        let wakes = Mutex(0)
        let (threads, rounds, each) = (6, 20, 50)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            let desk = TestDesk(log)
            for _ in 0..<rounds {
                for index in 0..<each {
                    do throws(AuditError) {
                        try desk.submit(index % 3 == 0 ? .refuse : .allow)
                    } catch {
                        Issue.record(error)
                    }
                }
                #expect(desk.settle())
            }
            all.withLock { $0 += desk.outcomes }
            wakes.withLock { $0 += desk.wakes }
        }
        log.close(reason: "test")
        let outcomes = all.withLock { $0 }
        var permitted: [UInt64] = []
        var recorded: [UInt64] = []
        for outcome in outcomes {
            switch outcome {
            case .permitted(let sequence): permitted.append(sequence)
            case .recorded(let sequence): recorded.append(sequence)
            case .failed(let error): Issue.record(error)
            }
        }
        #expect(recorded.count == threads * rounds * 17)
        #expect((permitted + recorded).sorted() == Array(2...UInt64(threads * rounds * each + 1)))
        #expect(wakes.withLock { $0 } <= threads * rounds * each / 2)
        let (records, torn) = try Samples.read(LogDirectory(directory))
        #expect(records.count == threads * rounds * each + 2)
        #expect(torn == 0)
        for entry in records {
            let isAllow = String(decoding: entry.record, as: UTF8.self).contains(#""decision":"allow""#)
            let isRefuse = String(decoding: entry.record, as: UTF8.self).contains(#""decision":"refuse""#)
            if isAllow { #expect(permitted.contains(entry.sequence)) }
            if isRefuse { #expect(recorded.contains(entry.sequence)) }
        }
        #expect(log.status.records == UInt64(records.count))
    }

    @Test("AC-93 while the disk fails nobody gets a permit, and the log recovers by itself and says what happened")
    func failsClosed() async throws {
        let disk = FaultyDisk()
        let log = try log(on: disk)
        let desk = TestDesk(log)
        try desk.submit(.allow)
        #expect(desk.settle())
        #expect(desk.outcomes == [.permitted(2)])

        disk.change { $0.isBroken = true }
        try desk.submit(.allow)
        #expect(desk.settle())
        let full = AuditError.unavailable(.disk(DiskFailure(.write, file: "test", code: 28)))
        #expect(desk.outcomes.last == .failed(full))
        #expect(!log.status.isAvailable)
        #expect(throws: AuditError.self) { try desk.submit(.allow) }
        #expect(full.description.contains("disk full; every request gets 503; free space"))
        while disk.emergency.isEmpty { await Task.yield() }
        let emergency = try #require(disk.emergency.first)
        #expect(String(decoding: emergency, as: UTF8.self).contains(#""kind":"audit.unavailable""#))

        disk.change { $0.isBroken = false }
        while !log.status.isAvailable { await Task.yield() }
        try desk.submit(.allow)
        #expect(desk.settle())
        #expect(desk.outcomes.last == .permitted(5))
        log.close(reason: "test")
        let records = try Samples.read(disk).records
        let expected = [
            "log.start", "request", "audit.unavailable", "audit.recovered", "request", "log.stop",
        ]
        #expect(try kinds(records) == expected)
        let recovered = try #require(try JSONSerialization.jsonObject(with: Data(records[3].record)) as? [String: Any])
        #expect(recovered["refused"] as? Int ?? 0 >= 2)
    }

    @Test("AC-93 a write or sync that fails at random never yields a permit without its record", arguments: 1...20)
    func randomFaults(round: Int) throws {
        let disk = FaultyDisk()
        let log = try log(on: disk)
        let seed = UInt64(round)
        var state = seed
        disk.change { disk in
            for _ in 0..<10 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let harms = FaultyDisk.Harm.allCases
                disk.failing[disk.operations + 1 + Int(state >> 33) % 60] = harms[Int(state >> 20) % harms.count]
            }
        }
        let desk = TestDesk(log)
        var permits = 0
        var turns = 0
        while permits < 40, turns < 10_000_000 {
            turns += 1
            guard (try? desk.submit(.allow)) != nil else { continue }
            #expect(desk.settle())
            if case .permitted = desk.outcomes.last { permits += 1 }
        }
        disk.change { $0.failing = [:] }
        log.close(reason: "test")
        let stored = try Samples.read(disk).records.filter {
            String(decoding: $0.record, as: UTF8.self).contains(#""kind":"request""#)
        }
        let permitted = desk.outcomes.compactMap { outcome in
            if case .permitted(let sequence) = outcome { sequence } else { nil as UInt64? }
        }
        #expect(stored.map(\.sequence) == permitted, "seed \(seed)")
        #expect(permitted.count >= 40)
    }

    @Test("AC-113 a writer that stands still lets nothing pass, and a full queue refuses at once")
    func stalledWriter() throws {
        let store = StallingStore()
        var configuration = configuration()
        configuration.queueRecords = 8
        let log = try AuditLog.start(configuration, store, ReferenceKey(salt: [1]), 0, "0.1.0", nil)
        let desk = TestDesk(log)
        store.stall()
        try desk.submit(.allow)
        store.untilStalled()
        for _ in 0..<8 { try desk.submit(.allow) }
        #expect(throws: AuditError.full) { try desk.submit(.allow) }
        #expect(desk.outcomes.isEmpty)
        store.go()
        #expect(desk.settle())
        #expect(desk.outcomes.count == 9)
        log.close(reason: "test")
    }

    @Test("what is submitted in one turn is stored together, once the turn ends")
    func turn() throws {
        let disk = FaultyDisk()
        let log = try log(on: disk)
        let desk = TestDesk(log)
        for _ in 0..<5 { desk.hold(.allow) }
        #expect(log.status.records == 1, "the start record")
        desk.flush()
        #expect(desk.settle())
        #expect(desk.outcomes == (2...6).map { .permitted($0) })
        #expect(log.status.batches == 2)
        log.close(reason: "test")
    }

    @Test("AC-88 records that nobody waits for are stored with others, in order, and soon")
    func late() throws {
        let log = try log(on: FaultyDisk()) { configuration in
            configuration.lateMicroseconds = 200_000
            configuration.lateRecords = 50
        }
        let desk = TestDesk(log)
        for _ in 0..<60 { try desk.submitLate() }
        #expect(desk.settle())
        #expect(log.status.batches <= 4, "the start record and two or three syncs")
        for _ in 0..<3 { try desk.submitLate() }
        try desk.submit(.allow)
        #expect(desk.settle())
        #expect(desk.outcomes.last == .permitted(65), "whoever is waited for takes them along")
        #expect(desk.outcomes.dropLast() == ArraySlice((2...64).map { .recorded($0) }))
        log.close(reason: "test")
    }

    @Test("AC-88 records that nobody waits for fill half of the queue, never all of it")
    func lateAndFull() throws {
        let store = StallingStore()
        var configuration = configuration()
        configuration.queueRecords = 8
        let log = try AuditLog.start(configuration, store, ReferenceKey(salt: [1]), 0, "0.1.0", nil)
        let desk = TestDesk(log)
        store.stall()
        try desk.submit(.allow)
        store.untilStalled()
        for _ in 0..<4 { try desk.submitLate() }
        #expect(throws: AuditError.full) { try desk.submitLate() }
        #expect(log.status.refused == 1, "turned away, and counted")
        for _ in 0..<4 { try desk.submit(.allow) }
        store.go()
        #expect(desk.settle())
        #expect(desk.outcomes.count == 9)
        log.close(reason: "test")
    }

    @Test("a closed log takes nothing more")
    func closed() async throws {
        let disk = FaultyDisk()
        let log = try log(on: disk)
        _ = try await log.record(.policyRejected(file: "p.yaml", error: "no"))
        log.close(reason: "test")
        log.close(reason: "again")
        let desk = TestDesk(log)
        #expect(throws: AuditError.closed) { try desk.submit(.allow) }
        await #expect(throws: AuditError.closed) { try await log.record(.stop(reason: "late")) }
        #expect(try kinds(Samples.read(disk).records) == ["log.start", "policy.rejected", "log.stop"])
    }
}

/// A store that waits in `append` when told, as a disk does that hangs.
final class StallingStore: RecordStore, @unchecked Sendable {
    private let isStalling = Mutex(false)
    private let reached = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: 0)
    private let next = Mutex<UInt64>(1)

    var nextSequence: UInt64 { next.withLock { $0 } }

    func stall() { isStalling.withLock { $0 = true } }
    func untilStalled() { reached.wait() }
    func go() {
        isStalling.withLock { $0 = false }
        free.signal()
    }

    func append(_ batch: borrowing RecordBatch) throws(StoreFailure) {
        if isStalling.withLock({ $0 }) {
            reached.signal()
            free.wait()
        }
        let count = UInt64(batch.entries.count)
        next.withLock { $0 += count }
    }

    func prepare() {}
    func recover() throws(StoreFailure) {}
    func noteUnavailable(_ record: [UInt8]) {}
    func close() {}
}
