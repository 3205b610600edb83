// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Users that a tier's servers may bring")
struct UserRulesTests {
    let policy: ContentPolicy

    init() throws {
        policy = try ContentPolicy(
            "users:", "  refuse_localparts: [\"whatsapp_*\", \"*-bridge\", telegrambot]",
            "  invite_from: [\"@liaison-*:a.example.de\"]", "  invite_to: [\"@desk:own.example.fr\"]")
    }

    private func event(by user: String, target: String? = nil, _ membership: String? = "join") throws -> Verdict {
        let server = try #require(try UserID(user).server)
        return policy.policy.decideEvent(
            EventQuestion(
                author: server, sender: user, type: target == nil ? "m.room.encrypted" : "m.room.member",
                stateKey: target, membership: target == nil ? nil : membership),
            deliveredBy: try policy.policy.peer(ContentPolicy.peer), .inbound)
    }

    @Test(
        "AC-112 users whose names are turned away are refused as senders and as members, however they spell themselves",
        arguments: [
            "whatsapp_33612345678", "WhatsApp_1", "whatsapp_", "irc-bridge", "-bridge", "telegrambot", "TELEGRAMBOT",
        ])
    func puppets(localpart: String) throws {
        let user = "@\(localpart):a.example.de"
        let sent = try event(by: user)
        #expect(sent.reason == .userBridgeDenied && sent.rule?.id == "tiers.eu.users.refuse_localparts")
        #expect(try event(by: "@anna:a.example.de", target: user).reason == .userBridgeDenied)
        let peer = try policy.policy.peer(ContentPolicy.peer)
        #expect(policy.policy.decideUser(try UserID(user), from: peer).reason == .userBridgeDenied)
    }

    @Test(
        "AC-112 other users of the same server, and users of that name of servers in other tiers, pass",
        arguments: [
            "@anna:a.example.de", "@xwhatsapp_1:a.example.de", "@telegrambot2:a.example.de",
            "@irc-bridges:a.example.de",
        ])
    func others(user: String) throws {
        #expect(try event(by: user).isAllowed)
        #expect(try event(by: user, target: user).isAllowed)
        let own = try event(by: "@whatsapp_1:own.example.fr")
        #expect(own.isAllowed)
    }

    @Test("only the users that are listed may invite, and only those that are listed may be invited")
    func invites() throws {
        let liaison = "@liaison-1:a.example.de"
        #expect(try event(by: liaison, target: "@desk:own.example.fr", "invite").isAllowed)
        let sender = try event(by: "@anna:a.example.de", target: "@desk:own.example.fr", "invite")
        #expect(sender.reason == .inviteSenderDenied && sender.rule?.id == "tiers.eu.users.invite_from")
        let target = try event(by: liaison, target: "@minister:own.example.fr", "invite")
        #expect(target.reason == .inviteTargetDenied && target.rule?.id == "tiers.eu.users.invite_to")
        // A membership that cannot be read counts as an invitation.
        #expect(try event(by: "@anna:a.example.de", target: "@desk:own.example.fr", nil).reason == .inviteSenderDenied)
        // Invitations among themselves are theirs.
        #expect(try event(by: "@anna:a.example.de", target: "@bert:a.example.de", "invite").isAllowed)
        #expect(try event(by: "@anna:a.example.de", target: "@desk:own.example.fr", "leave").isAllowed)
    }

    @Test("a pattern is matched whole, whatever stands in the name, without getting slow")
    func hostilePatterns() throws {
        let stars = String(repeating: "a*", count: 100) + "b"
        let slow = try ContentPolicy("users: { refuse_localparts: [\"\(stars)\"] }")
        let peer = try slow.policy.peer(ContentPolicy.peer)
        let user = try UserID("@" + String(repeating: "a", count: 230) + ":a.example.de")
        let clock = ContinuousClock()
        let time = clock.measure { #expect(slow.policy.decideUser(user, from: peer).isAllowed) }
        #expect(time < .seconds(1))
        let matching = try UserID("@" + String(repeating: "a", count: 200) + "b:a.example.de")
        #expect(!slow.policy.decideUser(matching, from: peer).isAllowed)
    }

    @Test("what both tiers turn away adds up")
    func like() throws {
        let policy = try ContentPolicy(
            "users: { refuse_localparts: [irc_*] }", like: ["users: { refuse_localparts: [xmpp_*] }"])
        let peer = try policy.policy.peer(ContentPolicy.partner)
        for name in ["irc_1", "xmpp_1"] {
            let user = try UserID("@\(name):b.example.no")
            #expect(policy.policy.decideUser(user, from: peer).reason == .userBridgeDenied)
        }
        #expect(policy.policy.decideUser(try UserID("@xmpp_1:a.example.de"), from: peer).isAllowed)
    }
}
