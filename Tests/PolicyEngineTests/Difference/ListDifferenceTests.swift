// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("What a difference says of lists that others keep")
struct ListDifferenceTests {
    private func diff(_ old: String, _ new: String, tier: String = "health") throws -> PolicyDiff {
        let list = try ServerList(text: Array("a.example\n".utf8))
        func policy(_ keys: String) throws -> Policy {
            let text = """
                entente: 1
                policy: { id: l, serial: 1 }
                self: { state: DE, servers: [own.example] }
                tiers: { own: { may: [keys, send] }, health: { may: [keys] } }
                lists: { ti: { file: ti.jws, form: jws, tier: \(tier), state: none, roots: r.pem, max_age: 24h, \(keys) } }
                """
            return try Policy.compile(
                Array(text.utf8), fileName: "policy.yaml", lists: ["ti": .read(list, isStale: false)])
        }
        return try PolicyDiff(from: policy(old), to: policy(new))
    }

    static let narrower = [
        ("min_version: 1", "min_version: 2"), ("min_version: 1, on_stale: keep", "min_version: 1"),
        ("min_version: 1", "min_version: 1, signer: { dns: lists.example }"),
        (
            "signer: { dns: lists.example }",
            "signer: { dns: lists.example, spki: sha256/Z5p1tBnEd6tYqDnKJ0n2DbV6m1vHX8o1yZLbpm0cX3M= }"
        ),
    ]

    @Test("asking more of a list tightens, asking less loosens", arguments: narrower)
    func directions(wide: String, narrow: String) throws {
        let tightened = try diff(wide, narrow)
        #expect(tightened.isTightened && !tightened.isLoosened, "\(tightened.settings)")
        let loosened = try diff(narrow, wide)
        #expect(loosened.isLoosened && !loosened.isTightened, "\(loosened.settings)")
        #expect(loosened.settings.contains { $0.text.hasPrefix("lists.ti.") })
    }

    @Test("another signer, and whatever is asked of a list that blocks, cannot be told and counts as loosened")
    func untold() throws {
        let other = try diff("signer: { dns: a.example }", "signer: { dns: b.example }")
        #expect(other.isLoosened && other.settings.contains { $0.text.contains("cannot be told") })
        let blocking = try diff("min_version: 1", "min_version: 2", tier: "blocked")
        #expect(blocking.isLoosened)
        #expect(try diff("min_version: 1", "min_version: 1").settings.isEmpty)
    }
}
