// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Events that a tier may write")
struct EventRulesTests {
    @Test("a type that is refused names its entry, and the types beside it pass")
    func refuseTypes() throws {
        let policy = try ContentPolicy("events: { refuse_types: [m.sticker, m.room.policy] }")
        let refused = try policy.event(ContentPolicy.message("m.sticker"))
        #expect(refused.reason == .pduTypeRefused)
        #expect(refused.rule?.description == "tiers.eu.events.refuse_types (policy.yaml:9:30)")
        #expect(try policy.event(ContentPolicy.message("m.room.message")).isAllowed)
        #expect(try policy.event(ContentPolicy.state("m.room.topic")).isAllowed)
        // The same type as state is refused as well.
        #expect(try !policy.event(ContentPolicy.state("m.sticker")).isAllowed)
    }

    @Test("AC-70 AC-72 changes of server ACLs and policy servers are refused where the tier says so, and marked always")
    func alwaysMarked() throws {
        let refusing = try ContentPolicy("events: { refuse_types: [m.room.server_acl, m.room.policy] }")
        let silent = try ContentPolicy("audit: full")
        for (type, alert) in [
            ("m.room.server_acl", ReasonCode.aclChanged), ("m.room.policy", .policyServerChanged),
        ] {
            let refused = try refusing.event(ContentPolicy.state(type))
            #expect(refused.reason == .pduTypeRefused && refused.alert == alert)
            let allowed = try silent.event(ContentPolicy.state(type))
            #expect(allowed.isAllowed && allowed.reason == .allowed && allowed.alert == alert)
        }
        #expect(try silent.event(ContentPolicy.state("m.room.tombstone")).alert == .roomTombstone)
        #expect(try silent.event(ContentPolicy.state("m.room.topic")).alert == nil)
        #expect(try silent.event(ContentPolicy.state("m.room.server_acl"), by: "own.example.fr").alert == nil)
    }

