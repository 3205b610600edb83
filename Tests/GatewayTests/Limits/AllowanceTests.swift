// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@testable import Gateway

@Suite("Allowances: so much in so long")
struct AllowanceTests {
    private static let second: Int64 = 1_000_000_000

    private static func rate(_ text: String) throws -> Rate {
        let policy = try LimitPolicy.compiled("requests: \(text)")
        return try #require(policy.limits(of: try LimitPolicy.peer(policy))?[.requests]?.rate)
    }

    @Test("AC-105 in no span of time passes more than the rate gives in it and one allowance", arguments: 0..<24)
    func window(seed: UInt64) throws {
        var dice = SeededDice(seed: seed)
        let texts = ["1/s", "50/s", "7/min", "60/min", "200/h", "3/d", "1000000/s"]
        let rate = try Self.rate(texts[Int(dice.next() % UInt64(texts.count))])
        var allowance = Allowance()
        var now: Int64 = Self.second
        var taken: [(at: Int64, amount: Int64)] = []
        for _ in 0..<400 {
            // From standing still to a few periods.
            now += Int64(dice.next() % UInt64(max(rate.period * Self.second / 20, 1)))
            if dice.next() % 50 == 0 { now += rate.period * Self.second * 2 }
            let amount = Int64(dice.next() % UInt64(rate.count + 1)) + 1
            if amount <= rate.count, allowance.take(amount, of: rate, now: now) == nil { taken.append((now, amount)) }
        }
        #expect(!taken.isEmpty)
        for first in taken.indices {
            var sum: Int64 = 0
            for entry in taken[first...] {
                sum += entry.amount
                let span = Double(entry.at - taken[first].at)
                let most = Double(rate.count) * (1 + span / Double(rate.period * Self.second))
                #expect(Double(sum) <= most + 1e-6, "seed \(seed), \(rate), \(span) ns")
            }
        }
    }

    @Test("who waits as long as he is told gets what he asked for, and not before", arguments: 0..<8)
    func waiting(seed: UInt64) throws {
        var dice = SeededDice(seed: seed)
        let rate = try Self.rate("60/min")
        var allowance = Allowance()
        var now: Int64 = 1
        for _ in 0..<300 {
            let amount = Int64(dice.next() % 90) + 1
            guard let wait = allowance.take(amount, of: rate, now: now) else { continue }
            #expect(wait > 0)
            #expect(allowance.take(amount, of: rate, now: now + wait - 1) != nil, "seed \(seed)")
            now += wait
            #expect(allowance.take(amount, of: rate, now: now) == nil, "seed \(seed)")
        }
    }

    @Test("more than a whole allowance passes while nothing is used, and is paid back")
    func oversized() throws {
        let rate = try Self.rate("60/min")
        var allowance = Allowance()
        #expect(allowance.take(1, of: rate, now: 1) == nil)
        #expect(allowance.take(61, of: rate, now: 1) != nil)
        #expect(allowance.take(300, of: rate, now: 1 + Self.second) == nil)
        #expect(allowance.take(1, of: rate, now: 1 + 241 * Self.second) != nil)
        #expect(allowance.take(1, of: rate, now: 1 + 242 * Self.second) == nil)
    }

    @Test("sizes that no number holds neither trap nor pass for nothing")
    func extremes() throws {
        let rate = try Self.rate("1/d")
        var allowance = Allowance()
        #expect(allowance.take(.max, of: rate, now: .max / 4) == nil)
        #expect(allowance.take(1, of: rate, now: .max / 4) != nil)
        allowance.owe(.max, of: rate, now: .max / 4)
        allowance.owe(.max, of: rate, now: .max / 4)
        #expect(allowance.wait(of: rate, now: .max / 4) != nil && !allowance.isIdle(now: .max / 4))
    }

    @Test("another rate takes over what was used, and at most one allowance of it")
    func changing() throws {
        let (daily, fast) = (try Self.rate("3/d"), try Self.rate("50/s"))
        var allowance = Allowance()
        for _ in 0..<3 { #expect(allowance.take(1, of: daily, now: 1) == nil) }
        #expect(allowance.take(1, of: fast, now: 1) != nil, "a reload gives nothing back")
        #expect(allowance.take(1, of: fast, now: 1 + Self.second / 50) == nil, "and does not shut out for a day")
    }
}

/// A policy whose tier limits something.
enum LimitPolicy {
    static let name = "hs.example.de"

    /// - Parameter limits: what stands in `limits: { … }`.
    static func compiled(_ limits: String, more: String = "") throws -> Policy {
        try Policy.compile(
            Array(
                """
                entente: 1
                policy: { id: limits, serial: 1 }
                self: { state: FR, servers: [hs.example.fr] }
                tiers:
                  own: { may: [send] }
                  eu: { may: [send], limits: { \(limits) } }
                assign: { DE: eu }
                servers:
                  - { name: \(name), state: DE }
                  - { name: "*.land.example.de", state: DE }
                \(more)
                """.utf8), fileName: "policy.yaml")
    }

    struct NotAdmitted: Error {}

    static func peer(_ policy: Policy, _ name: String = name) throws -> Peer {
        guard case .admitted(let peer) = policy.admit(try ServerName(name)) else { throw NotAdmitted() }
        return peer
    }
}
