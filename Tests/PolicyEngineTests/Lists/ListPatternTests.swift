// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Lists beside patterns, requirements, exceptions and lockdowns")
struct ListPatternTests {
    private static let text = ListPolicyTests.text.replacing(
        "servers:\n", with: "servers:\n  - { name: \"*.land.example\", state: FR, tier: guest }\n")

    private func tier(_ policy: Policy, _ name: String) throws -> String? {
        guard case .admitted(let peer) = policy.admit(try ServerName(name)) else { return nil }
        return peer.tier.name
    }

    @Test(
        "a pattern of the policy goes before a list, so that no list gives its servers more; a list that blocks goes first"
    )
    func patterns() throws {
        let policy = try ListPolicyTests.policy(
            ti: ["a.land.example", "land.example"], bad: ["b.land.example"], text: Self.text)
        #expect(try tier(policy, "a.land.example") == "guest")
        #expect(try tier(policy, "land.example") == "health")
        #expect(try tier(policy, "b.land.example") == nil)
        #expect(try tier(policy, "c.land.example") == "guest")
    }

    @Test(
        "no list can make a policy wrong: an exception names servers of the policy, or a state of a list, whoever is on it"
    )
    func exceptions() throws {
        func exception(_ other: String) -> String {
            """
            exceptions:
              - { id: e, between: [own.example, \(other)], allow: [join], until: 2027-01-01, reason: r, approved_by: [a] }

            """
        }
        let state =
            ListPolicyTests.text.replacing(
                "tier: guest, state: none }", with: "tier: guest, state: IT }") + exception("IT")
        #expect(throws: Never.self) { try ListPolicyTests.policy(text: state) }
        let policy = try ListPolicyTests.policy(other: ["a.example"], text: state)
        let peer = try policy.peer("a.example")
        #expect(policy.decide(peer, .join, .inbound).isAllowed)
        #expect(!policy.decide(peer, .send, .inbound).isAllowed)
        #expect(throws: PolicyErrors.self) {
            try ListPolicyTests.policy(other: ["a.example"], text: ListPolicyTests.text + exception("a.example"))
        }
    }

    @Test("who stands behind a server of a list is not known, so `require` refuses it unless its tier is excepted")
    func requirements() throws {
        let require = "require:\n  - owner_country: { in: [near] }\n"
        let named = Self.text.replacing("- { name: named.example, state: FR }", with: "")
        let policy = try ListPolicyTests.policy(ti: ["a.example"], text: named + require)
        guard case .refused(let verdict) = policy.admit(try ServerName("a.example")) else {
            Issue.record("admitted")
            return
        }
        #expect(verdict.reason == .ownerChanged)
        let excepted = try ListPolicyTests.policy(
            ti: ["a.example"], text: named + require + "    except_tier: [health]\n")
        #expect(try tier(excepted, "a.example") == "health")
    }
}
