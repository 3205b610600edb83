// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("What becomes of a refused author's events, and of rooms in which a tier's servers are")
struct AuthorEffectTests {
    private func policy(_ lines: String...) throws -> Policy {
        let text = ContentPolicy.text([]).replacing(
            "  watch: { may: [] }", with: "  watch: { may: [], \(lines.joined(separator: ", ")) }")
        return try Policy.of(text)
    }

    private func event(_ type: String, _ policy: Policy, by name: String = "d.example.ch") throws -> Verdict {
        policy.decideEvent(
            EventQuestion(author: try ServerName(name), type: type, stateKey: nil),
            deliveredBy: try policy.peer(ContentPolicy.peer), .inbound)
    }

    @Test("AC-66 an author who may not send is refused whoever delivers; `redact` leaves the event's redacted form")
    func redact() throws {
        for (line, leaves) in [("as_author: redact", true), ("as_author: refuse", false), ("edu: []", false)] {
            let verdict = try event("m.room.message", policy(line))
            #expect(!verdict.isAllowed && verdict.reason == .pduAuthorDenied && verdict.leavesRedacted == leaves)
        }
        let allowed = try event("m.room.message", policy("as_author: redact"), by: ContentPolicy.peer)
        #expect(allowed.isAllowed && !allowed.leavesRedacted)
    }

    @Test("what sets a room's rules is never left in redacted form")
    func ruling() throws {
        let policy = try policy("as_author: redact")
        for type in [
            "m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.server_acl",
            "m.room.encryption", "m.room.policy", "m.room.redaction",
        ] {
            let verdict = try event(type, policy)
            #expect(verdict.reason == .pduAuthorDenied && !verdict.leavesRedacted, "\(type)")
        }
        for type in ["m.room.topic", "m.room.name", "m.room.encrypted", "org.example.x"] {
            #expect(try event(type, policy).leavesRedacted, "\(type)")
        }
    }

    @Test("an author who is not admitted at all is left redacted as his tier says: `blocked` may say so for strangers")
    func strangers() throws {
        let text = ContentPolicy.text([]).replacing(
            "  watch: {", with: "  blocked: { may: [], as_author: redact }\n  watch: {")
        let policy = try Policy.of(text)
        #expect(policy.warnings.isEmpty)
        #expect(try event("m.room.message", policy, by: "never.heard.example").leavesRedacted)
        #expect(try !event("m.room.message", policy).leavesRedacted, "of tier `watch`")
        var question = PolicyQuestion(
            direction: .inbound, own: nil, peer: try ServerName(ContentPolicy.peer), endpointClass: .send)
        question.author = try ServerName("never.heard.example")
        #expect(policy.explain(question).lines.contains { $0.hasSuffix("; its redacted form passes") })
    }

    private func room(_ policy: Policy, _ servers: [String]?, on occasion: RoomOccasion = .traffic) throws
        -> RoomVerdict
    {
        policy.decideRoom(
            RoomFacts(isEncrypted: true, version: "11", otherServers: try servers?.map { try ServerName($0) }),
            with: try policy.peer(ContentPolicy.peer), on: occasion)
    }

    @Test(
        "AC-58 AC-62 AC-63 `in_room` of a tier decides the rooms in which one of its servers is, whoever asks",
        arguments: RoomEffect.allCases)
    func inRoom(effect: RoomEffect) throws {
        let policy = try policy("in_room: \(effect.rawValue)")
        for (occasion, reason) in [
            (RoomOccasion.join, ReasonCode.joinRoomTainted), (.invite, .inviteRoomTainted),
            (.traffic, .roomDeniedServerJoined),
        ] {
            let found = try room(policy, ["own.example.fr", "a.example.de", "d.example.ch"], on: occasion)
            #expect(found.effect == effect)
            #expect(found.verdict.isAllowed == (effect == .allow || effect == .alert))
            if effect != .allow {
                #expect((found.verdict.alert ?? found.verdict.reason) == reason)
                #expect(found.verdict.rule?.id == "tiers.watch.in_room")
            }
        }
        #expect(try room(policy, ["own.example.fr", "a.example.de", "c.example.nl"]).effect == .allow)
    }

    @Test("of a tier's own condition and `in_room` of another the stricter counts")
    func stricter() throws {
        for (otherwise, inRoom, effect) in [
            ("alert", "quarantine", RoomEffect.quarantine), ("quarantine", "alert", .quarantine),
            ("refuse", "quarantine", .refuse), ("quarantine", "refuse", .refuse), ("refuse", "allow", .refuse),
        ] {
            let text = ContentPolicy.text(["rooms: { other_servers: [own, eu], otherwise: \(otherwise) }"])
                .replacing("  watch: { may: [] }", with: "  watch: { may: [], in_room: \(inRoom) }")
            #expect(try room(try Policy.of(text), ["d.example.ch"]).effect == effect)
        }
    }

    @Test("whose servers are not known gets the answer of the peer's tier for unknown, and without one is refused")
    func unknownServers() throws {
        #expect(try room(policy("in_room: quarantine"), nil).effect == .refuse)
        #expect(try room(policy("in_room: quarantine"), nil).verdict.reason == .roomUnknown)
        #expect(try room(policy("in_room: allow"), nil).effect == .allow)
        let text = ContentPolicy.text(["rooms: { unknown: alert }"])
            .replacing("  watch: { may: [] }", with: "  watch: { may: [], in_room: refuse }")
        #expect(try room(try Policy.of(text), nil).effect == .alert)
    }

    @Test("strangers in a room are of the tier that `assign.unknown` names")
    func unlisted() throws {
        let text = ContentPolicy.text([]).replacing(
            "  watch: {", with: "  blocked: { may: [], in_room: quarantine }\n  watch: {")
        #expect(try room(try Policy.of(text), ["never.heard.example"]).effect == .quarantine)
        #expect(try room(try Policy.of(text), ["d.example.ch"]).effect == .allow)
    }

    @Test("both are inherited, named as not enforced, and told apart by the content hash")
    func together() throws {
        let inherited = try ContentPolicy("in_room: quarantine", "as_author: redact").policy
        let facts = RoomFacts(isEncrypted: true, version: "11", otherServers: [try ServerName("b.example.no")])
        let verdict = inherited.decideRoom(facts, with: try inherited.peer("c.example.nl"), on: .join)
        #expect(verdict.effect == .quarantine && verdict.verdict.rule?.id == "tiers.eu.in_room")
        #expect(inherited.unenforced.count { $0.what.contains("in_room") || $0.what.contains("as_author") } == 2)
        let hashes = try ["in_room: refuse", "in_room: alert", "as_author: redact", "as_author: refuse", "may: []"].map
        {
            try Policy.of(ContentPolicy.text([]).replacing("watch: { may: [] }", with: "watch: { \($0) }")).contentHash
        }
        #expect(Set(hashes).count == 4, "`as_author: refuse` is what happens anyway")
    }
}