    @Test("AC-60 an author without `send` stays refused for that, whatever his event is")
    func authorFirst() throws {
        let policy = try ContentPolicy("events: { refuse_types: [m.sticker] }")
        let refused = try policy.event(ContentPolicy.message("m.sticker"), by: "d.example.ch")
        #expect(refused.reason == .pduAuthorDenied)
        let none = EventQuestion(author: nil, type: "m.sticker")
        #expect(
            policy.policy.decideEvent(none, deliveredBy: try policy.policy.peer(ContentPolicy.peer), .inbound).reason
                == .pduMalformed)
    }

    @Test("AC-60 the author's tier decides and not that of the server that delivers")
    func relayed() throws {
        let text = ContentPolicy.text([]).replacing(
            "like: eu\n", with: "like: eu\n    events: { refuse_types: [m.sticker] }\n")
        let policy = try Policy.of(text)
        let relay = try policy.peer(ContentPolicy.peer)
        func verdict(_ author: String) throws -> Verdict {
            policy.decideEvent(
                EventQuestion(author: try ServerName(author), sender: "@u:\(author)", type: "m.sticker"),
                deliveredBy: relay, .inbound)
        }
        #expect(try verdict(ContentPolicy.partner).reason == .pduTypeRefused)
        #expect(try verdict(ContentPolicy.peer).isAllowed)
    }

    @Test("a list of types lets nothing else pass, and leaves state alone")
    func types() throws {
        let policy = try ContentPolicy("events: { types: [m.room.encrypted, reactions] }")
        for type in ["m.room.encrypted", "m.reaction"] {
            #expect(try policy.event(ContentPolicy.message(type)).isAllowed, "\(type)")
        }
        for type in ["m.room.message", "m.sticker", "org.example.x", "", "m.room.encrypted2", "M.ROOM.ENCRYPTED"] {
            let refused = try policy.event(ContentPolicy.message(type))
            #expect(refused.reason == .pduTypeRefused && refused.rule?.id == "tiers.eu.events.types", "\(type)")
        }
        #expect(try policy.event(ContentPolicy.state("m.room.topic")).isAllowed)
        #expect(try policy.event(ContentPolicy.message("m.room.message")).summary.hasSuffix("does not list it"))
    }

    @Test("a list of state lets no other state from abroad pass")
    func stateTypes() throws {
        let policy = try ContentPolicy("events: { state_types: [m.room.member, \"org.example.*\"] }")
        #expect(try policy.event(ContentPolicy.state("m.room.member", "@u:a.example.de")).isAllowed)
        #expect(try policy.event(ContentPolicy.state("org.example.thing")).isAllowed)
        for type in ["m.room.power_levels", "org.example", "org.exampleX.thing", "m.room.server_acl"] {
            #expect(try policy.event(ContentPolicy.state(type)).reason == .pduTypeRefused, "\(type)")
        }
        #expect(try policy.event(ContentPolicy.message("m.room.message")).isAllowed)
        #expect(try policy.event(ContentPolicy.state("m.room.topic"), by: "own.example.fr").isAllowed)
    }

    @Test(
        "families are known by type, by message type and by relation",
        arguments: [
            ("calls", EventQuestion(author: nil, type: "m.call.invite")),
            ("calls", EventQuestion(author: nil, type: "org.matrix.msc3401.call.member", stateKey: "")),
            ("calls", EventQuestion(author: nil, type: "m.rtc.notification")),
            ("location", EventQuestion(author: nil, type: "m.room.message", messageType: "m.location")),
            ("location", EventQuestion(author: nil, type: "m.beacon_info", stateKey: "@u:a.example.de")),
            ("polls", EventQuestion(author: nil, type: "org.matrix.msc3381.poll.start")),
            ("polls", EventQuestion(author: nil, type: "m.poll.response")),
            ("reactions", EventQuestion(author: nil, type: "m.reaction")),
            ("reactions", EventQuestion(author: nil, type: "org.example.like", relation: "m.annotation")),
            ("stickers", EventQuestion(author: nil, type: "m.sticker")),
            ("files", EventQuestion(author: nil, type: "m.room.message", messageType: "m.image")),
            ("custom", EventQuestion(author: nil, type: "org.example.thing")),
            ("custom", EventQuestion(author: nil, type: "thing", stateKey: "x")),
        ])
    func families(family: String, event: EventQuestion) throws {
        let refusing = try ContentPolicy("events: { refuse_types: [\(family)] }")
        #expect(try refusing.event(event).reason == .pduTypeRefused)
        let others = ["calls", "location", "polls", "reactions", "stickers", "files", "custom"].filter { $0 != family }
        #expect(try refusing.event(ContentPolicy.message("m.room.message", "m.text")).isAllowed)
        if event.relation == nil {
            let other = try ContentPolicy("events: { refuse_types: [\(others.joined(separator: ", "))] }")
            #expect(try other.event(event).isAllowed)
        }
    }

    @Test("unknown types pass, pass with a mark, or are refused, as the tier says")
    func unknownTypes() throws {
        let unknown = [
            ContentPolicy.message("org.example.x"), ContentPolicy.message("m.room.future"),
            ContentPolicy.state("m.room.message"), ContentPolicy.message("m.room.topic"), ContentPolicy.message("é"),
        ]
        let known = [
            ContentPolicy.message("m.room.message"), ContentPolicy.state("m.room.topic"),
            ContentPolicy.message("org.matrix.msc3381.poll.start"),
        ]
        let alerting = try ContentPolicy("events: { unknown_types: alert }")
        let refusing = try ContentPolicy("events: { unknown_types: refuse }")
        let allowing = try ContentPolicy("events: { unknown_types: allow }")
        for event in unknown {
            let marked = try alerting.event(event)
            #expect(marked.isAllowed && marked.alert == .pduTypeUnknown, "\(event.type)")
            let refused = try refusing.event(event)
            #expect(
                refused.reason == .pduTypeUnknown && refused.rule?.id == "tiers.eu.events.unknown_types",
                "\(event.type)")
            #expect(try allowing.event(event) == policyAnswer(allowing, event), "\(event.type)")
        }
        for event in known {
            #expect(try refusing.event(event).isAllowed, "\(event.type)")
            #expect(try alerting.event(event).alert == nil, "\(event.type)")
        }
    }

    private func policyAnswer(_ policy: ContentPolicy, _ event: EventQuestion) throws -> Verdict {
        policy.policy.decideAuthor(
            try ServerName(ContentPolicy.peer), eventType: event.type,
            deliveredBy: try policy.policy.peer(ContentPolicy.peer), .inbound)
    }

    @Test("`like` inherits key by key, and what both refuse adds up")
    func like() throws {
        let policy = try ContentPolicy(
            "events: { refuse_types: [m.sticker], unknown_types: refuse }",
            like: ["events: { refuse_types: [polls], unknown_types: alert }"])
        func verdict(_ type: String) throws -> Verdict {
            try policy.event(ContentPolicy.message(type), by: ContentPolicy.partner)
        }
        #expect(try verdict("m.sticker").rule?.id == "tiers.eu.events.refuse_types")
        #expect(try verdict("m.poll.start").rule?.id == "tiers.partner.events.refuse_types")
        #expect(try verdict("org.example.x").alert == .pduTypeUnknown)
        #expect(try policy.event(ContentPolicy.message("m.poll.start")).isAllowed)
        let silent = try ContentPolicy("events: { refuse_types: [m.sticker] }", like: ["audit: full"])
        #expect(
            try silent.event(ContentPolicy.message("m.sticker"), by: ContentPolicy.partner).reason == .pduTypeRefused)
    }

    @Test("AC-71 messages in clear are refused where encryption is required, in both directions")
    func encryption() throws {
        let policy = try ContentPolicy("encryption: { messages: required }")
        for type in ["m.room.message", "m.sticker", "m.poll.start", "org.example.x", "m.call.invite"] {
            for direction in Direction.allCases {
                let author = direction == .inbound ? ContentPolicy.peer : "own.example.fr"
                let refused = try policy.event(ContentPolicy.message(type), by: author, direction)
                #expect(refused.reason == .roomPlaintext, "\(type) \(direction)")
                #expect(refused.rule?.id == "tiers.eu.encryption.messages")
            }
        }
        for type in ["m.room.encrypted", "m.room.redaction", "m.reaction"] {
            #expect(try policy.event(ContentPolicy.message(type)).isAllowed, "\(type)")
        }
        #expect(try policy.event(ContentPolicy.state("m.room.topic")).isAllowed)
        // As state it is no encrypted message, and no message at all.
        #expect(try policy.event(ContentPolicy.state("m.room.encrypted")).isAllowed)
        let optional = try ContentPolicy(
            "encryption: { messages: required }", like: ["encryption: { messages: optional }"])
        #expect(try optional.event(ContentPolicy.message("m.room.message"), by: ContentPolicy.partner).isAllowed)
    }

    @Test("AC-71 only the algorithms that are listed may encrypt, or be set for a room")
    func algorithms() throws {
        let policy = try ContentPolicy("encryption: { algorithms: [megolm] }")
        func event(_ algorithm: String?, state: Bool) -> EventQuestion {
            EventQuestion(
                author: nil, type: state ? "m.room.encryption" : "m.room.encrypted", stateKey: state ? "" : nil,
                algorithm: algorithm)
        }
        for state in [true, false] {
            #expect(try policy.event(event("m.megolm.v1.aes-sha2", state: state)).isAllowed)
            for other in ["m.mls.v1", "m.megolm.v2", "", "none", nil] as [String?] {
                let refused = try policy.event(event(other, state: state))
                #expect(refused.reason == .encryptionAlgorithm, "\(other ?? "nil")")
                #expect(refused.rule?.id == "tiers.eu.encryption.algorithms")
            }
        }
        let mls = try ContentPolicy("encryption: { algorithms: [mls, megolm] }")
        #expect(try mls.event(event("org.matrix.msc4256.mls", state: true)).isAllowed)
        #expect(try policy.event(ContentPolicy.message("m.room.message")).isAllowed)
    }
}
