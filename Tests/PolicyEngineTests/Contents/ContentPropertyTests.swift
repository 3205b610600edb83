// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@Suite("Rules on contents: order, meaning, narrowing, and what is enforced")
struct ContentPropertyTests {
    /// Every key, each with its lists written by dice.
    static func lines(_ dice: inout SeededGenerator) -> [String] {
        func list(_ words: String...) -> String { "[" + words.shuffled(using: &dice).joined(separator: ", ") + "]" }
        func mapping(_ entries: String...) -> String {
            "{ " + entries.shuffled(using: &dice).joined(separator: ", ") + " }"
        }
        return [
            "audit: forensic", "client_certificate: required", "verify_pdus: all",
            "events: "
                + mapping(
                    "types: " + list("m.room.encrypted", "reactions", "\"org.example.*\"", "\"org.*\""),
                    "state_types: " + list("m.room.member", "m.room.topic", "calls"),
                    "refuse_types: " + list("m.room.server_acl", "polls", "\"org.example.bad.*\"", "m.sticker"),
                    "unknown_types: alert"),
            "encryption: " + mapping("messages: required", "algorithms: " + list("megolm", "mls")),
            "to_device: " + mapping("types: " + list("m.room.encrypted", "\"m.key.verification.*\""), "max: 64KiB"),
            "fold: " + mapping("presence: online_offline_only", "device_names: remove"),
            "rooms: "
                + mapping(
                    "encrypted: required", "min_version: 11", "other_servers: " + list("own", "eu", "partner"),
                    "otherwise: quarantine", "unknown: alert"),
            "media: "
                + mapping("max: 50MiB", "types: " + list("\"image/*\"", "application/pdf"), "require_reference: true"),
            "users: "
                + mapping(
                    "refuse_localparts: " + list("whatsapp_*", "irc_*"),
                    "invite_from: " + list("\"@a:a.example.de\"", "\"@b:a.example.de\""),
                    "invite_to: " + list("\"@*:own.example.fr\"", "\"@c:own.example.fr\"")),
            "limits: " + mapping("requests: 50/s", "concurrent: 20", "bytes_out: 5GiB/d", "profiles: 200/h"),
            "hours: " + mapping("zone: Europe/Paris", "alert_outside: \"Mon-Fri 06:00-22:00\""),
            "labels: " + mapping("scheme: stanag-4774", "ceiling: \"NATO RESTRICTED\"", "missing: refuse"),
            "tls: " + mapping("min: \"1.3\"", "profile: bsi-2026"), "as_author: redact", "in_room: alert",
        ].shuffled(using: &dice)
    }

