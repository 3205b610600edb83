// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Rooms that a tier takes part in")
struct RoomRulesTests {
    static let rules = "encrypted: required, min_version: 11, other_servers: [own, eu]"

    static func facts(
        _ isEncrypted: Bool? = true, _ version: String? = "11",
        _ servers: [String]? = ["own.example.fr", "a.example.de"]
    ) throws -> RoomFacts {
        RoomFacts(
            isEncrypted: isEncrypted, version: version, otherServers: try servers?.map { try ServerName($0) })
    }

    private func judge(
        _ facts: RoomFacts, _ rules: String = rules, on occasion: RoomOccasion = .traffic
    ) throws -> RoomVerdict {
        let policy = try ContentPolicy("rooms: { \(rules) }").policy
        return policy.decideRoom(facts, with: try policy.peer(ContentPolicy.peer), on: occasion)
    }

    @Test("a room that meets every condition is allowed, with us and the peer in it whatever their tiers")
    func allowed() throws {
        for servers in [[], ["own.example.fr", "a.example.de", "c.example.nl"]] {
            let room = try judge(Self.facts(true, "12", servers))
            #expect(room.effect == .allow && room.verdict.isAllowed && room.verdict.alert == nil)
        }
        #expect(try judge(Self.facts(), Self.rules.replacing("[own, eu]", with: "[]")).effect == .allow)
        #expect(try judge(RoomFacts(), "encrypted: optional").effect == .allow)
    }

    @Test("each condition that fails refuses by its own rule")
    func fails() throws {
        for (facts, reason, key) in [
            (try Self.facts(false), ReasonCode.roomUnencrypted, "encrypted"),
            (try Self.facts(true, "10"), .roomVersion, "min_version"),
            (try Self.facts(true, "1"), .roomVersion, "min_version"),
            (try Self.facts(true, "011"), .roomVersion, "min_version"),
            (try Self.facts(true, "org.matrix.hydra.11"), .roomVersion, "min_version"),
            (try Self.facts(true, "99"), .roomVersion, "min_version"),
            (try Self.facts(true, "11", ["b.example.no"]), .roomDeniedServerJoined, "other_servers"),
            (try Self.facts(true, "11", ["d.example.ch"]), .roomDeniedServerJoined, "other_servers"),
            (
                try Self.facts(true, "11", ["a.example.de", "never.heard.example"]), .roomDeniedServerJoined,
                "other_servers"
            ),
            (try Self.facts(true, "11", ["A.example.de"]), .roomDeniedServerJoined, "other_servers"),
        ] {
            let room = try judge(facts)
            #expect(room.effect == .refuse && room.verdict.reason == reason, "\(facts)")
            #expect(room.verdict.rule?.id == "tiers.eu.rooms.\(key)")
        }
    }

    @Test("AC-58 AC-62 AC-63 a server that may not be there is named by the occasion")
    func occasions() throws {
        let tainted = try Self.facts(true, "11", ["d.example.ch"])
        for (occasion, reason) in [
            (RoomOccasion.join, ReasonCode.joinRoomTainted), (.invite, .inviteRoomTainted),
            (.traffic, .roomDeniedServerJoined),
        ] {
            #expect(try judge(tainted, on: occasion).verdict.reason == reason)
            #expect(try judge(Self.facts(), on: occasion).effect == .allow)
        }
    }

