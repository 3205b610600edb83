// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Rules in shadow: evaluated, recorded, and decide nothing")
struct ShadowTests {
    private static func exception(_ changes: String, id: String = "exc-1") -> String {
        "  - { id: \(id), between: [FR, \"NO\"], \(changes), until: 2027-01-15, reason: r, approved_by: [a] }\n"
    }

    private func policy(_ exceptions: String...) throws -> Policy {
        try TrustFixture(top: "exceptions:\n" + exceptions.joined()).policy()
    }

    @Test("an exception in shadow changes no verdict and says what it would have made of it")
    func exceptions() throws {
        let policy = try policy(Self.exception("allow: [invite], refuse: [join], mode: shadow"))
        let invite = try policy.inbound("oslo.example.no", .invite)
        #expect(!invite.isAllowed && invite.shadow?.isAllowed == true)
        #expect(invite.shadow?.rule?.id == "exceptions.exc-1.allow")
        let join = try policy.inbound("oslo.example.no", .join)
        #expect(join.isAllowed && join.shadow?.reason == .exceptionRefused)
        #expect(try policy.inbound("oslo.example.no", .send).shadow == nil)
        #expect(try policy.inbound("bund.example.de", .join).shadow == nil)
        let live = try self.policy(Self.exception("allow: [invite], refuse: [join]"))
        #expect(try live.inbound("oslo.example.no", .invite).isAllowed)
        #expect(try live.inbound("oslo.example.no", .join).shadow == nil)
        #expect(policy.contentHash != live.contentHash)
    }

    @Test("one in shadow beside one that decides: the one that decides does")
    func both() throws {
        let policy = try policy(
            Self.exception("allow: [invite]"), Self.exception("refuse: [invite], mode: shadow", id: "exc-2"))
        let verdict = try policy.inbound("oslo.example.no", .invite)
        #expect(verdict.isAllowed && verdict.rule?.id == "exceptions.exc-1.allow")
        #expect(verdict.shadow?.rule?.id == "exceptions.exc-2.refuse")
    }

    @Test("in rooms, too")
    func rooms() throws {
        let policy = try policy(Self.exception("refuse: [join], rooms: [\"!a:x.example\"], mode: shadow"))
        let peer = try policy.peer("oslo.example.no")
        let there = policy.decide(peer, .join, .inbound, room: "!a:x.example")
        #expect(there.isAllowed && there.shadow?.reason == .exceptionRefused)
        #expect(policy.decide(peer, .join, .inbound, room: "!b:x.example").shadow == nil)
    }

    @Test("no exception in shadow lifts `blocked` or a lockdown, not even in shadow")
    func never() throws {
        let fixture = TrustFixture(
            top: "lockdown: { all: { keep: [own], max: 24h } }\nexceptions:\n"
                + Self.exception("allow: [join], mode: shadow"))
        let policy = try fixture.policy().under(
            Circumstances(lockdowns: [LockdownInForce(profile: "all")]))
        #expect(try policy.refusal("oslo.example.no") == .lockdown)
    }

    @Test("a section in shadow refuses nothing and says what it would have refused")
    func sections() throws {
        let lines = [
            "encryption: { messages: required }", "events: { refuse_types: [m.sticker] }",
            "users: { refuse_localparts: [irc_*] }", "media: { max: 1KiB }", "rooms: { encrypted: required }",
            "to_device: { max: 1KiB }", "hours: { zone: UTC, refuse_outside: \"Mon 00:00-00:01\" }",
            "labels: { scheme: stanag-4774, ceiling: \"NATO RESTRICTED\" }",
        ]
        let all = "shadow: [encryption, events, users, media, rooms, to_device, hours, labels]"
        for (text, isShadowed) in [(ContentPolicy.text(lines + [all]), true), (ContentPolicy.text(lines), false)] {
            let policy = try Policy.of(text)
            let peer = try policy.peer(ContentPolicy.peer)
            func event(_ type: String, by sender: String) throws -> Verdict {
                let event = EventQuestion(author: try ServerName(ContentPolicy.peer), sender: sender, type: type)
                return policy.decideEvent(event, deliveredBy: peer, .inbound)
            }
            for (verdict, reason) in [
                (try event("m.room.message", by: "@u:a.example.de"), ReasonCode.roomPlaintext),
                (try event("m.sticker", by: "@u:a.example.de"), .pduTypeRefused),
                (policy.decideUser(try UserID("@irc_x:a.example.de"), from: peer), .userBridgeDenied),
                (policy.decideMedia(MediaFacts(bytes: 2048), with: peer), .mediaDenied),
                (policy.decideRoom(RoomFacts(isEncrypted: false), with: peer, on: .join).verdict, .roomUnencrypted),
                (policy.decideToDevice(type: "m.dummy", bytes: 2048, from: peer), .eduToDevice),
                (policy.decideHours(Timestamp(milliseconds: 0), with: peer), .hoursOutside),
                (policy.decideLabel(nil, with: peer), .labelMissing),
            ] {
                #expect(verdict.isAllowed == isShadowed)
                #expect((isShadowed ? verdict.shadow?.reason : verdict.reason) == reason)
                #expect((verdict.shadow == nil) == !isShadowed)
            }
        }
    }