    @Test("the order of keys, entries and lists changes nothing", arguments: 0..<60 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let first = try Policy.of(ContentPolicy.text(Self.lines(&dice)))
        let second = try Policy.of(ContentPolicy.text(Self.lines(&dice)))
        #expect(first.contentHash == second.contentHash, "seed \(seed)")
        let (one, two) = (try first.peer(ContentPolicy.peer), try second.peer(ContentPolicy.peer))
        let types = [
            "m.room.encrypted", "m.sticker", "org.example.bad.x", "org.example.x", "m.poll.start", "x", "m.room.member",
        ]
        for type in types {
            for key in [nil, ""] as [String?] {
                let question = EventQuestion(
                    author: try ServerName(ContentPolicy.peer), sender: "@u:a.example.de", type: type, stateKey: key,
                    algorithm: "m.megolm.v1.aes-sha2")
                let (a, b) = (
                    first.decideEvent(question, deliveredBy: one, .inbound),
                    second.decideEvent(question, deliveredBy: two, .inbound)
                )
                #expect(
                    a.isAllowed == b.isAllowed && a.reason == b.reason && a.rule?.id == b.rule?.id
                        && a.alert == b.alert,
                    "seed \(seed): \(type)")
            }
        }
    }

    @Test("every value that can be written changes the content hash")
    func sensitivity() throws {
        var dice = SeededGenerator(seed: 1)
        let text = ContentPolicy.text(Self.lines(&dice))
        let hash = try Policy.of(text).contentHash
        for (old, new) in [
            ("audit: forensic", "audit: full"), ("client_certificate: required", "client_certificate: optional"),
            ("verify_pdus: all", "verify_pdus: none"), ("reactions", "stickers"), ("m.room.topic", "m.room.name"),
            ("polls", "location"), ("unknown_types: alert", "unknown_types: refuse"),
            ("messages: required", "messages: optional"),
            ("mls", "\"mls\""), ("max: 64KiB", "max: 63KiB"), ("\"m.key.verification.*\"", "m.room_key"),
            ("presence: online_offline_only", "presence: whole"), ("device_names: remove", "device_names: keep"),
            ("encrypted: required", "encrypted: optional"), ("min_version: 11", "min_version: 12"),
            ("otherwise: quarantine", "otherwise: refuse"),
            ("unknown: alert", "unknown: refuse"), ("max: 50MiB", "max: 49MiB"), ("\"image/*\"", "image/png"),
            ("require_reference: true", "require_reference: false"), ("irc_*", "xmpp_*"),
            ("@a:a.example.de", "@d:a.example.de"),
            ("@c:own.example.fr", "@d:own.example.fr"), ("requests: 50/s", "requests: 50/min"),
            ("concurrent: 20", "concurrent: 21"),
            ("Europe/Paris", "Europe/London"), ("06:00-22:00", "06:00-22:01"), ("NATO RESTRICTED", "NATO SECRET"),
            ("missing: refuse", "missing: alert"), ("min: \"1.3\"", "min: \"1.2\""), (", profile: bsi-2026", ""),
            ("as_author: redact", "as_author: refuse"), ("in_room: alert", "in_room: refuse"),
        ] where text.contains(old) {
            let changed = try Policy.of(text.replacing(old, with: new)).contentHash
            #expect((changed == hash) == (old == "mls"), "\(old) → \(new)")
        }
    }

    @Test(
        "a tier that is the same, or like its state's tier and tighter, is within it; the state's is not within a tighter one"
    )
    func narrowing() throws {
        var dice = SeededGenerator(seed: 2)
        let lines = Self.lines(&dice)
        func text(like: [String], tier: String, state: String) -> String {
            ContentPolicy.text(lines, like: like)
                .replacing("DE: eu, NL: eu", with: "DE: \(state), NL: eu")
                .replacing("state: DE }", with: "state: DE, tier: \(tier) }")
        }
        for tighter in [
            [], ["rooms: { min_version: 12 }"], ["media: { max: 1MiB, types: [image/png] }"],
            ["limits: { requests: 49/s }"],
            ["events: { refuse_types: [location] }"], ["events: { types: [m.room.encrypted] }"],
            ["to_device: { types: [m.room.encrypted], max: 1KiB }"], ["encryption: { algorithms: [megolm] }"],
            ["labels: { scheme: stanag-4774, ceiling: \"NATO UNCLASSIFIED\" }"],
            ["users: { refuse_localparts: [xmpp_*] }"],
            ["users: { invite_from: [\"@a:a.example.de\"] }"], ["rooms: { other_servers: [own], unknown: refuse }"],
        ] {
            _ = try Policy.of(text(like: tighter, tier: "partner", state: "eu"))
            guard !tighter.isEmpty else { continue }
            #expect(throws: PolicyErrors.self, "\(tighter)") {
                try Policy.of(text(like: tighter, tier: "eu", state: "partner"))
            }
        }
        // A tier that may nothing lets no contents through.
        _ = try Policy.of(text(like: [], tier: "watch", state: "eu"))
    }

    @Test("what is written and not enforced is said, with its place; what is enforced whole is not")
    func unenforced() throws {
        var dice = SeededGenerator(seed: 3)
        let policy = try Policy.of(ContentPolicy.text(Self.lines(&dice)))
        let found = policy.unenforced
        let named = Set(found.compactMap { $0.what.split(separator: "`").first.map(String.init) })
        for key in [
            "verify_pdus", "events.types", "events.refuse_types", "encryption.messages",
            "to_device.types",
            "fold.presence", "fold.device_names", "rooms.encrypted", "rooms.min_version", "rooms.other_servers",
            "media.require_reference", "users.refuse_localparts", "labels", "as_author", "in_room",
        ] {
            #expect(named.contains("tiers.eu.\(key)"), "\(key)")
        }
        for key in [
            "audit", "client_certificate", "tls.min", "tls.profile", "hours", "users.invite_from", "media.max",
            "media.types",
            "limits.requests", "limits.concurrent",
        ] {
            #expect(!named.contains("tiers.eu.\(key)"), "\(key)")
        }
        // Said once where it is written, and not again for the tier that inherits it.
        #expect(!named.contains { $0.hasPrefix("tiers.partner") } && Set(found.map(\.line)).count > 5)
        #expect(found.allSatisfy { $0.line > 0 && !$0.meanwhile.isEmpty })
        let whole = found.first { $0.what.contains("rooms.encrypted") }?.description ?? ""
        #expect(
            whole.hasSuffix(
                "asks for what is not known yet; that a room is encrypted is known of invitations whose room state says so; other rooms get what `rooms.unknown` says, which is `alert`; decide whether that answer is right until a later version knows more"
            ))
        #expect(try ContentPolicy("tls: { min: \"1.3\" }").policy.unenforced.isEmpty)
        #expect(try ContentPolicy("media: { require_reference: false }").policy.unenforced.isEmpty)
    }

    @Test("what has no effect draws a warning")
    func warnings() throws {
        func warnings(_ lines: String...) throws -> [String] {
            try Policy.of(ContentPolicy.text(lines)).warnings.map(\.what)
        }
        #expect(try warnings("audit: standard").isEmpty)
        #expect(
            try warnings("audit: full") == ["`tiers.eu.audit` is `full`, and `audit.seal_to` names no auditor"])
        #expect(
            try warnings("events: { types: [m.sticker], refuse_types: [m.sticker] }") == [
                "`m.sticker` is in both `tiers.eu.events.types` and `tiers.eu.events.refuse_types`"
            ])
        #expect(
            try warnings("events: { state_types: [m.room.topic] }") == [
                "`tiers.eu.events.state_types` refuses `m.room.member` of tier `eu`"
            ])
        let folding = ContentPolicy.text(["fold: { presence: online_offline_only }"])
            .replacing("    edu: [presence, to_device, device_lists]\n", with: "    edu: [to_device]\n")
        #expect(
            try Policy.of(folding).warnings.map(\.what) == [
                "`tiers.eu.fold.presence` speaks of `presence`, which `edu` does not list"
            ])
        let blocked = ContentPolicy.text([]).replacing(
            "  watch: {", with: "  blocked: { may: [], audit: minimal, tls: { min: \"1.3\" } }\n  watch: {")
        #expect(try Policy.of(blocked).warnings.map(\.what) == ["tier `blocked` writes `tls`"])
    }

    @Test("AC-96 a peer that another policy admitted is refused by every rule")
    func foreignPeer() throws {
        let stranger = try ContentPolicy("audit: full").policy.peer(ContentPolicy.peer)
        let policy = try ContentPolicy("audit: forensic").policy
        let channel = ChannelFacts(version: .tls13, hasClientCertificate: true, suite: "", group: "")
        for verdict in [
            policy.decideToDevice(type: "m.dummy", bytes: 1, from: stranger),
            policy.decideMedia(MediaFacts(), with: stranger),
            policy.decideLabel(nil, with: stranger), policy.decideHours(Timestamp(milliseconds: 0), with: stranger),
            policy.decideChannel(channel, of: stranger), policy.decideProfile(channel, of: stranger),
            policy.decideUser(try UserID("@u:a.example.de"), from: stranger),
        ] {
            #expect(verdict.reason == .policyUnavailable)
        }
    }
}

