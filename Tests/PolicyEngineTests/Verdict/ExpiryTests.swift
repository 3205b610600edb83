// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("A policy that runs out")
struct ExpiryTests {
    private static let end = "2027-03-01T00:00:00Z"

    private func policy(_ onExpiry: String, at now: String) throws -> Policy {
        let header = "expires: \(Self.end)" + (onExpiry.isEmpty ? "" : ", on_expiry: \(onExpiry)")
        return try OfficerFixture.policy(header).under(Circumstances(now: TrustFixture.instant(now)))
    }

    private func reason(_ policy: Policy, _ server: String, _ asked: EndpointClass = .send) throws -> ReasonCode {
        switch policy.admit(try ServerName(server)) {
        case .refused(let verdict): verdict.reason
        case .admitted(let peer): policy.decide(peer, asked, .inbound).reason
        }
    }

    @Test(
        "AC-101 up to the instant everybody has what the policy gives; from it on only the own state",
        arguments: [
            "", "own_state_only",
        ])
    func ownStateOnly(onExpiry: String) throws {
        let before = try policy(onExpiry, at: "2027-02-28T23:59:59Z")
        #expect(!before.isExpired)
        for server in ["matrix.example.de", "other.example.fr", "narrow.example.fr", "matrix.example.fr"] {
            #expect(try reason(before, server) == .allowed, "\(server)")
        }
        let after = try policy(onExpiry, at: Self.end)
        #expect(after.isExpired)
        #expect(try reason(after, "other.example.fr") == .allowed)
        #expect(try reason(after, "other.example.fr", .invite) == .allowed)
        #expect(try reason(after, "other.example.fr", .media) == .endpointRefused, "it keeps what it may, no more")
        #expect(try reason(after, "matrix.example.de") == .policyExpired)
        #expect(try reason(after, "narrow.example.fr") == .policyExpired, "it was not in tier `own`")
        #expect(try reason(after, "unknown.example") == .originUnknown)
    }

    @Test("AC-101 `refuse_all` leaves nobody anything")
    func refuseAll() throws {
        let after = try policy("refuse_all", at: "2027-03-02T00:00:00Z")
        for server in ["matrix.example.de", "other.example.fr", "matrix.example.fr"] {
            #expect(try reason(after, server) == .policyExpired, "\(server)")
        }
        #expect(!after.decideAnonymous(.keys, .inbound).isAllowed)
        #expect(try policy("own_state_only", at: Self.end).decideAnonymous(.keys, .inbound).isAllowed)
        #expect(try policy("refuse_all", at: "2027-02-01T00:00:00Z").decideAnonymous(.keys, .inbound).isAllowed)
    }

    @Test("AC-101 who delivers an event does not help its foreign author")
    func authors() throws {
        func verdict(_ author: String, at now: String) throws -> Verdict {
            let policy = try policy("", at: now)
            let peer = try policy.peer("other.example.fr")
            return policy.decideAuthor(try ServerName(author), eventType: "m", deliveredBy: peer, .inbound)
        }
        #expect(try verdict("matrix.example.de", at: "2027-01-01T00:00:00Z").isAllowed)
        let after = try verdict("matrix.example.de", at: Self.end)
        #expect(!after.isAllowed && after.rule?.id == "policy.expires")
        #expect(try verdict("other.example.fr", at: Self.end).isAllowed)
    }

