// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("Several networks, never mixed")
struct NetworkTests {
    static let text = """
        entente: 1
        policy: { id: networks, serial: 1, mode: enforce }
        self: { state: FR, servers: [allied.example.fr, home.example.fr] }
        networks:
          nato: { listener: nato-if, resolver: nato-dns, ca: nato-root, servers: [allied.example.fr] }
        tiers:
          own: { may: [keys, join, invite, send] }
          eu: { may: [keys, join, send] }
          nato: { network: nato, may: [keys, join, send], client_certificate: required }
          reader: { like: nato, inbound: { refuse: [join] } }
          blocked: { may: [] }
        assign: { DE: eu, unknown: blocked }
        servers:
          - { name: bund.example.de, state: DE }
          - { name: hq.example.int, state: none, tier: nato }
          - { name: base.example.int, state: none, tier: reader }
        """

    private func policy(_ changes: (String, String)...) throws -> Policy {
        var text = Self.text
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Policy.of(text)
    }

    private func peer(_ policy: Policy, _ name: String, at own: String) throws -> Peer? {
        guard case .admitted(let peer) = policy.admit(try ServerName(name), at: try ServerName(own)) else { return nil }
        return peer
    }

    @Test("a server of a network is refused on every other listener, and let in on its own")
    func listeners() throws {
        let policy = try policy()
        for name in ["hq.example.int", "base.example.int"] {
            let hq = try #require(try peer(policy, name, at: "allied.example.fr"))
            for listener in [nil, "other-if", "nato-if2", "NATO-IF", ""] {
                let verdict = policy.decideNetwork(of: hq, on: listener)
                #expect(verdict.reason == .networkMismatch && !verdict.isAllowed, "\(listener ?? "none")")
                #expect(verdict.rule?.id == "tiers.nato.network")
            }
            #expect(policy.decideNetwork(of: hq, on: "nato-if").isAllowed)
        }
        let bund = try #require(try peer(policy, "bund.example.de", at: "home.example.fr"))
        #expect(policy.decideNetwork(of: bund, on: "nato-if").reason == .networkMismatch)
        #expect(policy.decideNetwork(of: bund, on: "other-if").reason == .networkMismatch)
        #expect(policy.decideNetwork(of: bund, on: nil).isAllowed)
    }

    @Test("a server never reaches one of ours that is on another network, in no direction")
    func pairs() throws {
        let policy = try policy()
        for (name, own) in [("hq.example.int", "home.example.fr"), ("bund.example.de", "allied.example.fr")] {
            for direction in Direction.allCases {
                for endpointClass in EndpointClass.allCases {
                    let verdict = try policy.inbound(name, endpointClass, at: own, room: nil, direction)
                    #expect(verdict.reason == .networkMismatch, "\(name) \(endpointClass)")
                }
            }
        }
        #expect(try policy.inbound("hq.example.int", .join, at: "allied.example.fr").isAllowed)
        #expect(try policy.inbound("bund.example.de", .join, at: "home.example.fr").isAllowed)
    }

    @Test("who names no server reaches only those of ours that are served where he asks")
    func anonymous() throws {
        let policy = try policy()
        let (home, allied) = (try ServerName("home.example.fr"), try ServerName("allied.example.fr"))
        #expect(!policy.decideNetwork(ofOwn: allied, on: nil).isAllowed)
        #expect(!policy.decideNetwork(ofOwn: home, on: "nato-if").isAllowed)
        #expect(!policy.decideNetwork(ofOwn: home, on: "other-if").isAllowed)
        #expect(policy.decideNetwork(ofOwn: allied, on: "nato-if").isAllowed)
        #expect(policy.decideNetwork(ofOwn: home, on: nil).isAllowed)
    }

    private func author(_ policy: Policy, _ author: String, by name: String, at own: String) throws -> Verdict {
        let peer = try #require(try peer(policy, name, at: own))
        return policy.decideAuthor(try ServerName(author), eventType: "m.room.message", deliveredBy: peer, .inbound)
    }

