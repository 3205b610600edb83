// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@Suite("Lists from others in a policy")
struct ListPolicyTests {
    static let text = """
        entente: 1
        policy: { id: test, serial: 7 }
        self: { state: DE, servers: [own.example] }
        groups: { near: [FR], far: [KP] }
        tiers:
          own: { may: [discovery, keys, join, invite, send, history] }
          health: { may: [keys, join, send] }
          guest: { may: [keys] }
        assign: { near: health, far: blocked, unknown: blocked }
        servers:
          - { name: named.example, state: FR }
        lists:
          bad: { file: bad.txt, form: text, tier: blocked, state: none }
          other: { file: other.txt, form: text, tier: guest, state: none }
          same: { file: same.txt, form: text, tier: health, state: DE }
          ti: { file: ti.jws, form: jws, tier: health, state: DE, roots: r.pem, max_age: 24h, min_version: 10 }

        """

    static func list(_ names: [String]) throws -> ServerList {
        try ServerList(text: Array(((names.isEmpty ? ["nobody.example"] : names).joined(separator: "\n")).utf8))
    }

    static func policy(
        ti: [String] = [], same: [String] = [], other: [String] = [], bad: [String] = [], stale: Set<String> = [],
        text: String = text
    ) throws -> Policy {
        var readings: [String: ListReading] = [:]
        for (name, names) in [("ti", ti), ("same", same), ("other", other), ("bad", bad)] {
            readings[name] = .read(try list(names), isStale: stale.contains(name))
        }
        return try Policy.compile(Array(text.utf8), fileName: "policy.yaml", lists: readings)
    }

    private func tier(_ policy: Policy, _ name: String) throws -> String? {
        guard case .admitted(let peer) = policy.admit(try ServerName(name)) else { return nil }
        return peer.tier.name
    }

    private func refusal(_ policy: Policy, _ name: String) throws -> (ReasonCode, String?)? {
        guard case .refused(let verdict) = policy.admit(try ServerName(name)) else { return nil }
        return (verdict.reason, verdict.rule?.id)
    }

    @Test("a server on a list gets the list's tier and state, byte for byte and nobody else")
    func admitted() throws {
        let policy = try Self.policy(ti: ["clinic.example"])
        let peer = try policy.peer("clinic.example")
        #expect(peer.tier.name == "health")
        #expect(peer.state == "DE")
        #expect(policy.decide(peer, .send, .inbound).isAllowed)
        #expect(!policy.decide(peer, .invite, .inbound).isAllowed)
        #expect(try refusal(policy, "clinic.example:8448")?.0 == .originLookalike)
        #expect(try refusal(policy, "x.clinic.example")?.0 == .originUnknown)
        #expect(policy.decideAuthor(peer.server, eventType: "m.x", deliveredBy: peer, .inbound).isAllowed)
        #expect(policy.pinnedKeys(of: peer.server) == nil)
        #expect(policy.summary.lists.map(\.name) == ["bad", "other", "same", "ti"])
    }

    @Test("what the policy says itself goes before any list: own servers and servers with an entry stay what they are")
    func written() throws {
        let names = ["own.example", "named.example"]
        for policy in [
            try Self.policy(bad: names), try Self.policy(other: names), try Self.policy(ti: names, stale: ["ti"]),
        ] {
            #expect(policy.isOwn(try ServerName("own.example")))
            #expect(try tier(policy, "own.example") == "own")
            #expect(try tier(policy, "named.example") == "health")
        }
        #expect(try Self.policy(bad: names).warnings.count { $0.what.contains("which blocks") } == 2)
    }

    @Test("a list that blocks goes before every other, also when it is too old")
    func blocked() throws {
        for stale: Set<String> in [[], ["bad"], ["ti", "bad"]] {
            let policy = try Self.policy(ti: ["x.example"], other: ["x.example"], bad: ["x.example"], stale: stale)
            let found = try #require(try refusal(policy, "x.example"))
            #expect(found == (.originBlocked, "lists.bad"))
        }
    }

    @Test("lists that say different things of a server refuse it; lists that say the same admit it")
    func contested() throws {
        let policy = try Self.policy(
            ti: ["both.example", "agreed.example"], same: ["agreed.example"], other: ["both.example"])
        #expect(try #require(try refusal(policy, "both.example")) == (.originBlocked, "lists.other"))
        #expect(try tier(policy, "agreed.example") == "health")
        let states = Self.text.replacing("tier: health, state: DE }", with: "tier: health, state: none }")
        #expect(try tier(Self.policy(ti: ["a.example"], same: ["a.example"], text: states), "a.example") == nil)
    }

