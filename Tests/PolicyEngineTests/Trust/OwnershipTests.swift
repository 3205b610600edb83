// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("AC-111 Who stands behind a server, and when somebody looks again")
struct OwnershipTests {
    private static let require = "require:\n  - owner_country: { in: [eu27, partners] }\n    except_tier: [eea]"

    @Test(
        "a server whose owner's country is not trusted, or not known, falls by one line", arguments: ["KP", "US", nil])
    func owner(country: String?) throws {
        let sold = TrustFixture(
            top: Self.require,
            server: country.map { "    operator: { owner_country: \($0), hosting_country: DE }" } ?? "")
        let policy = try sold.policy()
        let verdict = try policy.inbound("bund.example.de", .send)
        #expect(verdict.reason == .ownerChanged)
        #expect(verdict.rule?.id == "require.owner_country")
        #expect(try policy.inbound("wien.example.at", .send).isAllowed, "its owner is trusted")
        #expect(try policy.inbound("oslo.example.no", .send).isAllowed, "its tier is exempt")
        #expect(try policy.inbound("dom.example.fr", .send).isAllowed, "it is of the own state")
        let kept = TrustFixture(top: Self.require, server: "    operator: { owner_country: \"NO\" }")
        #expect(try kept.policy().inbound("bund.example.de", .send).isAllowed)
    }

    @Test("a server that the policy refuses is refused as an author too, whoever delivers")
    func author() throws {
        let policy = try TrustFixture(top: Self.require).policy()
        let peer = try policy.peer("wien.example.at")
        let bund = try ServerName("bund.example.de")
        #expect(policy.decideAuthor(bund, eventType: "m.x", deliveredBy: peer, .inbound).reason == .pduAuthorDenied)
        let wien = try ServerName("wien.example.at")
        #expect(policy.decideAuthor(wien, eventType: "m.x", deliveredBy: peer, .inbound).isAllowed)
    }

    @Test(
        "a review that is overdue refuses, downgrades or alerts; the whole day counts",
        arguments: ["refuse", "downgrade", "alert", nil])
    func review(overdue: String?) throws {
        let fixture = TrustFixture(
            tier: "    downgrade_to: eea",
            server: "    review_by: 2027-01-31" + (overdue.map { "\n    on_overdue: \($0)" } ?? ""))
        for day in [nil, "2026-12-01", "2027-01-31"] {
            let before = try fixture.policy(on: day)
            #expect(try before.inbound("bund.example.de", .invite).isAllowed, "\(day ?? "undated")")
            #expect(try before.peer("bund.example.de").alert == nil)
        }
        let after = try fixture.policy(on: "2027-02-01")
        switch overdue {
        case "alert":
            #expect(try after.inbound("bund.example.de", .invite).isAllowed)
            #expect(try after.peer("bund.example.de").alert == .reviewOverdue)
        case "downgrade":
            #expect(try after.inbound("bund.example.de", .invite).reason == .endpointRefused)
            #expect(try after.inbound("bund.example.de", .join).isAllowed)
            #expect(try after.peer("bund.example.de").tier.name == "eea")
        default:
            #expect(try after.inbound("bund.example.de", .join).reason == .reviewOverdue)
            #expect(try after.inbound("bund.example.de", .join).rule?.id == "servers.bund.example.de.review_by")
        }
        #expect(try after.inbound("wien.example.at", .invite).isAllowed, "nobody else is touched")
    }

    @Test("of several grounds the strictest counts")
    func strictest() throws {
        let both = TrustFixture(
            top: Self.require, tier: "    downgrade_to: eea",
            server: "    review_by: 2027-01-31\n    on_overdue: downgrade\n    operator: { owner_country: US }")
        #expect(try both.policy(on: "2027-02-01").peer("bund.example.de").tier.name == "eea")
        let refusing = TrustFixture(
            top: Self.require,
            server: "    review_by: 2027-01-31\n    on_overdue: refuse\n    operator: { owner_country: US }")
        #expect(try refusing.policy(on: "2027-02-01").inbound("bund.example.de", .keys).reason == .reviewOverdue)
    }

    @Test("the next change is the next review or end of an exception")
    func nextChange() throws {
        let fixture = TrustFixture(server: "    review_by: 2027-01-31")
        #expect(try fixture.policy().nextChange == nil, "no time, no next")
        let before = try fixture.policy(on: "2026-12-01")
        #expect(before.nextChange == (try TrustFixture.instant("2027-02-01T00:00:00Z")))
        #expect(try fixture.policy(on: "2027-03-01").nextChange == nil)
        #expect(
            before.datesReached(
                after: try TrustFixture.instant("2027-01-31T23:59:59Z"),
                by: try TrustFixture.instant("2027-02-01T00:00:00Z"))
                == ["servers.bund.example.de.review_by"])
        let later = before.under(Circumstances(now: try TrustFixture.instant("2027-01-31T23:59:59Z")))
        #expect(later.compiled === before.compiled, "nothing changed, so nothing is made anew")
        #expect(
            before.under(Circumstances(now: try TrustFixture.instant("2027-02-01T00:00:00Z"))).compiled
                !== before.compiled)
    }
}