    @Test("AC-101 strangers that a policy lets in are refused after it expires")
    func strangers() throws {
        let text = OfficerFixture.text(serial: 42, "expires: \(Self.end)").replacing(
            "unknown: blocked", with: "unknown: eu")
        let policy = try Policy.of(text)
        let before = policy.under(Circumstances(now: try TrustFixture.instant("2027-01-01T00:00:00Z")))
        #expect(try reason(before, "any.example.org") == .allowed)
        #expect(
            try reason(before.under(Circumstances(now: TrustFixture.instant(Self.end))), "any.example.org")
                == .policyExpired)
    }

    @Test("AC-96 a peer that the policy admitted before it expired is none of what is left of it")
    func peers() throws {
        let before = try policy("", at: "2027-01-01T00:00:00Z")
        let after = try policy("", at: Self.end)
        let peer = try before.peer("matrix.example.de")
        #expect(after.decide(peer, .send, .inbound).reason == .policyUnavailable)
        #expect(before.decide(peer, .send, .inbound).isAllowed)
    }

    @Test("AC-101 the end is the next change, and named as a date that was reached")
    func nextChange() throws {
        let before = try policy("", at: "2027-01-01T00:00:00Z")
        let end = try TrustFixture.instant(Self.end)
        #expect(before.nextChange == end)
        #expect(
            before.datesReached(after: try TrustFixture.instant("2027-01-01T00:00:00Z"), by: end) == ["policy.expires"])
        #expect(try policy("", at: Self.end).nextChange == nil)
    }

    @Test("AC-101 alarms 30, 7 and 1 days before, each once, the nearest one if several are due")
    func alarms() throws {
        let policy = try OfficerFixture.policy("expires: \(Self.end)")
        var alarm = ExpiryAlarm(policy)
        func due(_ now: String) throws -> Int? { alarm.daysLeft(at: try TrustFixture.instant(now)) }
        #expect(try due("2027-01-29T23:59:59Z") == nil)
        #expect(try due("2027-01-30T00:00:00Z") == 30)
        #expect(try due("2027-01-30T00:00:01Z") == nil)
        #expect(try due("2027-02-24T12:00:00Z") == 5)
        #expect(try due("2027-02-20T12:00:00Z") == nil, "a clock that is set back repeats nothing")
        #expect(try due("2027-02-28T00:00:00Z") == 1)
        #expect(try due(Self.end) == nil)
        var late = ExpiryAlarm(policy)
        #expect(late.daysLeft(at: try TrustFixture.instant("2027-02-28T12:00:00Z")) == 1)
        var never = ExpiryAlarm(try OfficerFixture.policy())
        #expect(never.daysLeft(at: try TrustFixture.instant("2027-02-28T12:00:00Z")) == nil)
    }

    @Test("days include themselves: `not_before` from their first instant, `expires` to their last")
    func days() throws {
        let validity = try OfficerFixture.policy("not_before: 2026-12-01, expires: 2027-02-28, on_expiry: refuse_all")
            .validity
        #expect(validity.notBefore == (try TrustFixture.instant("2026-12-01T00:00:00Z")))
        #expect(validity.expires == (try TrustFixture.instant("2027-03-01T00:00:00Z")))
        #expect(validity.onExpiry == .refuseAll)
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-12-31T12:00:00Z", "9999-12-31T23:59:59Z"] {
            #expect(StrictDate.text(try TrustFixture.instant(text)) == text)
        }
    }

    @Test("terms are part of what a policy means; `previous`, which changes no verdict, is not")
    func meaning() throws {
        let plain = try OfficerFixture.policy().contentHash
        let hashes = try [
            "", "expires: 2027-03-01", "expires: 2027-03-02", "expires: 2027-03-01, on_expiry: refuse_all",
            "not_before: 2027-03-01", "quorum: { need: 2, of: [a, b] }", "quorum: { need: 2, of: [a, c] }",
        ].map { try OfficerFixture.policy($0).contentHash }
        #expect(Set(hashes).count == hashes.count && hashes[0] == plain)
        #expect(
            try OfficerFixture.policy("quorum: { of: [b, a], need: 2 }").contentHash
                == OfficerFixture.policy("quorum: { need: 2, of: [a, b] }").contentHash)
        let previous = "previous: \"sha256:\(SHA256.hash([1]).hex)\""
        #expect(try OfficerFixture.policy(previous).contentHash == plain)
    }
}