    @Test("an author of another network is refused whoever relays him, unless his network says over which he may come")
    func authors() throws {
        let closed = try policy()
        let relayed = try author(closed, "hq.example.int", by: "bund.example.de", at: "home.example.fr")
        #expect(relayed.reason == .networkAuthor && relayed.rule?.id == "tiers.nato.network")
        #expect(
            try author(closed, "bund.example.de", by: "hq.example.int", at: "allied.example.fr").reason
                == .networkAuthor)
        #expect(
            try author(closed, "allied.example.fr", by: "bund.example.de", at: "home.example.fr").reason
                == .networkAuthor)
        #expect(try author(closed, "base.example.int", by: "hq.example.int", at: "allied.example.fr").isAllowed)
        #expect(try author(closed, "allied.example.fr", by: "hq.example.int", at: "allied.example.fr").isAllowed)
        let open = try policy(
            (", servers: [allied.example.fr] }", ", servers: [allied.example.fr], relayed_over: [internet] }"))
        #expect(try author(open, "hq.example.int", by: "bund.example.de", at: "home.example.fr").isAllowed)
        // One way says nothing of the other.
        #expect(
            try author(open, "bund.example.de", by: "hq.example.int", at: "allied.example.fr").reason == .networkAuthor)
    }

    @Test("one of ours can be on two networks, which is warned of")
    func both() throws {
        let policy = try policy(
            ("tiers:\n", "  internet: { servers: [allied.example.fr] }\ntiers:\n")
        )
        #expect(policy.warnings.contains { $0.what.contains("is served on the networks `internet` and `nato`") })
        #expect(try policy.inbound("bund.example.de", .join, at: "allied.example.fr").isAllowed)
        #expect(try policy.inbound("hq.example.int", .join, at: "allied.example.fr").isAllowed)
        let hq = try #require(try peer(policy, "hq.example.int", at: "allied.example.fr"))
        #expect(!policy.decideNetwork(of: hq, on: nil).isAllowed)
        #expect(!policy.decideNetwork(ofOwn: try ServerName("home.example.fr"), on: "nato-if").isAllowed)
    }

    @Test("unlisted servers are where the tier of unknown servers is")
    func unlisted() throws {
        let policy = try policy(("unknown: blocked", "unknown: nato"))
        let stranger = try ServerName("somebody.example.org")
        #expect(policy.access(to: stranger).network?.name == "nato")
        #expect(try policy.inbound("somebody.example.org", .join, at: "home.example.fr").reason == .networkMismatch)
        #expect(try policy.inbound("somebody.example.org", .join, at: "allied.example.fr").isAllowed)
    }

    @Test("keys of a closed network's server are asked for there only")
    func access() throws {
        let policy = try policy()
        let network = ServerAccess.Network(name: "nato", resolver: "nato-dns", trust: "nato-root")
        #expect(policy.access(to: try ServerName("hq.example.int")).network == network)
        #expect(policy.access(to: try ServerName("base.example.int")).network == network)
        #expect(policy.access(to: try ServerName("bund.example.de")).network == nil)
        #expect(policy.closedNetworks.map(\.name) == ["nato"])
        #expect(policy.closedNetworks.first?.resolver.place == "policy.yaml:5:40")
    }

    @Test("the order of networks and servers means nothing, and each of their parts changes the hash")
    func canonical() throws {
        let un = "  un: { servers: [home.example.fr], ca: un-root, resolver: un-dns, listener: un-if }"
        let nato =
            "  nato: { listener: nato-if, resolver: nato-dns, ca: nato-root, servers: [allied.example.fr] }"
        let first = try policy((nato, "\(nato)\n\(un)"))
        let second = try policy((nato, "\(un)\n\(nato)"))
        #expect(first.contentHash == second.contentHash)
        let base = try policy().contentHash
        #expect(first.contentHash != base)
        for (old, new) in [
            ("listener: nato-if", "listener: nato-of"), ("nato-dns", "nato-dms"), ("nato-root", "nato-roof"),
            ("[allied.example.fr] }", "[home.example.fr] }"),
            ("[allied.example.fr] }", "[allied.example.fr], relayed_over: [internet] }"),
            ("like: nato,", "like: nato, network: internet,"), ("{ network: nato,", "{ "),
        ] {
            #expect(try policy((old, new)).contentHash != base, "\(new)")
        }
    }

    @Test("a difference in networks shows as newly allowed and refused requests, and explain says why")
    func differences() throws {
        let diff = try PolicyDiff(from: try policy(), to: try policy(("{ network: nato,", "{ ")))
        #expect(diff.isLoosened && diff.isTightened)
        let setting = "tiers.nato.network: nato → none (it cannot be told"
        #expect(diff.settings.contains { $0.effect == .loosened && $0.text.contains(setting) })
        var question = PolicyQuestion(
            direction: .inbound, own: try ServerName("allied.example.fr"), peer: try ServerName("hq.example.int"),
            endpointClass: .join)
        #expect(try policy().explain(question).verdict.isAllowed)
        question.network = "internet"
        let refused = try policy().explain(question)
        #expect(refused.verdict.reason == .networkMismatch)
        #expect(refused.lines.contains { $0.hasPrefix("`hq.example.int` is on network `nato` by tiers.nato.network") })
    }

    @Test("assertions on networks are proved, and refuted with an example")
    func assertions() throws {
        let never = "\nassert: [{ never: { tier: eu, author_tier: nato } }]"
        let last = "{ name: base.example.int, state: none, tier: reader }"
        _ = try policy((last, last + never))
        #expect(throws: PolicyErrors.self) {
            try policy(
                (last, last + never),
                ("[allied.example.fr] }", "[allied.example.fr], relayed_over: [internet] }"))
        }
    }
}
