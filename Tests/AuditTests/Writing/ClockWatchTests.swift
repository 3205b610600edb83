// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import Testing

@testable import Audit

@Suite("Signs of life, and clocks that jump")
struct ClockWatchTests {
    private func kinds(_ notices: [AuditNotice]) -> [String] {
        notices.map { notice in
            switch notice {
            case .heartbeat(let refused): "beat \(refused)"
            case .clockStep(let microseconds): "step \(microseconds)"
            default: "other"
            }
        }
    }

    @Test("AC-113 a sign of life comes once in each interval, whatever else happens")
    func heartbeat() {
        var watch = ClockWatch(interval: 60_000_000, time: 1_000, monotonic: 0)
        var beats: [Int64] = []
        for second in 1...300 {
            let now = Int64(second) * 1_000_000
            if !watch.look(time: now + 1_000, monotonic: now, refused: 0).isEmpty { beats.append(now / 1_000_000) }
        }
        #expect(beats == [60, 120, 180, 240, 300])
    }

    @Test("AC-95 a clock that was set leaves a record, one that is slewed or a machine that was slow none")
    func steps() {
        var watch = ClockWatch(interval: .max, time: 0, monotonic: 0)
        #expect(kinds(watch.look(time: 500_000, monotonic: 500_000, refused: 0)).isEmpty)
        #expect(kinds(watch.look(time: 61_500_000, monotonic: 1_500_000, refused: 0)) == ["step 60000000"])
        #expect(kinds(watch.look(time: 62_000_000, monotonic: 2_000_000, refused: 0)).isEmpty)
        #expect(kinds(watch.look(time: 2_000_000, monotonic: 2_000_000, refused: 0)) == ["step -60000000"])
        #expect(kinds(watch.look(time: 32_001_000, monotonic: 32_000_000, refused: 0)).isEmpty)
        #expect(kinds(watch.look(time: .max, monotonic: 32_000_001, refused: 0)).count == 1)
        #expect(kinds(watch.look(time: .min, monotonic: 32_000_002, refused: 0)).count <= 1)
    }

    @Test("AC-95, AC-114 the start says which program runs, and the log goes on with signs of life")
    func records() async throws {
        let disk = FaultyDisk()
        var configuration = AuditConfiguration(directory: "", node: "gw-1")
        configuration.heartbeatMicroseconds = 0
        let log = try AuditLog.start(
            configuration, Samples.open(disk), ReferenceKey(salt: [1]), 0, "0.1.0", nil, TreeHasher.empty)
        for _ in 0..<3 { _ = try await log.record(.policyRejected(file: "p", error: "no")) }
        log.close(reason: "test")
        let records = try Samples.read(disk).records.map { String(decoding: $0.record, as: UTF8.self) }
        let first = try #require(records.first)
        #expect(first.hasPrefix("{\"binary_sha256\":\"\(TreeHasher.empty.hex)\",\"build\":\"0.1.0\","))
        #expect(records.contains { $0.contains(#""kind":"log.heartbeat""#) && $0.contains(#""refused":0"#) })
    }
}
