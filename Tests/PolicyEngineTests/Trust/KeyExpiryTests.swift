// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Pinned keys that are overdue, and warnings before dates")
struct KeyExpiryTests {
    private func fixture(_ more: String = "", review: String = "") -> TrustFixture {
        TrustFixture(
            tier: "    downgrade_to: eea",
            server: "    keys: { \"ed25519:a\": \"\(VerdictTests.key)\", not_after: 2027-01-31\(more) }\n\(review)")
    }

    private func isValid(_ policy: Policy, _ day: String) throws -> Bool {
        let pins = try #require(policy.pinnedKeys(of: try ServerName("bund.example.de")))
        let pin = try #require(pins.values.first)
        return pin.isValid(at: try TrustFixture.instant("\(day)T00:00:00Z"))
    }

    @Test(
        "past `not_after` they count no more, or with a mark, or in a lower tier",
        arguments: ["", ", on_overdue: refuse", ", on_overdue: alert", ", on_overdue: downgrade"])
    func overdue(more: String) throws {
        for day in [nil, "2027-01-31"] {
            let before = try fixture(more).policy(on: day)
            #expect(try before.inbound("bund.example.de", .invite).isAllowed)
            #expect(try before.peer("bund.example.de").alert == nil && isValid(before, "2027-01-31"))
        }
        let after = try fixture(more).policy(on: "2027-02-01")
        let peer = try after.peer("bund.example.de")
        let counts = more.hasSuffix("alert") || more.hasSuffix("downgrade")
        #expect(try isValid(after, "2027-02-01") == counts)
        #expect(peer.alert == (counts ? .keysOverdue : nil))
        #expect(peer.tier.name == (more.hasSuffix("downgrade") ? "eea" : "eu"))
        let before = try fixture(more).policy(on: "2027-01-01")
        #expect(before.nextChange == (try TrustFixture.instant("2027-02-01T00:00:00Z")))
    }

    @Test("an alert for the review and a downgrade for the keys: both count, and no server is put down twice")
    func both() throws {
        let review = "    review_by: 2027-01-31\n    on_overdue: "
        for (overdue, tier) in [("alert", "eea"), ("downgrade", "eea")] {
            let policy = try fixture(", on_overdue: downgrade", review: review + overdue).policy(on: "2027-02-01")
            #expect(try policy.peer("bund.example.de").tier.name == tier)
        }
        let refused = try fixture(", on_overdue: alert", review: review + "refuse").policy(on: "2027-02-01")
        #expect(try refused.refusal("bund.example.de") == .reviewOverdue)
    }

    @Test("a difference calls `alert` instead of `refuse` loosened")
    func difference() throws {
        let (refuse, alert) = (try fixture().policy(), try fixture(", on_overdue: alert").policy())
        #expect(refuse.contentHash != alert.contentHash)
        let loosened = try PolicyDiff(from: refuse, to: alert)
        #expect(loosened.isLoosened && !loosened.isTightened)
        let tightened = try PolicyDiff(from: alert, to: refuse)
        #expect(tightened.isTightened && !tightened.isLoosened)
        #expect(try fixture(", on_overdue: refuse").policy().contentHash == refuse.contentHash)
    }

    @Test("AC-101 reviews, keys and exceptions are named 30, 7 and 1 days before, each once")
    func alarms() throws {
        var fixture = fixture(review: "    review_by: 2027-02-03\n    on_overdue: alert")
        fixture.top = """
            exceptions:
              - { id: exc-1, between: [FR, "NO"], allow: [invite], until: 2027-01-31, reason: r, approved_by: [a] }
            """
        var alarm = ExpiryAlarm(try fixture.policy(on: "2026-12-01"))
        func due(_ now: String) throws -> [Int: [String]] {
            let near = alarm.approaching(at: try TrustFixture.instant(now))
            return Dictionary(near.map { ($0.days, $0.rules) }, uniquingKeysWith: { first, _ in first })
        }
        let (keys, review) = ("servers.bund.example.de.keys.not_after", "servers.bund.example.de.review_by")
        #expect(try due("2026-12-01T00:00:00Z").isEmpty)
        #expect(try due("2027-01-02T00:00:00Z") == [30: ["exceptions.exc-1.until", keys]])
        #expect(try due("2027-01-02T00:00:01Z").isEmpty)
        #expect(try due("2027-01-05T00:00:00Z") == [30: [review]])
        #expect(try due("2027-01-25T00:00:00Z") == [7: ["exceptions.exc-1.until", keys]])
        #expect(try due("2027-01-20T00:00:00Z").isEmpty, "a clock that is set back repeats nothing")
        #expect(try due("2027-01-31T12:00:00Z") == [1: ["exceptions.exc-1.until", keys], 7: [review]])
        #expect(try due("2027-02-03T12:00:00Z") == [1: [review]])
        #expect(try due("2027-02-05T00:00:00Z").isEmpty)
        var late = ExpiryAlarm(try fixture.policy(on: "2026-12-01"))
        #expect(late.approaching(at: try TrustFixture.instant("2027-01-31T12:00:00Z")).map(\.days) == [1, 7])
    }
}
