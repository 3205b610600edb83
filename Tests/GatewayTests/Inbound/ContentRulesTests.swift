// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import MatrixFederation
import TestKit
import Testing

@testable import Transport

/// What the gateway carries out of a tier's rules on contents, each beside the same request made legitimate.
@Suite("Rules on contents at the border")
struct ContentRulesTests {
    private static let partner = BorderPolicy.partner
    private static let good = SampleEvent.message(by: partner, "good")

    private func stand(_ rules: String, mode: String = "enforce", _ test: (Border) async throws -> Void) async throws {
        let text = try BorderPolicy.text(mode: mode).replacing(
            "partner: { inbound", with: "partner: { \(rules), inbound")
        try await Border.stand(policy: text, test)
    }

    private static func transaction(_ pdus: [String], edus: [String]? = nil) -> String {
        SampleEvent.transaction(from: partner, pdus: pdus, edus: edus)
    }

    /// Sends one item that is refused and then the good one, which passes.
    private func expectAbsorbs(
        _ border: Border, _ pdus: [String], edus: [String]? = nil, _ reason: String, _ rule: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await border.send(Self.transaction(pdus, edus: edus))
        #expect(outcome.response.status == 200 && outcome.seen.isEmpty, sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "absorbed", sourceLocation: sourceLocation)
        #expect(outcome.record.text("refusals.0.reason") == reason, sourceLocation: sourceLocation)
        #expect(outcome.record.text("refusals.0.rule_id") == rule, sourceLocation: sourceLocation)
    }

    private func state(_ type: String, by author: String = partner) -> String {
        SampleEvent.message(by: author, "", ["type": "\"\(type)\"", "state_key": "\"\"", "content": "{}"])
    }

