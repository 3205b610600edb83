// SPDX-License-Identifier: Apache-2.0

import Audit
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@testable import Gateway

@Suite("Counting refusals of strangers together")
struct RefusalTableTests {
    private static let policy = SHA256.hash([1])
    private static let reasons: [ReasonCode] = [.originUnknown, .tlsRefused, .authSignatureInvalid]

    private func key(_ reason: ReasonCode = .originUnknown, _ source: UInt32 = 1, _ listed: String? = nil)
        -> RefusalTable.Key
    {
        RefusalTable.Key(
            reason: reason, policy: Self.policy, listed: listed, source: SourcePrefix(AddressBits(v4: source << 8)))
    }

    private func note(
        _ table: inout RefusalTable, _ key: RefusalTable.Key, claimed: String? = nil, at time: Int64 = 0, now: Int64 = 1
    ) -> Bool {
        let moment = AggregatedRecord.Moment(time: time, requestHash: nil)
        return table.note(key, claimed: claimed, moment, now: now) {
            AggregatedRecord(
                count: 0, reason: key.reason, policy: nil, source: key.source?.text, claimed: nil, state: nil,
                tier: nil,
                first: moment, last: moment)
        }
    }

    @Test("AC-88 records and sums together are exactly the refusals, whatever comes, and memory is bounded")
    func exact() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var dice = SeededDice(seed: seed)
        for _ in 0..<40 {
            let keys = Int.random(in: 1...40, using: &dice)
            var table = RefusalTable(
                singleLimit: Int.random(in: 0...5, using: &dice),
                singleLimitInAll: Int.random(in: 0...60, using: &dice),
                keyLimit: keys)
            var now: Int64 = 1
            var expected: [ReasonCode: UInt64] = [:]
            var found: [ReasonCode: UInt64] = [:]
            for step in 0..<2000 {
                let reason = Self.reasons.randomElement(using: &dice) ?? .originUnknown
                let isSingle = note(
                    &table, key(reason, UInt32.random(in: 0...80, using: &dice), Bool.random(using: &dice) ? "a" : nil),
                    claimed: Bool.random(using: &dice) ? "x" : "y", at: Int64(step), now: now)
                expected[reason, default: 0] += 1
                if isSingle { found[reason, default: 0] += 1 }
                if Int.random(in: 0..<50, using: &dice) == 0 {
                    now += Int64.random(in: 1...80_000_000_000, using: &dice)
                }
                guard Int.random(in: 0..<100, using: &dice) == 0 else { continue }
                for (key, sum) in table.take(all: Bool.random(using: &dice), now: now) {
                    // Some cannot be recorded, and come again.
                    if Bool.random(using: &dice) {
                        table.putBack(key, sum)
                    } else {
                        found[key.reason, default: 0] += sum.record.count
                        #expect(sum.record.first.time <= sum.record.last.time, "seed \(seed)")
                    }
                }
            }
            let rest = table.take(all: true, now: now)
            #expect(rest.count <= keys + Self.reasons.count, "seed \(seed)")
            for (key, sum) in rest { found[key.reason, default: 0] += sum.record.count }
            #expect(found == expected, "seed \(seed)")
            #expect(table.take(all: true, now: now).isEmpty, "each sum is given once")
        }
    }

    @Test(
        "AC-88 up to the limit each has a record, beyond it the first and the last are named; the next minute begins anew"
    )
    func limit() throws {
        var table = RefusalTable(singleLimit: 2)
        #expect((0..<5).map { note(&table, key(), claimed: "a", at: $0) } == [true, true, false, false, false])
        #expect(note(&table, key(.tlsRefused)), "another reason has its own")
        #expect(note(&table, key(.originUnknown, 2)), "so has another network")
        #expect(note(&table, key(.originUnknown, 1, "listed.example")), "and a listed server")
        #expect(table.take(all: false, now: RefusalTable.window).isEmpty, "the minute is not over")
        let sum = try #require(table.take(all: false, now: RefusalTable.window + 1).first?.sum)
        #expect(sum.record.count == 3 && sum.record.first.time == 2 && sum.record.last.time == 4)
        #expect(sum.record.source == "0.0.1.0/24" && sum.record.claimed == "a" && sum.isOfOne)
        #expect(note(&table, key(), now: RefusalTable.window + 2))
    }

    @Test(
        "AC-88 made-up names and networks beyond the room share one key for each reason, and no more records of their own"
    )
    func overflow() {
        var table = RefusalTable(singleLimit: 1, singleLimitInAll: 10, keyLimit: 4)
        let singles = (0..<1000).count { note(&table, key(.originUnknown, UInt32($0)), claimed: "n\($0)") }
        #expect(singles == 5, "four networks and what they overflow into")
        let sums = table.take(all: true, now: 1)
        #expect(sums.count == 1 && sums.first?.sum.record.count == 995)
        #expect(sums.first?.sum.record.source == nil && sums.first?.sum.isOfOne == false)
        var many = RefusalTable(singleLimit: 100, singleLimitInAll: 10, keyLimit: 4)
        #expect((0..<1000).count { note(&many, key(.originUnknown, UInt32($0 % 4))) } == 10, "of all networks together")
    }

    @Test("networks are named by what a site has")
    func prefixes() {
        #expect(SourcePrefix(AddressBits(v4: 0xC000_02FF)).text == "192.0.2.0/24")
        #expect(SourcePrefix(AddressBits(v4: 0xC000_0201)) == SourcePrefix(AddressBits(v4: 0xC000_02FF)))
        let address = AddressBits("2001:db8:7:8::9").map(SourcePrefix.init)
        #expect(address?.text == "2001:db8:7::/48")
        #expect(address == AddressBits("2001:db8:7:ffff::1").map(SourcePrefix.init))
        #expect(address != AddressBits("2001:db8:8::1").map(SourcePrefix.init))
    }
}
