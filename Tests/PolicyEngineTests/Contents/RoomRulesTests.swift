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