    @Test("AC-70 AC-72 types that the author's tier refuses do not pass, and the record is marked; others pass")
    func types() async throws {
        try await stand("events: { refuse_types: [m.room.server_acl, location] }") { border in
            try await expectAbsorbs(
                border, [state("m.room.server_acl")], "pdu.type_refused", "tiers.partner.events.refuse_types")
            #expect(try await border.lastRecord().text("alerts.0") == "acl.changed")
            let location = SampleEvent.message(
                by: Self.partner, "", ["content": #"{"body":"x","geo_uri":"geo:1,2","msgtype":"m.location"}"#])
            try await expectAbsorbs(border, [location], "pdu.type_refused", "tiers.partner.events.refuse_types")
            try await border.expectPasses(
                "PUT", "/_matrix/federation/v1/send/t9", Self.transaction([Self.good, state("m.room.topic")]))
            #expect(try await border.lastRecord().count("alerts") == 0)
        }
    }

    @Test("what passes and is worth a look is marked in the record: unknown types, server ACLs, tombstones")
    func alerts() async throws {
        try await stand("events: { unknown_types: alert }") { border in
            let custom = SampleEvent.message(by: Self.partner, "x", ["type": #""org.example.custom""#])
            try await border.expectPasses(
                "PUT", "/_matrix/federation/v1/send/t1",
                Self.transaction([custom, custom, state("m.room.server_acl"), state("m.room.tombstone")]))
            let record = try await border.lastRecord()
            #expect(record.string.hasPrefix(#"{"alerts":["pdu.type_unknown","acl.changed","room.tombstone"],"#))
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t2", Self.transaction([Self.good]))
            #expect(try await border.lastRecord().count("alerts") == 0)
        }
    }

    @Test("AC-71 where encryption is required a message in clear does not pass, nor one of another algorithm")
    func encryption() async throws {
        func encrypted(_ algorithm: String) -> String {
            SampleEvent.message(
                by: Self.partner, "",
                ["type": #""m.room.encrypted""#, "content": #"{"algorithm":"\#(algorithm)","ciphertext":"x"}"#])
        }
        try await stand("encryption: { messages: required, algorithms: [megolm] }") { border in
            try await expectAbsorbs(border, [Self.good], "room.plaintext", "tiers.partner.encryption.messages")
            for algorithm in ["m.none", "m.olm.v1.curve25519-aes-sha2", ""] {
                try await expectAbsorbs(
                    border, [encrypted(algorithm)], "encryption.algorithm", "tiers.partner.encryption.algorithms")
            }
            let good = Self.transaction([encrypted("m.megolm.v1.aes-sha2"), state("m.room.topic")])
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t9", good)
        }
    }

    @Test("AC-80 messages to devices of other types do not pass")
    func toDevice() async throws {
        let good = SampleEvent.toDevice(from: "@u:\(Self.partner)", to: "@v:\(BorderPolicy.own)")
        let bad = good.replacing("m.room.encrypted", with: "org.example.tunnel")
        try await stand("to_device: { types: [m.room.encrypted], max: 1KiB }") { border in
            try await expectAbsorbs(border, [], edus: [bad], "edu.to_device", "tiers.partner.to_device.types")
            let large = good.replacing(#"{"*":{}}"#, with: "{\"*\":{\"x\":\"\(String(repeating: "y", count: 1024))\"}}")
            try await expectAbsorbs(border, [], edus: [large], "edu.to_device", "tiers.partner.to_device.max")
            try await border.expectPasses(
                "PUT", "/_matrix/federation/v1/send/t9", Self.transaction([Self.good], edus: [good]))
        }
    }

    @Test("AC-112 bridged users do not pass as senders, as members, or as those who ask; others of their server do")
    func bridged() async throws {
        let puppet = "@whatsapp_49:\(Self.partner)"
        try await stand("users: { refuse_localparts: [\"whatsapp_*\"] }") { border in
            let rule = "tiers.partner.users.refuse_localparts"
            let sent = SampleEvent.message(by: Self.partner, "x", ["sender": "\"\(puppet)\""])
            try await expectAbsorbs(border, [sent], "user.bridge_denied", rule)
            let member = SampleEvent.member("join", by: Self.partner, of: puppet)
            try await expectAbsorbs(border, [member], "user.bridge_denied", rule)
            func join(_ user: String) -> String {
                "/_matrix/federation/v1/make_join/!r:\(BorderPolicy.own)/\(user)?ver=11"
            }
            try await border.expectRefuses(
                "GET", join(puppet), nil, 403, "M_FORBIDDEN", "user.bridge_denied", rule: rule)
            try await border.expectPasses("GET", join("@anna:\(Self.partner)"))
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t9", Self.transaction([Self.good]))
        }
        try await stand("users: { refuse_localparts: [\"whatsapp_*\"] }", mode: "shadow") { border in
            try await border.expectPasses(
                "GET", "/_matrix/federation/v1/make_join/!r:\(BorderPolicy.own)/\(puppet)?ver=11")
            #expect(try await border.lastRecord().text("shadow.decision") == "refuse")
        }
    }

    private static let hashRoom = "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"

    @Test("AC-58 AC-62 rooms of which too little is known are refused to join, to knock, to invite to and to write in")
    func unknownRooms() async throws {
        let rules = "rooms: { encrypted: required, other_servers: [partner], otherwise: alert }"
        let requests = try [Endpoint.makeJoin, .sendJoinV1, .sendJoinV2, .makeKnock, .sendKnock, .inviteV1, .inviteV2]
            .map { try #require(try LegitimateRequest($0, from: Self.partner, to: BorderPolicy.own)) }
        try await stand(rules) { border in
            for request in requests {
                try await border.expectRefuses(
                    request.method, request.target, request.body, 403, "M_FORBIDDEN", "room.unknown",
                    rule: "tiers.partner.rooms.encrypted")
            }
            try await expectAbsorbs(border, [Self.good], "room.unknown", "tiers.partner.rooms.encrypted")
            for edu in [
                SampleEvent.typing(of: "@u:\(Self.partner)"), SampleEvent.receipt(of: "@u:\(Self.partner)"),
            ] {
                try await expectAbsorbs(border, [], edus: [edu], "room.unknown", "tiers.partner.rooms.encrypted")
            }
            // Who is in a room is not stopped half way, and may leave it.
            for endpoint in [
                Endpoint.getState, .getStateIDs, .getEvent, .backfill, .eventAuth, .makeLeave, .sendLeaveV2,
            ] {
                let request = try #require(try LegitimateRequest(endpoint, from: Self.partner, to: BorderPolicy.own))
                try await border.expectPasses(request.method, request.target, request.body)
            }
            let other = SampleEvent.transaction(
                from: BorderPolicy.reader, pdus: [SampleEvent.message(by: BorderPolicy.reader)])
            try await border.expectPasses(
                "PUT", "/_matrix/federation/v1/send/t8", other, from: BorderPolicy.reader)
            // An author's tier is asked, whoever delivers.
            let relayed = try await border.send(
                SampleEvent.transaction(from: BorderPolicy.reader, pdus: [Self.good]), from: BorderPolicy.reader)
            #expect(relayed.seen.isEmpty && relayed.record.text("refusals.0.reason") == "room.unknown")
        }
        for (unknown, mark) in [("alert", "room.unknown"), ("allow", nil)] {
            try await stand(rules.replacing("alert }", with: "refuse, unknown: \(unknown) }")) { border in
                for request in requests {
                    try await border.expectPasses(request.method, request.target, request.body)
                    #expect(try await border.lastRecord().text("alerts.0") == mark)
                }
                try await border.expectPasses(
                    "PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]))
                #expect(try await border.lastRecord().text("alerts.0") == mark)
            }
        }
        try await stand(rules, mode: "shadow") { border in
            try await border.expectPasses(requests[0].method, requests[0].target)
            #expect(try await border.lastRecord().text("shadow.rule_id") == "tiers.partner.rooms.encrypted")
        }
    }

    @Test(
        "room versions are taken from what proves them: the room's name, the invitation, the versions that are spoken")
    func roomVersions() async throws {
        try await stand("rooms: { min_version: 12 }") { border in
            let old = "/_matrix/federation/v1/make_join/!r:\(BorderPolicy.own)/@u:\(Self.partner)?ver=12"
            try await border.expectRefuses(
                "GET", old, nil, 403, "M_FORBIDDEN", "room.version", rule: "tiers.partner.rooms.min_version")
            try await border.expectPasses("GET", old.replacing("!r:\(BorderPolicy.own)", with: Self.hashRoom))
            try await expectAbsorbs(border, [Self.good], "room.version", "tiers.partner.rooms.min_version")
            let new = SampleEvent.message(by: Self.partner, "x", ["room_id": "\"\(Self.hashRoom)\""])
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([new]))
        }
        try await stand("rooms: { min_version: 11 }") { border in
            let join = "/_matrix/federation/v1/make_join/!r:\(BorderPolicy.own)/@u:\(Self.partner)"
            for (query, reason) in [
                ("", "room.version"), ("?ver=9&ver=10", "room.version"), ("?ver=10&ver=11", "room.unknown"),
                ("?ver=11&ver=org.example.odd", "room.unknown"), ("?ver=99", "room.version"),
            ] {
                try await border.expectRefuses("GET", join + query, nil, 403, "M_FORBIDDEN", reason)
            }
            try await border.expectPasses("GET", join + "?ver=11")
            let invite = try #require(try LegitimateRequest(.inviteV2, from: Self.partner, to: BorderPolicy.own))
            try await border.expectPasses(invite.method, invite.target, invite.body)
            let first = try #require(try LegitimateRequest(.inviteV1, from: Self.partner, to: BorderPolicy.own))
            try await border.expectRefuses(
                first.method, first.target, first.body, 403, "M_FORBIDDEN", "room.version")
        }
    }

    @Test("AC-58 an invitation whose room state says that the room is encrypted is to an encrypted room")
    func encryptedInvitation() async throws {
        let invite = try #require(try LegitimateRequest(.inviteV2, from: Self.partner, to: BorderPolicy.own))
        func body(_ content: String, key: String = "") -> String {
            let event =
                #"{"content":\#(content),"sender":"@u:\#(Self.partner)","state_key":"\#(key)","type":"m.room.encryption"}"#
            return (invite.body ?? "").replacing(#""invite_room_state":[]"#, with: #""invite_room_state":[\#(event)]"#)
        }
        try await stand("rooms: { encrypted: required }") { border in
            for bad in [
                body("{}"), body(#"{"algorithm":""}"#), body(#"{"algorithm":"x"}"#, key: "other"), invite.body ?? "",
            ] {
                try await border.expectRefuses(
                    invite.method, invite.target, bad, 403, "M_FORBIDDEN", "room.unknown",
                    rule: "tiers.partner.rooms.encrypted")
            }
            try await border.expectPasses(
                invite.method, invite.target, body(#"{"algorithm":"m.megolm.v1.aes-sha2"}"#))
        }
    }

    @Test("labels are known of no room: each gets what the tier says of a missing one")
    func labels() async throws {
        let join = "/_matrix/federation/v1/make_join/!r:\(BorderPolicy.own)/@u:\(Self.partner)?ver=11"
        let rules = "labels: { scheme: stanag-4774, ceiling: \"NATO RESTRICTED\""
        try await stand(rules + " }") { border in
            try await border.expectRefuses(
                "GET", join, nil, 403, "M_FORBIDDEN", "label.missing", rule: "tiers.partner.labels")
            try await expectAbsorbs(border, [Self.good], "label.missing", "tiers.partner.labels")
        }
        try await stand(rules + ", missing: alert }") { border in
            try await border.expectPasses("GET", join)
            #expect(try await border.lastRecord().text("alerts.0") == "label.missing")
        }
    }

    @Test("AC-83 AC-84 what is to be folded and cannot be is refused: presence, and device lists that name a device")
    func folding() async throws {
        let user = "@u:\(Self.partner)"
        try await stand("fold: { presence: online_offline_only, device_names: remove }") { border in
            try await expectAbsorbs(
                border, [], edus: [SampleEvent.presence(of: user)], "edu.refused", "tiers.partner.fold.presence")
            for name in [
                #""device_display_name":"Anna's telephone""#, #""keys":{"unsigned":{"device_display_name":"x"}}"#,
            ] {
                let named = SampleEvent.edu(
                    "m.device_list_update", #"{"device_id":"D","stream_id":1,"user_id":"\#(user)",\#(name)}"#)
                try await expectAbsorbs(border, [], edus: [named], "edu.refused", "tiers.partner.fold.device_names")
            }
            try await border.expectPasses(
                "PUT", "/_matrix/federation/v1/send/t1",
                Self.transaction([Self.good], edus: [SampleEvent.deviceList(of: user), SampleEvent.typing(of: user)]))
        }
    }

    @Test("AC-41 a tier's TLS profile refuses connections of other groups, and lets those of its own pass")
    func profile() async throws {
        let authority = try CertificateAuthority(name: "test root")
        let served = try authority.issue(CertificateRequest(dnsNames: ["home.example"], addresses: ["127.0.0.1"]))
        try await GatewayUnderTest.running {
            $0.tls = TLSServerConfiguration(identities: [served])
            $0.names = ["home.example"]
            $0.policy = try TestPolicy.text(own: ["home.example"]).replacing(
                "friend: {", with: "friend: { tls: { profile: bsi-2026 },")
        } _: { gateway in
            var configuration = TLSClientConfiguration()
            configuration.roots = .pem(try authority.pem())
            let client = try TLSClientContext(configuration)
            let status = try await gateway.ask(
                try TestPeer.friend.transaction(), over: client, as: .dns("home.example")
            ).status
            let record = try #require(try await gateway.records().last)
            // The group that both agreed on is in the record, and decides.
            let isWithin = record.text.contains(#""group":"secp"#)
            #expect(status == (isWithin ? 200 : 403) && (record.reason == "tls.refused") == !isWithin)
            #expect(isWithin || record.rule == "tiers.friend.tls.profile")
        }
    }

    @Test("outside of the hours nothing passes where the tier says so, and inside all does")
    func hours() async throws {
        try await stand("hours: { zone: UTC, refuse_outside: \"Mon-Sun 00:00-24:00\" }") { border in
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]))
        }
        // A minute three days from now.
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let day = names[(calendar.component(.weekday, from: Date()) + 2) % 7]
        try await stand("hours: { zone: UTC, refuse_outside: \"\(day) 12:00-12:01\" }") { border in
            try await border.expectRefuses(
                "PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]), 403, "M_FORBIDDEN",
                "hours.outside", rule: "tiers.partner.hours.refuse_outside")
        }
        try await stand("hours: { zone: UTC, alert_outside: \"\(day) 12:00-12:01\" }") { border in
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]))
            #expect(try await border.lastRecord().text("alerts.0") == "hours.outside")
        }
    }

    @Test("without TLS neither a demanded certificate nor a demanded version is there")
    func withoutTLS() async throws {
        for (rules, reason, rule) in [
            ("client_certificate: required", "tls.client_certificate", "tiers.partner.client_certificate"),
            ("tls: { min: \"1.3\" }", "tls.refused", "tiers.partner.tls.min"),
        ] {
            try await stand(rules) { border in
                try await border.expectRefuses(
                    "PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]), 403, "M_FORBIDDEN", reason,
                    rule: rule)
            }
        }
    }

    @Test("a server whose tier asks for a client certificate passes with one and not without")
    func clientCertificate() async throws {
        let authority = try CertificateAuthority(name: "test root")
        let served = try authority.issue(CertificateRequest(dnsNames: ["home.example"], addresses: ["127.0.0.1"]))
        let shown = try authority.issue(CertificateRequest(dnsNames: ["friend.example"], usage: .client))
        try await GatewayUnderTest.running {
            var tls = TLSServerConfiguration(identities: [served])
            tls.clientAuthentication = .optional(.pem(try authority.pem()))
            $0.tls = tls
            $0.names = ["home.example"]
            $0.policy = try TestPolicy.text(own: ["home.example"]).replacing(
                "friend: {", with: "friend: { client_certificate: required, tls: { min: \"1.3\" },")
        } _: { gateway in
            func answer(_ identity: TLSIdentity?) async throws -> Int {
                var configuration = TLSClientConfiguration()
                configuration.roots = .pem(try authority.pem())
                configuration.identity = identity
                let client = try TLSClientContext(configuration)
                return try await gateway.ask(
                    try TestPeer.friend.transaction(), over: client, as: .dns("home.example")
                ).status
            }
            #expect(try await answer(shown) == 200)
            #expect(gateway.homeserver.requests.count == 1)
            #expect(try await answer(nil) == 403)
            #expect(gateway.homeserver.requests.count == 1)
            #expect(try await gateway.until { try await gateway.records().count == 2 })
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "refuse" && record.reason == "tls.client_certificate")
        }
    }
}
