// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Asking a log again, against asking each request")
struct ReplayPropertyTests {
    private static let seeds = (0..<16).map { UInt64(1_000 + $0) }

    /// Requests of eight months, in which reviews become overdue and exceptions end.
    private func log(_ policy: Policy, _ count: Int, using dice: inout Dice) throws -> [(
        RecordedWorld.Request, Timestamp, [UInt8]
    )] {
        var time = Timestamp(milliseconds: 1_767_225_600_000)
        return try (1...count).map { sequence in
            time = time.advanced(byMilliseconds: Int64.random(in: 0..<140_000_000, using: &dice))
            let request = try RecordedWorld.request(using: &dice)
            return (request, time, RecordedWorld.bytes(RecordedWorld.record(request, at: time, policy), sequence))
        }
    }

    private func replay(_ log: [[UInt8]], _ policy: Policy) -> ReplayTally {
        var replay = PolicyReplay(of: policy, references: ReferenceKey(salt: RecordedWorld.salt))
        for record in log {
            let isRecord = replay.take(record.span)
            #expect(isRecord)
        }
        return replay.tally
    }

    @Test("nothing changes under the policy that decided", arguments: seeds)
    func same(seed: UInt64) throws {
        var dice = Dice(seed)
        let policy = try RecordedWorld.policy(using: &dice)
        let tally = replay(try log(policy, 200, using: &dice).map(\.2), policy)
        #expect(tally.decisions == 200 && tally.changes.isEmpty && tally.gaps.isEmpty, "seed \(seed)")
        #expect(tally.newlyAllowed == 0 && tally.newlyRefused == 0, "seed \(seed)")
    }

    @Test("under another policy, what changes is what both say otherwise, request by request", arguments: seeds)
    func other(seed: UInt64) throws {
        var dice = Dice(seed)
        let old = try RecordedWorld.policy(using: &dice)
        let new = try RecordedWorld.policy(using: &dice)
        let log = try log(old, 200, using: &dice)
        var (allowed, refused, items) = (0, 0, 0)
        for (request, time, _) in log {
            let before = RecordedWorld.answers(request, at: time, old)
            let after = RecordedWorld.answers(request, at: time, new)
            var changes: [(Bool, Bool)] = [(before.whole, after.whole)]
            if before.whole, after.whole {
                changes += Array(zip(before.authors, after.authors)) + Array(zip(before.edus, after.edus))
            }
            if changes.contains(where: { !$0.0 && $0.1 }) { allowed += 1 }
            if changes.contains(where: { $0.0 && !$0.1 }) { refused += 1 }
            items += changes.count { $0.0 != $0.1 }
        }
        let tally = replay(log.map(\.2), new)
        #expect(tally.newlyAllowed == allowed && tally.newlyRefused == refused, "seed \(seed)")
        #expect(tally.changes.reduce(0) { $0 + $1.items } == items, "seed \(seed)")
        #expect(tally.gaps.isEmpty, "seed \(seed)")
    }

    @Test("without the salt no room is guessed: what the room decides is a gap", arguments: seeds.prefix(10))
    func withoutSalt(seed: UInt64) throws {
        var dice = Dice(seed)
        let policy = try RecordedWorld.policy(using: &dice)
        var replay = PolicyReplay(of: policy)
        for record in try log(policy, 200, using: &dice) {
            let isRecord = replay.take(record.2.span)
            #expect(isRecord)
        }
        #expect(replay.tally.changes.isEmpty, "seed \(seed)")
        #expect(Set(replay.tally.gaps.keys).isSubset(of: [.room]), "seed \(seed)")
    }

    @Test(
        "any bytes instead of a record are refused or counted, and never end the reading", arguments: seeds.prefix(10))
    func mutations(seed: UInt64) throws {
        var dice = Dice(seed)
        let policy = try RecordedWorld.policy(using: &dice)
        var replay = PolicyReplay(of: policy)
        for (_, _, record) in try log(policy, 100, using: &dice) {
            for _ in 0..<20 {
                var bytes = record
                for _ in 0..<Int.random(in: 1..<5, using: &dice) {
                    let index = Int.random(in: 0..<bytes.count, using: &dice)
                    switch Int.random(in: 0..<3, using: &dice) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &dice)
                    case 1: bytes.removeSubrange(index..<min(index + 9, bytes.count))
                    default: bytes.insert(contentsOf: Array(#"","{}[]\"#.utf8), at: index)
                    }
                    if bytes.isEmpty { bytes = [0x7B] }
                }
                _ = replay.take(bytes.span)
            }
        }
    }
}
