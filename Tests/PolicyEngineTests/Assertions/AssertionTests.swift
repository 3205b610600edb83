// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Assertions are proved when the policy is compiled")
struct AssertionTests {
    private func errors(_ assertions: String) throws -> [String] {
        do throws(PolicyErrors) {
            _ = try Policy.compile(
                Array((VerdictTests.text + "\nassert:\n" + assertions).utf8), fileName: "policy.yaml")
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test(
        "what holds is accepted",
        arguments: [
            "never: { author_tier: blocked }", "never: { author_tier: [watch, blocked] }",
            "never: { tier: [eu, partner], edu: [presence, typing] }",
            "never: { tier: partner, direction: inbound, class: join }",
            "never: { state: [KP, CH] }", "never: { state: away, direction: outbound }", "never: { tier: blocked }",
            "never: { class: [openid, notary] }", "never: { server: b.example.it, class: join }",
            "never: { author_tier: reader, direction: inbound, event_type: m.room.message }",
            "never: { tier: eu, author_tier: watch }",
        ])
    func holds(assertion: String) throws {
        #expect(try errors("  - \(assertion)\n").isEmpty)
    }

    @Test(
        "what does not hold is an error at its place, with a request that is allowed and the rule that allows it",
        arguments: [
            ("never: { tier: eu, class: join }", "inbound `join` from `a.example.de`", "tiers.eu.inbound.may"),
            ("never: { tier: [eu, partner], edu: receipts }", "EDU `receipts`", "tiers.eu.edu"),
            ("never: { author_tier: partner }", "by `c.example.no`", "tiers.eu.inbound.may"),
            ("never: { state: eu, class: directory }", "outbound `directory`", "tiers.eu.outbound.may"),
            ("never: { state: IS, class: send }", "a new server of `IS`", "tiers.eu.inbound.may"),
            ("never: { direction: outbound, server: b.example.it }", "to `b.example.it`", "tiers.reader.outbound.may"),
            ("never: { event_type: m.call.invite, tier: own }", "event `m.call.invite`", "tiers.eu.inbound.may"),
        ])
    func fails(assertion: String, request: String, rule: String) throws {
        let found = try errors("  - \(assertion)\n")
        #expect(found.count == 1)
        let message = try #require(found.first)
        #expect(message.hasPrefix("policy.yaml:25:12: `never: {") && message.contains("does not hold"))
        #expect(message.contains(request) && message.contains(rule))
    }

    @Test("every assertion that fails is reported in one run")
    func all() throws {
        #expect(try errors("  - never: { tier: eu, class: join }\n  - never: { tier: own, class: send }\n").count == 2)
    }

    @Test("an assertion that nothing in the policy fits is a warning: it proves nothing")
    func vacuous() throws {
        let policy = try Policy.of(VerdictTests.text + "\nassert:\n  - never: { tier: reader, state: DE }\n")
        #expect(policy.warnings.contains { $0.what.contains("nothing in this policy fits") })
    }

    @Test("assertions change no verdict and so not the content hash")
    func contentHash() throws {
        let text = VerdictTests.text + "\nassert: [{ never: { author_tier: blocked }, because: agreement art. 1 }]\n"
        #expect(try Policy.of(text).contentHash == Policy.of(VerdictTests.text).contentHash)
    }

    /// Errors of a policy whose tier `eu` has these conditions on rooms.
    private func errors(rooms: String, _ assertion: String) -> [String] {
        let text =
            ContentPolicy.text([rooms]).replacing("CH: watch", with: "CH: watch, KP: blocked")
            + "assert: [{ never: { \(assertion) } }]\n"
        do throws(PolicyErrors) {
            _ = try Policy.compile(Array(text.utf8), fileName: "policy.yaml")
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    private static let strict = "rooms: { encrypted: required, min_version: 11, other_servers: [own, eu] }"

    @Test("AC-71 that nothing passes in rooms in clear is proved over every room, and with whom one may be in a room")
    func rooms() {
        for assertion in [
            "room_encrypted: false, tier: [eu, partner]", "tier: eu, other_servers_tier: [watch, partner, blocked]",
            "tier: eu, other_servers_tier: watch, room_encrypted: true, class: [join, invite]",
            "room_encrypted: false, author_tier: eu, tier: partner",
        ] {
            #expect(errors(rooms: Self.strict, assertion).isEmpty, "\(assertion)")
        }
        #expect(errors(rooms: Self.strict + "\n    in_room: alert", "tier: eu, other_servers_tier: watch").isEmpty)
    }

    @Test("a room that passes all the same is shown, also one of which too little is known")
    func roomsThatPass() {
        for (rooms, assertion, shown) in [
            ("rooms: { min_version: 11 }", "room_encrypted: false, tier: eu", "that is not encrypted"),
            (Self.strict.replacing(" }", with: ", unknown: alert }"), "room_encrypted: false, tier: eu", "not known"),
            (Self.strict.replacing(" }", with: ", otherwise: alert }"), "room_encrypted: false, tier: eu", "not encr"),
            (Self.strict, "tier: eu, other_servers_tier: own", "with a server of tier `own`"),
            ("audit: full", "tier: eu, other_servers_tier: blocked", "with a server of tier `blocked`"),
            (Self.strict, "tier: own, room_encrypted: false", "that is not encrypted"),
        ] {
            let found = errors(rooms: rooms, assertion)
            #expect(found.count == 1 && found[0].contains("does not hold") && found[0].contains(shown), "\(found)")
        }
    }

    @Test("`in_room: quarantine` of a tier is proved for the rooms of every other one")
    func inRoom() {
        let guarded = "audit: full\n  blocked: { may: [], in_room: quarantine }"
        #expect(errors(rooms: guarded, "tier: [eu, partner, own], other_servers_tier: blocked").isEmpty)
        #expect(!errors(rooms: guarded, "tier: eu, other_servers_tier: watch").isEmpty)
    }

    @Test("agree with asking every server everything", arguments: 0..<20 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let random = RandomPolicy(using: &dice)
        let text = random.yaml(using: &dice)
        let policy = try Policy.of(text)
        let obvious = ObviousEvaluator(policy: random)
        for tier in ["own", "one", "two", "three"] {
            for endpointClass in ["invite", "send", "media"] {
                let isAllowedToSomebody = (random.servers.map(\.name) + random.own).contains { name in
                    guard obvious.tierName(of: name) == tier else { return false }
                    var question = ObviousEvaluator.Question()
                    question.peer = name
                    question.endpointClass = .init(rawValue: endpointClass) ?? .send
                    return obvious.answer(question) == .allowed
                }
                let asserted =
                    text + "assert: [{ never: { tier: \(tier), class: \(endpointClass), direction: inbound } }]\n"
                let holds = (try? Policy.of(asserted)) != nil
                // Servers that nobody has listed yet can refute it, too.
                if isAllowedToSomebody { #expect(!holds, "seed \(seed), \(tier), \(endpointClass)") }
                if !holds { #expect(policy.listedServers.count > 0) }
            }
        }
    }
}
