// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Synchronization
import TestKit
import Testing

@testable import Gateway

@Suite("Accounts of limited servers")
struct OriginLimitsTests {
    private static let second: Int64 = 1_000_000_000

    private static func limits(_ text: String) throws -> TierLimits {
        let policy = try LimitPolicy.compiled(text)
        return try #require(policy.limits(of: try LimitPolicy.peer(policy)))
    }

    @Test("AC-105 names that nobody lists get bounded room, push nobody out, and cannot be rid of what they used")
    func madeUpNames() throws {
        let ledger = OriginLimits()
        let limits = try Self.limits("requests: 1/d")
        func account(_ name: String, isListed: Bool = false, now: Int64 = 1) throws -> OriginAccount {
            ledger.account(of: try ServerName(name), tier: "eu", now: now) { isListed }
        }
        let listed = try account("listed.example", isListed: true)
        #expect(listed.enter(limits, bytes: 0, isHistory: false, now: 1) == nil)
        listed.leave()
        let first = try account("first.land.example.de")
        for number in 0..<(OriginLimits.maxOthers + 2000) {
            let account = try account("n\(number).land.example.de")
            if account.enter(limits, bytes: 0, isHistory: false, now: 1) == nil { account.leave() }
        }
        _ = first.enter(limits, bytes: 0, isHistory: false, now: 1)
        #expect(ledger.count <= OriginLimits.maxOthers + 2)
        // Whoever used his own up still has; the listed server keeps its own; new listed ones get one.
        #expect(try account("n0.land.example.de").enter(limits, bytes: 0, isHistory: false, now: 1) != nil)
        #expect(try account("listed.example", isListed: true) === listed)
        let another = try account("another.example", isListed: true)
        #expect(another.enter(limits, bytes: 0, isHistory: false, now: 1) == nil)
        // Those beyond the number share one account, so more names are no more requests.
        let late = try account("late.land.example.de")
        #expect(try account("later.land.example.de") === late)
        #expect(late.enter(limits, bytes: 0, isHistory: false, now: 1) != nil)
        // What says nothing any more makes room.
        let days = 3 * 86_400 * Self.second
        let fresh = try account("late.land.example.de", now: days)
        #expect(fresh !== late && ledger.count < 16)
        #expect(fresh.enter(limits, bytes: 0, isHistory: false, now: days) == nil)
    }

    @Test("AC-105 requests under way are counted to their end, and bytes as they come")
    func concurrency() throws {
        let account = OriginAccount()
        let limits = try Self.limits("concurrent: 2, bytes_in: 1KiB/s, bytes_out: 4KiB/s")
        #expect(account.enter(limits, bytes: 0, isHistory: false, now: 1) == nil)
        #expect(account.enter(limits, bytes: 0, isHistory: false, now: 1) == nil)
        let excess = try #require(account.enter(limits, bytes: 0, isHistory: false, now: 1))
        #expect(excess.reason == .limitOrigin && excess.rule?.id == "tiers.eu.limits.concurrent")
        account.leave()
        #expect(account.enter(limits, bytes: 1024, isHistory: false, now: 1) == nil)
        account.leave()
        let bytes = try #require(account.enter(limits, bytes: 1, isHistory: false, now: 1))
        #expect(bytes.rule?.id == "tiers.eu.limits.bytes_in" && bytes.nanoseconds == 1)
        account.answered(8192, limits, now: 1)
        let later = try #require(account.enter(limits, bytes: 1, isHistory: false, now: Self.second))
        #expect(later.rule?.id == "tiers.eu.limits.bytes_out")
        #expect(account.enter(limits, bytes: 1, isHistory: false, now: 3 * Self.second) == nil)
        account.leave()
        account.leave()
        #expect(!account.isIdle(now: Self.second) && account.isIdle(now: 60 * Self.second))
    }

    @Test("an account has a place for each limit that a policy can name")
    func places() {
        #expect(Set(LimitName.allCases.map(\.index)) == Set(0..<8))
    }

    @Test("history is never refused; its server's other requests pay for it, and for no more than one allowance of it")
    func history() throws {
        let account = OriginAccount()
        let limits = try Self.limits("requests: 10/s, concurrent: 1")
        for _ in 0..<1000 { #expect(account.enter(limits, bytes: 0, isHistory: true, now: 1) == nil) }
        #expect(account.enter(limits, bytes: 0, isHistory: false, now: 1) != nil)
        for _ in 0..<1000 { account.leave() }
        #expect(account.enter(limits, bytes: 0, isHistory: false, now: Self.second) != nil)
        #expect(account.enter(limits, bytes: 0, isHistory: false, now: Self.second * 2) == nil)
    }

    @Test("AC-105 many threads together get no more than the allowance, and another server all of its own")
    func threads() async throws {
        let ledger = OriginLimits()
        let limits = try Self.limits("requests: 100/s")
        let (flood, other) = (try ServerName("flood.example"), try ServerName("other.example"))
        let passed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var passed = 0
                    for _ in 0..<500 {
                        let account = ledger.account(of: flood, tier: "eu", now: 1) { true }
                        if account.enter(limits, bytes: 0, isHistory: false, now: 1) == nil {
                            passed += 1
                            account.leave()
                        }
                    }
                    return passed
                }
            }
            return await group.reduce(0, +)
        }
        #expect(passed == 100)
        let account = ledger.account(of: other, tier: "eu", now: 1) { true }
        for _ in 0..<100 { #expect(account.enter(limits, bytes: 0, isHistory: false, now: 1) == nil) }
    }
}
