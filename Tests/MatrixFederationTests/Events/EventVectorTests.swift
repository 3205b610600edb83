// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Events of every room version against the vectors", .enabled(if: Shared.isPresent))
struct EventVectorTests {
    static func event(_ name: String, _ vector: [String: Any], _ version: RoomVersion) throws -> EventForm {
        let document = try JSONDocument(reading: Array(try vector.json(name).utf8))
        return EventForm(document.root, in: document, version: version)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("hashes, redacted form, signed message, ID, room and signers are the reference's")
    func events() throws {
        let vectors = try Shared.vectors("events")
        #expect(vectors.count == 210)
        for vector in vectors {
            let id = try vector.text("id")
            let version = try vector.roomVersion()
            let bare = try Self.event("event_without_hashes", vector, version)
            #expect(Self.text(bare.contentHashInput()) == vector["content_hash_input"] as? String, "\(id)")
            #expect(bare.contentHash().base64 == vector["content_hash"] as? String, "\(id)")
            let signed = try Self.event("signed_event", vector, version)
            #expect(signed.contentHash().base64 == vector["content_hash"] as? String, "\(id)")
            #expect(Self.text(signed.signingMessage()) == vector["signing_message"] as? String, "\(id)")
            #expect(signed.referenceHash().base64 == vector["reference_hash"] as? String, "\(id)")
            #expect(signed.eventID() == vector["event_id"] as? String, "\(id)")
            #expect(signed.roomID() == vector["room_id"] as? String, "\(id)")
            let redacted = try Self.event("redacted_event", vector, version)
            #expect(signed.redacted() == redacted.document.canonical(redacted.node), "\(id)")
            #expect(redacted.redacted() == signed.redacted(), "\(id): redacting twice is redacting once")
            let size = signed.document.canonical(signed.node).count
            #expect(size == vector["canonical_size"] as? Int, "\(id)")
            let signers = RequiredSigners(of: signed)?.servers.map(\.text).sorted()
            #expect(signers == (vector["required_signers"] as? [String])?.sorted(), "\(id)")
        }
    }

    @Test("an event's ID is among its candidates when the room's version is unknown")
    func candidates() throws {
        for vector in try Shared.vectors("events") {
            let id = try vector.text("id")
            let body = "{\"pdus\":[" + (try vector.json("signed_event")) + "]}"
            let document = try JSONDocument(reading: Array(body.utf8))
            let name = try ServerName("alpha.example")
            let transaction = try Transaction(document, origin: name, destination: name)
            let facts = try #require(transaction.pdus.first)
            #expect(facts.fault == nil, "\(id)")
            let eventID = try vector.text("event_id")
            let candidates = facts.eventIDs(in: document)
            #expect(candidates.contains(eventID), "\(id)")
            #expect(Set(candidates).count == candidates.count && candidates.count <= 8, "\(id)")
        }
    }

    @Test("signing vectors of the specification's appendix")
    func appendix() throws {
        let file =
            try JSONSerialization.jsonObject(with: Shared.bytes("spec/vectors/spec_appendix.json")) as? [String: Any]
        let publicKey = try VerifyKey(base64: try #require(file).text("public_key"))
        let version = try #require(RoomVersion("1"))
        var seen = 0
        for vector in try Shared.vectors("spec_appendix") where vector["kind"] as? String == "event_signing" {
            seen += 1
            let input = try Self.event("input", vector, version)
            #expect(input.contentHash().base64 == vector["content_hash"] as? String)
            let signed = try Self.event("signed", vector, version)
            let keyID = try KeyID("ed25519:1")
            let server = try ServerName("domain")
            let signature = try #require(
                SignedJSON.signature(on: signed.node, in: signed.document, by: server, keyID))
            #expect(publicKey.isValid(signature: signature, of: signed.signingMessage()))
        }
        #expect(seen == 2)
    }
}

@Suite("Candidate IDs of events")
struct CandidateIDTests {
    @Test("are those of every version's rules, for all types whose redaction differs and others")
    func complete() throws {
        for type in [
            "m.room.member", "m.room.create", "m.room.join_rules", "m.room.power_levels", "m.room.aliases",
            "m.room.redaction",
            "m.room.history_visibility", "m.room.message", "m.room.third_party_invite", "com.example.x", "",
        ] {
            let content = """
                {"membership":"join","join_authorised_via_users_server":"@a:b","third_party_invite":{"signed":{}},"creator":"x",\
                "allow":[],"join_rule":"x","ban":1,"invite":2,"aliases":[],"redacts":"$x","history_visibility":"x"}
                """
            let event = Sample.event([
                "type": "\"\(type)\"", "content": content, "state_key": #""""#, "origin": #""a""#, "membership": "1",
                "event_id": #""$claimed:a""#,
                // With a room a create event of version 12 is invalid and needs no ID.
                "room_id": type == "m.room.create" ? nil : #""!r:alpha.example""#,
            ])
            let (transaction, document) = try Sample.transaction(pdus: [event])
            let facts = try #require(transaction.pdus.first)
            let expected = RoomVersion.known.compactMap {
                EventForm(facts.node, in: document, version: $0).eventID()
            }
            let ids = facts.eventIDs(in: document)
            #expect(ids.first == "$claimed:a" && Set(ids) == Set(expected), "\(type)")
        }
    }

    @Test("of what is far too large or no event there are none but the claimed one")
    func large() throws {
        let large = Sample.event(["x": "\"" + String(repeating: "x", count: 300_000) + "\"", "event_id": #""$e:a""#])
        let (transaction, document) = try Sample.transaction(pdus: [large, "1"])
        #expect(transaction.pdus.map { $0.eventIDs(in: document) } == [["$e:a"], []])
    }
}