    @Test("a list that is too old refuses its servers, whatever unknown servers may; one that still counts admits them")
    func stale() throws {
        let open = Self.text.replacing("unknown: blocked", with: "unknown: guest")
        let policy = try Self.policy(
            ti: ["old.example", "kept.example"], same: ["kept.example"], stale: ["ti"], text: open)
        #expect(try #require(try refusal(policy, "old.example")) == (.originListStale, "lists.ti"))
        #expect(try tier(policy, "kept.example") == "health")
        #expect(try tier(policy, "stranger.example") == "guest")
        let friend = try policy.peer("kept.example")
        let author = policy.decideAuthor(try ServerName("old.example"), eventType: "m.x", deliveredBy: friend, .inbound)
        #expect(author.reason == .pduAuthorDenied)
        #expect(author.rule?.id == "lists.ti")
        let fresh = try Self.policy(ti: ["old.example", "kept.example"], same: ["kept.example"], text: open)
        #expect(fresh.contentHash != policy.contentHash)
    }

    @Test("what a list adds is in the content hash, and its order is not")
    func hash() throws {
        let one = try Self.policy(ti: ["a.example", "b.example"])
        #expect(try Self.policy(ti: ["b.example", "a.example"]).contentHash == one.contentHash)
        #expect(try Self.policy(ti: ["a.example"]).contentHash != one.contentHash)
        #expect(try Self.policy(ti: ["a.example"], other: ["b.example"]).contentHash != one.contentHash)
    }

    @Test("a policy with lists does not compile without them, and says which are wanting or broken and why")
    func missing() throws {
        let errors = #expect(throws: PolicyErrors.self) {
            try Policy.compile(
                Array(Self.text.utf8), fileName: "policy.yaml",
                lists: [
                    "ti": .broken(.repeated("a", first: 1, second: 2)), "bad": .read(try Self.list([]), isStale: false),
                    "same": .read(try Self.list([]), isStale: false),
                ])
        }
        let lines = try #require(errors).diagnostics.map(\.description)
        #expect(
            lines == [
                "policy.yaml:14:18: the list `other` was not given; the policy is not taken into use; check the policy with "
                    + "the file `other.txt` beside it",
                "policy.yaml:16:15: list `ti`: `a` stands on line 1 and again on line 2; the policy is not taken into use; "
                    + "keep one of the two",
            ])
    }

    @Test("explain names the list, its place and its version")
    func explained() throws {
        let policy = try Self.policy(ti: ["a.example", "b.example"], other: ["b.example"], stale: [])
        func lines(_ name: String) throws -> String {
            policy.explain(
                PolicyQuestion(direction: .inbound, origin: try ServerName(name), endpointClass: .send)
            ).lines.joined(separator: "\n")
        }
        #expect(try lines("a.example").contains("`a.example` is in tier `health`: list `ti` at policy.yaml:16:3"))
        #expect(try lines("b.example").contains("the lists `other` and `ti` give it different tiers or states"))
        #expect(try lines("own.example").contains("it stands under `self`"))
    }

    @Test("the placing of servers agrees with an obvious one for random lists", arguments: 0..<200 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let pool = (0..<6).map { "s\($0).example" } + ["own.example", "named.example"]
        var chosen: [String: [String]] = [:]
        var stale: Set<String> = []
        for name in ["ti", "same", "other", "bad"] {
            chosen[name] = pool.filter { _ in Bool.random(using: &dice) }.shuffled(using: &dice)
            if Bool.random(using: &dice) { stale.insert(name) }
        }
        let policy = try Self.policy(
            ti: chosen["ti"] ?? [], same: chosen["same"] ?? [], other: chosen["other"] ?? [], bad: chosen["bad"] ?? [],
            stale: stale)
        for server in pool {
            let on = chosen.keys.filter { chosen[$0]?.contains(server) == true }
            let expected: String? =
                switch server {
                case "own.example": "own"
                case "named.example": "health"
                default:
                    if on.isEmpty || on.contains("bad") || on.contains("other") && on.count > 1 {
                        nil
                    } else if on.allSatisfy(stale.contains) {
                        nil
                    } else {
                        on.contains("other") ? "guest" : "health"
                    }
                }
            #expect(try tier(policy, server) == expected, "seed \(seed): \(server) on \(on.sorted()), stale \(stale)")
        }
    }

    @Test("fifty thousand names compile at once and are found")
    func large() throws {
        let names = (0..<ServerList.maxNames).map { "s\($0).clinic.example" }
        let clock = ContinuousClock()
        var policy = try Self.policy()
        let taken = try clock.measure { policy = try Self.policy(ti: names) }
        print("compiling \(names.count) names took \(taken)")
        #expect(try tier(policy, "s49999.clinic.example") == "health")
        #expect(try tier(policy, "s50000.clinic.example") == nil)
    }
}
