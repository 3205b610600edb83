// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Gateway

@Suite("What a record holds, by the level of the peer's tier")
struct RecordLevelTests {
    private static let own = "home.example"
    private static let peer = "friend.example"
    private static let auditor: AuditorKey? = {
        var secret = [UInt8](repeating: 9, count: 32)
        return SecretKey(taking: &secret).flatMap { AuditorKey($0) }
    }()
    /// The members that a level can add or take away.
    private static let levelled: Set<String> = [
        "event_other", "events", "events_asked", "events_asked_omitted", "events_omitted", "level", "media",
        "req_sha256", "room", "rooms", "rooms_omitted", "sealed", "subject", "subjects", "subjects_omitted", "target",
        "targets", "targets_omitted",
    ]

    private struct Kind {
        let name: String
        let request: WireRequest
        /// Of `levelled`, at level `standard`.
        let members: Set<String>
        var decision = "allow"
    }

    private static func policy(_ level: String) throws -> String {
        let auditor = try #require(auditor).recipient.text
        return try TestPolicy.text().replacing("friend: {", with: "friend: { audit: \(level), ")
            + "\naudit: { seal_to: [\(auditor)] }\n"
    }

    private static func sample(_ endpoint: Endpoint) throws -> WireRequest {
        let sample = try #require(try LegitimateRequest(endpoint, from: peer, to: own))
        return try TestPeer.friend.request(sample.method, sample.target, sample.body)
    }

    private static func send(_ pdus: [String], edus: [String] = []) throws -> WireRequest {
        try TestPeer.friend.request(
            "PUT", "/_matrix/federation/v1/send/t", SampleEvent.transaction(from: peer, pdus: pdus, edus: edus))
    }

    private static func kinds() throws -> [Kind] {
        let message = SampleEvent.message(by: peer)
        let other = SampleEvent.message(by: peer, "y", ["room_id": "\"!s:\(peer)\"", "sender": "\"@w:\(peer)\""])
        let stranger = SampleEvent.message(by: "blocked.example")
        let query = #"{"device_keys":{"@v:\#(own)":[],"@w:\#(own)":[]}}"#
        let missing = #"{"earliest_events":["$e:\#(peer)"],"latest_events":["$f:\#(peer)"]}"#
        return [
            Kind(name: "send", request: try send([message]), members: ["events", "req_sha256", "room", "subjects"]),
            Kind(
                name: "send to two rooms", request: try send([message, other]),
                members: ["events", "req_sha256", "rooms", "subjects"]),
            Kind(
                name: "refused send", request: try send([stranger]), members: ["req_sha256", "room", "subjects"],
                decision: "absorbed"),
            Kind(
                name: "to-device",
                request: try send([], edus: [SampleEvent.toDevice(from: "@u:\(peer)", to: "@v:\(own)")]),
                members: ["req_sha256"]),
            Kind(
                name: "invite", request: try sample(.inviteV2),
                members: ["events", "req_sha256", "room", "subject", "target"]),
            Kind(
                name: "send_join", request: try sample(.sendJoinV2),
                members: ["events", "req_sha256", "room", "subject"]),
            Kind(name: "make_join", request: try sample(.makeJoin), members: ["room", "subject"]),
            Kind(name: "profile", request: try sample(.queryProfile), members: ["target"]),
            Kind(name: "keys/query", request: try sample(.userKeysQuery), members: ["req_sha256", "target"]),
            Kind(
                name: "keys/query for two",
                request: try TestPeer.friend.request("POST", "/_matrix/federation/v1/user/keys/query", query),
                members: ["req_sha256", "targets"]),
            Kind(name: "media", request: try sample(.mediaDownload), members: ["media"]),
            Kind(name: "event", request: try sample(.getEvent), members: ["events_asked"]),
            Kind(name: "state_ids", request: try sample(.getStateIDs), members: ["events_asked", "room"]),
            Kind(name: "backfill", request: try sample(.backfill), members: ["events_asked", "room"]),
            Kind(
                name: "get_missing_events",
                request: try TestPeer.friend.request(
                    "POST", "/_matrix/federation/v1/get_missing_events/!r:\(peer)", missing),
                members: ["events_asked", "req_sha256", "room"]),
        ]
    }

    private static func levelMembers(_ kind: Kind, _ level: AuditLevel) -> Set<String> {
        switch level {
        case .minimal: ["level"]
        case .standard: kind.members
        case .forensic, .full: kind.members.union(["level", "sealed"])
        }
    }

