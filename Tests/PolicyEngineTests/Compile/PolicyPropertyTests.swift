// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Properties of random policies")
struct PolicyPropertyTests {
    @Test(
        "the order of lines and lists changes nothing: same content hash, same verdicts, same rules",
        arguments: 0..<60 as Range<UInt64>)
    func orderIndependence(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let random = RandomPolicy(.whole, using: &dice)
        let moment = try random.moment(using: &dice).circumstances
        let first = try random.compiled(using: &dice).under(moment)
        let second = try random.compiled(using: &dice).under(moment)
        #expect(first.contentHash == second.contentHash, "seed \(seed)")
        for server in random.servers {
            let name = try ServerName(server.name)
            switch (first.admit(name), second.admit(name)) {
            case (.refused(let one), .refused(let two)):
                #expect(one.reason == two.reason && one.rule?.id == two.rule?.id, "seed \(seed)")
            case (.admitted(let one), .admitted(let two)):
                #expect(one == two, "seed \(seed)")
                for endpointClass in EndpointClass.allCases {
                    let (a, b) = (
                        first.decide(one, endpointClass, .inbound), second.decide(two, endpointClass, .inbound)
                    )
                    #expect(a.isAllowed == b.isAllowed && a.rule?.id == b.rule?.id, "seed \(seed)")
                }
            default: Issue.record("seed \(seed): \(name) is admitted by one order only")
            }
        }
    }

    @Test("a change of meaning changes the content hash")
    func sensitivity() throws {
        let base = VerdictTests.text
        let hash = try Policy.of(base).contentHash
        #expect(try Policy.of("# comment\n" + base + "# more\n").contentHash == hash)
        #expect(
            try Policy.of(base.replacing("state: DE }", with: "state: DE, organisation: Bund }")).contentHash == hash)
        for (old, new) in [
            ("serial: 7", "serial: 8"), ("id: test", "id: tost"), ("[keys, join, send, profile]", "[keys, join, send]"),
            ("edu: [receipts]", "edu: []"), ("away: watch", "away: blocked"), ("2027-06-30", "2027-07-01"),
            ("ed25519:a_1", "ed25519:a_2"), ("a.example.de", "z.example.de"), (", tier: reader", ""),
            ("state: FR", "state: FR, require_destination: false"), ("serial: 7", "serial: 7, mode: shadow"),
        ] {
            #expect(base.contains(old))
            #expect(try Policy.of(base.replacing(old, with: new)).contentHash != hash, "\(old) → \(new)")
        }
    }
}

extension EDUType {
    /// The kind that the protocol core gives this type.
    var kind: EDUKind {
        switch self {
        case .typing: .typing
        case .receipts: .receipts
        case .presence: .presence
        case .toDevice: .toDevice
        case .deviceLists: .deviceLists
        case .signingKeys: .signingKeys
        }
    }
}