    @Test("what is not known gets the tier's answer, and without one the room is refused", arguments: [0, 1, 2])
    func unknown(part: Int) throws {
        var facts = try Self.facts()
        if part == 0 { facts.isEncrypted = nil }
        if part == 1 { facts.version = nil }
        if part == 2 { facts.otherServers = nil }
        let refused = try judge(facts)
        #expect(refused.effect == .refuse && refused.verdict.reason == .roomUnknown)
        for effect in RoomEffect.allCases {
            let room = try judge(facts, Self.rules + ", unknown: \(effect.rawValue)")
            #expect(room.effect == effect && room.verdict.isAllowed == (effect == .allow || effect == .alert))
            if effect == .alert { #expect(room.verdict.alert == .roomUnknown) }
            #expect(room.verdict.rule?.id == "tiers.eu.rooms.unknown")
        }
    }

    @Test("a condition that fails is not made good by another that is not known")
    func failureFirst() throws {
        let facts = RoomFacts(isEncrypted: nil, version: "1", otherServers: nil)
        let room = try judge(facts, Self.rules + ", unknown: allow")
        #expect(room.effect == .refuse && room.verdict.reason == .roomVersion)
    }

    @Test("a condition that fails and is only marked does not let pass what another condition cannot know")
    func narrowest() throws {
        let facts = RoomFacts(isEncrypted: nil, version: "1", otherServers: [])
        for (unknown, effect) in [
            ("", RoomEffect.refuse), (", unknown: quarantine", .quarantine), (", unknown: allow", .alert),
        ] {
            let room = try judge(facts, Self.rules + ", otherwise: alert" + unknown)
            #expect(room.effect == effect, "\(unknown)")
        }
    }

    @Test("a room's name tells versions from 12 on from those before, and nothing more")
    func identifier() throws {
        let (hash, old) = ("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", "!old:a.example.de")
        for (lowest, room, expected) in [
            (12, hash, ReasonCode.allowed), (11, hash, .allowed), (1, hash, .allowed), (12, old, .roomVersion),
            (11, old, .roomUnknown), (2, old, .roomUnknown),
        ] {
            let verdict = try judge(RoomFacts(identifier: room), "min_version: \(lowest)").verdict
            #expect(verdict.reason == expected, "\(lowest) \(room)")
        }
        #expect(try judge(RoomFacts(identifier: nil), "min_version: 1").verdict.reason == .roomUnknown)
        // A version that the name contradicts is none.
        var facts = RoomFacts(identifier: old)
        facts.version = "12"
        #expect(try judge(facts, "min_version: 12").verdict.reason == .roomVersion)
        facts = RoomFacts(identifier: hash)
        facts.version = "11"
        #expect(try judge(facts, "min_version: 12").verdict.reason == .roomVersion)
    }

    @Test("of several versions that a room may have all must do, or it is not known")
    func several() throws {
        for (versions, expected) in [
            (["11"], ReasonCode.allowed), (["10", "11"], .allowed), (["9", "11"], .roomUnknown),
            (["1", "9"], .roomVersion), (["11", "org.example.odd"], .roomUnknown), (["99"], .roomVersion),
            ([], .roomUnknown),
        ] {
            var facts = RoomFacts(identifier: "!r:a.example.de")
            facts.narrowVersion(to: versions)
            #expect(try judge(facts, "min_version: 10").verdict.reason == expected, "\(versions)")
        }
    }

    @Test(
        "a room is asked about by the tier of the peer and by that of the author; labels that nobody knows are missing")
    func bothTiers() throws {
        let policy = try ContentPolicy("audit: full", like: ["rooms: { min_version: 12 }"]).policy
        let (peer, partner) = (try policy.peer(ContentPolicy.peer), try policy.peer(ContentPolicy.partner))
        let facts = RoomFacts(identifier: "!r:a.example.de")
        func decide(_ peer: Peer, _ author: String? = nil) throws -> Verdict {
            policy.decideRoom(
                facts, label: nil, of: peer, author: try author.map { try ServerName($0) }, on: .traffic)
        }
        #expect(try decide(peer).isAllowed && decide(peer, ContentPolicy.peer).isAllowed)
        #expect(try decide(partner).rule?.id == "tiers.partner.rooms.min_version")
        #expect(try decide(peer, ContentPolicy.partner).rule?.id == "tiers.partner.rooms.min_version")
        #expect(try decide(partner, ContentPolicy.peer).reason == .roomVersion)
        for (missing, isAllowed) in [("refuse", false), ("alert", true)] {
            let labelled = try ContentPolicy(
                "labels: { scheme: stanag-4774, ceiling: \"NATO RESTRICTED\", missing: \(missing) }"
            ).policy
            let verdict = labelled.decideRoom(
                facts, label: nil, of: try labelled.peer(ContentPolicy.peer), author: nil, on: .join)
            #expect(verdict.isAllowed == isAllowed && (verdict.alert ?? verdict.reason) == .labelMissing)
        }
    }

    @Test("explaining a question asks the room, of which only the name can be known, as the gateway does")
    func explained() throws {
        func answer(_ rules: String, _ endpointClass: EndpointClass, _ room: String? = nil, author: Bool = false) throws
            -> Verdict
        {
            let policy = try ContentPolicy("rooms: { \(rules) }").policy
            var question = PolicyQuestion(
                direction: .inbound, own: try ServerName("own.example.fr"), peer: try ServerName(ContentPolicy.peer),
                endpointClass: endpointClass)
            question.room = room
            if author { question.author = question.origin }
            let verdict = policy.answer(question)
            #expect(policy.explain(question).verdict == verdict)
            return verdict
        }
        #expect(try answer("encrypted: required", .join).reason == .roomUnknown)
        #expect(try answer("encrypted: required, unknown: alert", .join).alert == .roomUnknown)
        #expect(try answer("encrypted: required, unknown: alert", .join).rule?.id == "tiers.eu.may")
        #expect(try answer("min_version: 12", .invite, "!r:a.example.de").reason == .roomVersion)
        #expect(try answer("min_version: 12", .invite, "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM").isAllowed)
        #expect(try answer("min_version: 12", .send).isAllowed)
        let policy = try Policy.of(
            ContentPolicy.text(["rooms: { encrypted: required }"]).replacing(
                "edu: [presence,", with: "edu: [typing, presence,"))
        for (edu, reason) in [(EDUKind.typing, ReasonCode.roomUnknown), (.toDevice, .allowed)] {
            var question = PolicyQuestion(
                direction: .inbound, own: try ServerName("own.example.fr"), peer: try ServerName(ContentPolicy.peer),
                endpointClass: .send)
            question.edu = edu
            #expect(policy.answer(question).reason == reason)
        }
        #expect(try answer("min_version: 12", .send, author: true).reason == .roomUnknown)
    }

    @Test("`otherwise` says what becomes of a room that fails", arguments: ["refuse", "quarantine", "alert"])
    func otherwise(word: String) throws {
        let room = try judge(Self.facts(false), Self.rules + ", otherwise: \(word)")
        #expect(room.effect.rawValue == word && room.verdict.isAllowed == (word == "alert"))
        #expect((room.verdict.alert ?? room.verdict.reason) == .roomUnencrypted)
        #expect(try judge(Self.facts(), Self.rules + ", otherwise: \(word)").effect == .allow)
    }

    @Test("a peer of another policy is refused")
    func foreign() throws {
        let other = try ContentPolicy("audit: full").policy.peer(ContentPolicy.peer)
        let policy = try ContentPolicy("rooms: { encrypted: required }").policy
        #expect(policy.decideRoom(try Self.facts(), with: other, on: .join).verdict.reason == .policyUnavailable)
    }
}