    /// Runs `body` with a gateway whose tier has the level, whose clock is right, and whose auditors are known.
    private static func running(
        _ level: AuditLevel, _ body: (GatewayUnderTest) async throws -> Void
    ) async throws {
        let text = try policy(level.rawValue)
        try await GatewayUnderTest.running {
            $0.policy = text
        } _: { gateway in
            gateway.clock.advance(Int64(Date().timeIntervalSince1970 * 1000) - gateway.clock.now.milliseconds)
            gateway.log.use(try gateway.log.prepare(try TestPolicy.inForce(text).policy.audit))
            gateway.homeserver.answer(.text(200, "{}"))
            try await body(gateway)
        }
    }

    private static func members(_ record: TrailRecord) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(record.text.utf8)) as? [String: Any])
    }

    /// What the auditor reads in a record's box.
    private static func opened(_ record: TrailRecord, _ gateway: GatewayUnderTest) throws -> String {
        let sealed = try #require(SealedRecord(Array(record.text.utf8)))
        var opener = SealOpener(KeyDirectory.sealed(of: gateway.directory), try #require(auditor))
        let clear = try opener.open(try #require(sealed.field), time: sealed.time)
        return String(decoding: clear, as: UTF8.self)
    }

    @Test(
        "AC-90 the auditor reads names in clear, and no content, signature, token or query",
        arguments: [AuditLevel.forensic, .full])
    func sealed(level: AuditLevel) async throws {
        try await Self.running(level) { gateway in
            for kind in try Self.kinds() {
                _ = try await gateway.ask(kind.request)
                let clear = try Self.opened(try #require(try await gateway.records().last), gateway)
                let document = try JSONDocument(reading: Array(clear.utf8))
                func has(_ name: String) -> Bool { document.member(name, of: document.root) != nil }
                #expect(document.isCanonical && has("path") && has("peer"), "\(kind.name): \(clear)")
                for name in ["subject", "subjects", "target", "targets", "room", "media", "events_asked"] {
                    #expect(kind.members.contains(name) == has(name), "\(kind.name), \(name): \(clear)")
                }
                #expect(has("refused") == (kind.decision == "absorbed"), "\(kind.name): \(clear)")
                #expect(has("events") == (level == .full && kind.members.contains("events")), "\(kind.name): \(clear)")
                #expect(has("edus") == (level == .full && kind.name == "to-device"), "\(kind.name): \(clear)")
                for word in ["signatures", "hashes", "content", "m.text", "algorithm", "Authorization", "sig=", "?"] {
                    #expect(!clear.contains(word), "\(kind.name): \(word) in \(clear)")
                }
            }
            _ = try await gateway.ask(Self.sample(.userKeysQuery))
            #expect(try Self.opened(try #require(try await gateway.records().last), gateway).contains("@v:\(Self.own)"))
        }
    }

    @Test("AC-90 holds exactly the members that the level allows, whatever is asked", arguments: AuditLevel.allCases)
    func members(level: AuditLevel) async throws {
        try await Self.running(level) { gateway in
            for kind in try Self.kinds() {
                _ = try await gateway.ask(kind.request)
                let record = try #require(try await gateway.records().last)
                let members = try Self.members(record)
                #expect(record.decision == kind.decision, "\(kind.name): \(record.text)")
                #expect(
                    Set(members.keys).intersection(Self.levelled) == Self.levelMembers(kind, level),
                    "\(kind.name) at \(level): \(record.text)")
                if level != .standard { #expect(members["level"] as? String == level.rawValue) }
                // Names begin so. What is sealed is base64, which has none of these.
                #expect(!record.text.contains { "@!$#".contains($0) }, "\(kind.name) at \(level): \(record.text)")
                for word in ["signature", "content", "hello", "ed25519:k1\",sig", "/user/keys/query/", "aZ09_-"] {
                    #expect(!record.text.contains(word), "AC-90: \(word) in \(record.text)")
                }
            }
        }
    }

    @Test(
        "AC-113 at every level a refusal is on record with its reason, rule and counts, and an allowed request with its rule",
        arguments: AuditLevel.allCases)
    func refusals(level: AuditLevel) async throws {
        try await Self.running(level) { gateway in
            _ = try await gateway.ask(Self.send([SampleEvent.message(by: "blocked.example")]))
            _ = try await gateway.ask(Self.sample(.hierarchyUnstable))
            _ = try await gateway.ask(
                try TestPeer.friend.request("GET", "/_matrix/federation/v1/openid/userinfo?access_token=x"))
            _ = try await gateway.ask(Self.send([SampleEvent.message(by: Self.peer)]))
            let records = try await gateway.records()
            #expect(records.map(\.decision) == ["absorbed", "allow", "refuse", "allow"])
            let first = try Self.members(records[0])
            let refusal = try #require((first["refusals"] as? [[String: Any]])?.first)
            #expect(refusal["reason"] as? String == records[0].reason && refusal["rule_id"] != nil)
            #expect((refusal["event"] != nil) == (level > .minimal))
            #expect((first["pdus"] as? [String: Int])?["refused"] == 1)
            #expect(records[3].rule == "tiers.friend.may")
        }
    }

    @Test("what a server claims and does not prove does not choose the level of its record")
    func unproved() async throws {
        try await Self.running(.full) { gateway in
            var request = try Self.send([SampleEvent.message(by: Self.peer)])
            request.body = Array(String(decoding: request.body, as: UTF8.self).replacing("depth", with: "depht").utf8)
            _ = try await gateway.ask(request)
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "refuse" && record.reason == "auth.sig_invalid")
            #expect(!record.text.contains("sealed") && !record.text.contains(#""level""#))
        }
    }

    @Test("names each passed event by the reference that its ID has in any room version")
    func eventReferences() async throws {
        try await Self.running(.standard) { gateway in
            let message = SampleEvent.message(by: Self.peer)
            let old = SampleEvent.message(by: Self.peer, "z", ["event_id": "\"$old:\(Self.peer)\""])
            _ = try await gateway.ask(Self.send([message, old]))
            let record = try #require(try await gateway.records().last)
            let events = try #require(try Self.members(record)["events"] as? [String])
            for id in ["$old:\(Self.peer)", try SampleEvent.id(message), try SampleEvent.id(old)] {
                #expect(events.contains(gateway.log.references.reference(.event, id).hex), "\(id)")
            }
            #expect(events.count == 3)
            let standard = try SampleEvent.id(message, version: "3")
            #expect(EventID.urlSafe(standard) == (try SampleEvent.id(message)))
        }
    }

    @Test(
        "stays bounded and names nobody, whatever fifty senders with long names and repetitions send",
        arguments: AuditLevel.allCases)
    func hostile(level: AuditLevel) async throws {
        let long = String(repeating: "x", count: 240 - Self.peer.count)
        let names = (0..<50).map { "@\(long)\($0):\(Self.peer)" }
        let pdus = names.map { name in
            SampleEvent.message(
                by: Self.peer, "z",
                [
                    "sender": "\"\(name)\"", "type": "\"\(String(repeating: "t", count: 255))\"",
                    "event_id": "\"$\(name.dropFirst())\"", "room_id": "\"!\(name.dropFirst())\"",
                ])
        }
        let huge = SampleEvent.message(
            by: Self.peer, "",
            ["event_id": "\"$\(String(repeating: "e", count: 60_000)):\(Self.peer)\"", "type": "\"@a:b\""])
        let receipts = #"{"!r:x.example":{"m.read":{\#(names.map { "\"\($0)\":{}" }.joined(separator: ","))}}}"#
        let edus = [String](repeating: SampleEvent.edu("m.receipt", receipts), count: 20)
        let query = (0..<600).map { "\"@\(long)\($0):\(Self.own)\":[]" }.joined(separator: ",")
        try await Self.running(level) { gateway in
            for request in [
                try Self.send(pdus, edus: edus), try Self.send([String](repeating: pdus[0], count: 10)),
                try Self.send([String](repeating: huge, count: 4)),
                try TestPeer.friend.request(
                    "POST", "/_matrix/federation/v1/user/keys/query", "{\"device_keys\":{\(query)}}"),
            ] {
                _ = try await gateway.ask(request)
                let record = try #require(try await gateway.records().last)
                #expect(record.text.utf8.count < 65_536 && record.sequence > 1)
                #expect(
                    !record.text.replacing("@…", with: "").contains { "@!$#".contains($0) },
                    "\(record.text.prefix(2000))")
                if level == .standard { #expect(record.text.utf8.count < 24_000, "\(record.text.utf8.count)") }
                let sealed = try Self.members(record)["sealed"] as? [String: String]
                #expect((sealed?["box"]?.count ?? 0) < 22_600)
            }
        }
    }
}