@Suite("docs/policy.md and rules on contents")
struct ContentDocumentationTests {
    @Test("names every key, family, word, and what is not enforced as such")
    func complete() throws {
        let text = String(decoding: try ShippedPolicyTests.read("docs/policy.md"), as: UTF8.self)
        let keys = [
            "events.types", "events.state_types", "events.refuse_types", "events.unknown_types", "encryption.messages",
            "encryption.algorithms", "to_device.types", "to_device.max", "fold.presence", "fold.device_names",
            "rooms.encrypted",
            "rooms.min_version", "rooms.other_servers", "rooms.otherwise", "rooms.unknown", "media.max", "media.types",
            "media.require_reference", "media.unknown", "users.refuse_localparts", "users.invite_from",
            "users.invite_to",
            "limits.concurrent",
            "hours.zone", "hours.alert_outside", "hours.refuse_outside", "labels.scheme", "labels.ceiling",
            "labels.missing",
            "as_author", "in_room", "client_certificate", "tls.min", "tls.profile", "verify_pdus", "audit",
        ]
        let words =
            keys + LimitName.allCases.map(\.rawValue) + AuditLevel.allCases.map(\.rawValue)
            + TLSProfile.allCases.map(\.rawValue) + LabelScheme.allCases.map(\.rawValue)
            + EventFamily.allCases.map(\.rawValue) + EncryptionAlgorithm.allCases.map(\.rawValue)
        for word in words { #expect(text.contains("`\(word)`"), "\(word)") }
    }

    @Test("the example's keys that are not enforced are those that the table calls so")
    func gaps() throws {
        let text = String(decoding: try ShippedPolicyTests.read("docs/policy.md"), as: UTF8.self)
        let example = try #require(
            text.components(separatedBy: "```yaml\n").first { $0.contains("id: contents") }?.components(
                separatedBy: "```"
            ).first)
        let unenforced = try Policy.of(example).unenforced.filter { $0.what.hasSuffix("not enforced yet") }
        let rows = text.components(separatedBy: "\n").filter { $0.contains("**Not yet**") && $0.hasPrefix("| `") }
        #expect(!unenforced.isEmpty)
        for gap in unenforced {
            let key = String(gap.what.split(separator: "`")[0].dropFirst("tiers.eu.".count))
            let named = rows.contains { row in
                row.hasPrefix("| `\(key)`") || (key.hasPrefix("limits.") && row.hasPrefix("| `limits.…`"))
                    || (key == "labels" && row.hasPrefix("| `labels.ceiling`"))
            }
            #expect(named, "\(key)")
        }
    }
}