    @Test("only the sections that are named; `like` takes the names over, and an empty list takes them back")
    func inherited() throws {
        let lines = ["events: { refuse_types: [m.sticker] }", "encryption: { messages: required }", "shadow: [events]"]
        for (like, isAllowed) in [([String](), true), (["shadow: []"], false), (["shadow: [encryption]"], false)] {
            let policy = try Policy.of(ContentPolicy.text(lines, like: like))
            let event = EventQuestion(author: try ServerName(ContentPolicy.partner), type: "m.sticker", stateKey: "")
            let verdict = policy.decideEvent(event, deliveredBy: try policy.peer(ContentPolicy.partner), .inbound)
            #expect(verdict.isAllowed == isAllowed, "\(like)")
        }
        let found = try Policy.of(ContentPolicy.text(["shadow: [users]"])).warnings.map(\.what)
        #expect(found == ["`tiers.eu.shadow` names `users`, of which tier `eu` says nothing"])
    }

    @Test("an exception's `media` changes the keys that it names, in its direction, and each of several must be met")
    func media() throws {
        func verdict(
            _ facts: MediaFacts, _ direction: Direction, _ media: String...
        ) throws -> Verdict {
            let exceptions = media.enumerated().map { index, media in
                "  - { id: exc-\(index), between: [FR, DE], \(media), until: 2027-01-15, reason: r, approved_by: [a] }\n"
            }
            let policy = try Policy.of(
                ContentPolicy.text(["media: { max: 10KiB, types: [image/*] }"]) + "exceptions:\n" + exceptions.joined())
            return policy.decideMedia(facts, with: try policy.peer(ContentPolicy.peer), direction)
        }
        let big = MediaFacts(bytes: 50_000, type: "image/png")
        #expect(try !verdict(big, .inbound, "refuse: [knock]").isAllowed)
        #expect(try verdict(big, .inbound, "media: { max: 1MiB }").isAllowed)
        #expect(try !verdict(big, .outbound, "media: { max: 1MiB }, direction: inbound").isAllowed)
        let text = try verdict(MediaFacts(bytes: 50_000, type: "text/html"), .inbound, "media: { max: 1MiB }")
        #expect(text.rule?.id == "tiers.eu.media.types")
        let narrower = try verdict(big, .inbound, "media: { max: 1MiB }", "media: { max: 20KiB }")
        #expect(!narrower.isAllowed && narrower.rule?.id == "exceptions.exc-1.media.max")
        let tried = try verdict(big, .inbound, "media: { max: 1MiB }, mode: shadow")
        #expect(!tried.isAllowed && tried.shadow?.isAllowed == true)
    }

    @Test("a difference calls what comes into shadow loosened, and what leaves it tightened; and knows media")
    func difference() throws {
        func effect(_ old: String, _ new: String) throws -> [Bool] {
            let diff = try PolicyDiff(
                from: .of(ContentPolicy.text([old])), to: .of(ContentPolicy.text([new])))
            return [diff.isLoosened, diff.isTightened]
        }
        let events = "events: { refuse_types: [m.sticker] }"
        #expect(try effect(events, events + "\n    shadow: [events]") == [true, false])
        #expect(try effect(events + "\n    shadow: [events]", events) == [false, true])
        #expect(try effect("in_room: refuse", "in_room: alert") == [true, false])
        #expect(try effect("in_room: alert", "in_room: quarantine") == [false, true])
        #expect(try effect("as_author: redact", "as_author: refuse") == [false, true])
        func exceptions(_ old: String, _ new: String) throws -> [Bool] {
            let diff = try PolicyDiff(from: policy(Self.exception(old)), to: policy(Self.exception(new)))
            return [diff.isLoosened, diff.isTightened]
        }
        #expect(try exceptions("media: { max: 1MiB }", "media: { max: 2MiB }") == [true, false])
        #expect(try exceptions("media: { max: 2MiB }", "media: { max: 1MiB }") == [false, true])
        #expect(try exceptions("media: { max: 2MiB }", "media: { max: 2MiB, types: [image/*] }") == [true, false])
        #expect(try exceptions("refuse: [join], mode: shadow", "refuse: [join]") == [false, true])
    }

    @Test("`entente test` asks about files, and explain says what a rule in shadow would do")
    func questions() throws {
        let policy = try policy(Self.exception("refuse: [join], mode: shadow"))
        let question = PolicyQuestion(
            direction: .inbound, own: nil, peer: try ServerName("oslo.example.no"), endpointClass: .join)
        #expect(
            policy.explain(question).lines.contains {
                $0.contains("; in shadow: would be refused (exception.refused) by exceptions.exc-1.refuse")
            })
        let text = """
            entente-test: 1
            policy: p.yaml
            tests:
              - { name: a, given: { from: a.example.de, media: { bytes: 2MiB, type: image/png } }, expect: refuse }
              - { name: b, given: { from: a.example.de, media: { bytes: 1KiB, type: image/png } }, expect: allow }
            """
        let file = try PolicyTrialFile.read(Array(text.utf8), fileName: "t.yaml")
        let media = try ContentPolicy("media: { max: 1MiB }").policy
        #expect(PolicyTrialRun(file, of: media).outcomes.map(\.passed) == [true, true])
    }
}
