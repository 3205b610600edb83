// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Requests that name no server")
struct AnonymousTests {
    private static func policy(_ assign: String) throws -> Policy {
        let text = """
            entente: 1
            policy: { id: test, serial: 1 }
            self: { state: FR, servers: [hs.example.fr] }
            tiers:
              own: { may: [send] }
              strangers: { inbound: { may: [keys, openid] } }
            assign: { \(assign) }
            """
        return try Policy.compile(Array(text.utf8), fileName: "test.yaml")
    }

    @Test("may read keys and ask how a server is reached, and nothing else, where the policy is silent")
    func minimum() throws {
        let policy = try Self.policy("unknown: blocked")
        for endpointClass in EndpointClass.allCases {
            let verdict = policy.decideAnonymous(endpointClass, .inbound)
            #expect(verdict.isAllowed == (endpointClass == .keys || endpointClass == .discovery))
        }
    }

    @Test("may what the tier of `assign.anonymous` may, by its rule")
    func assigned() throws {
        let policy = try Self.policy("unknown: blocked, anonymous: strangers")
        #expect(policy.decideAnonymous(.openID, .inbound).rule?.id == "tiers.strangers.inbound.may")
        #expect(policy.decideAnonymous(.openID, .inbound).isAllowed)
        #expect(!policy.decideAnonymous(.discovery, .inbound).isAllowed)
        #expect(!policy.decideAnonymous(.openID, .outbound).isAllowed)
    }

    @Test("changes the hash of what a policy means")
    func hashed() throws {
        #expect(try Self.policy("anonymous: strangers").contentHash != Self.policy("unknown: blocked").contentHash)
    }

    @Test("is refused with the nearest name when the tier does not exist")
    func misspelt() throws {
        let error = #expect(throws: PolicyErrors.self) { try Self.policy("anonymous: stranger") }
        #expect(error?.diagnostics.first?.todo == "did you mean `strangers`?")
    }
}
