// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

/// Three officers of a node, and policies that they sign.
struct OfficerFixture {
    let keys: [OfficerName: SigningKey]
    let quorum: OfficerQuorum
    static let now = "2026-12-10T12:00:00Z"

    init(need: Int = 2) throws {
        var keys: [OfficerName: SigningKey] = [:]
        for (index, name) in ["officer-a", "officer-b", "officer-c"].enumerated() {
            keys[try Self.name(name)] = try SigningKey(
                seed: [UInt8](repeating: UInt8(index + 1), count: 32).span, keyID: KeyID("ed25519:officer"))
        }
        self.keys = keys
        quorum = OfficerQuorum(need: need, officers: keys.mapValues(\.verifyKey))
    }

    static func name(_ text: String) throws -> OfficerName { try #require(OfficerName(text)) }

    /// - Parameter header: more keys of `policy`.
    static func text(serial: Int = 42, _ header: String = "") -> String {
        """
        entente: 1
        policy: { id: test, serial: \(serial)\(header.isEmpty ? "" : ", " + header) }
        self: { state: FR, servers: [matrix.example.fr] }
        tiers:
          own: { may: [discovery, keys, send, invite], edu: [typing] }
          eu: { may: [discovery, keys, send], edu: [typing] }
        assign: { DE: eu, unknown: blocked }
        servers:
          - { name: other.example.fr, state: FR }
          - { name: narrow.example.fr, state: FR, tier: eu }
          - { name: matrix.example.de, state: DE }

        """
    }

    static func policy(serial: Int = 42, _ header: String = "") throws -> Policy {
        try Policy.of(text(serial: serial, header))
    }

    func signature(_ officer: String, _ policy: Policy) throws -> Signature {
        let key = try #require(keys[Self.name(officer)])
        return key.signature(of: PolicySignatures.message(of: policy).span)
    }

    func signatures(_ officers: [String], _ policy: Policy) throws -> PolicySignatures {
        var signatures = PolicySignatures()
        for officer in officers {
            signatures.put(try signature(officer, policy), by: try Self.name(officer), serial: policy.serial)
        }
        return signatures
    }

    /// What a node with these officers says of a policy.
    func check(
        _ policy: Policy, _ evidence: ActivationCheck.Evidence, floor: PolicyFloor? = nil, at now: String = Self.now
    ) throws -> ActivationCheck {
        ActivationCheck(
            policy, evidence, signatureFile: "policy.yaml.sigs",
            ActivationCheck.Facts(trust: .officers(quorum), floor: floor, now: try TrustFixture.instant(now)),
            meanwhile: "nothing was changed")
    }
}
