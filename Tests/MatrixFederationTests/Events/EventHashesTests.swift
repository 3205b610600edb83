// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MatrixFederation

@Suite("Names of events in records")
struct EventHashesTests {
    private static let types = [
        "m.room.member", "m.room.create", "m.room.join_rules", "m.room.power_levels", "m.room.aliases",
        "m.room.redaction", "m.room.history_visibility", "m.room.message", "com.example.x",
    ]

    @Test("are an event's IDs by the rules of every version, in the spelling of the newer ones", arguments: types)
    func complete(type: String) throws {
        let contents = [
            #"{"membership":"join"}"#, #"{"join_authorised_via_users_server":"@a:b"}"#,
            #"{"third_party_invite":{"signed":{}}}"#, #"{"allow":[]}"#, #"{"invite":2}"#, #"{"aliases":[]}"#,
            #"{"redacts":"$x"}"#, #"{"creator":"@a:b"}"#,
            #"{"ban":1,"invite":2,"membership":"join","third_party_invite":{"display_name":"x","signed":{}}}"#,
        ]
        let cases =
            contents.map { ["content": $0] } + [
                ["origin": #""a""#], ["prev_state": "[]"], ["membership": #""join""#, "event_id": #""$e:a""#],
            ]
        for members in cases {
            let (event, document) = try Self.event(Self.members(type).merging(members) { $1 })
            let ids = event.recordedIDs(in: document, SHA256Hasher())
            let expected = Set(
                RoomVersion.known.compactMap {
                    EventForm(event.node, in: document, version: $0).eventID().map(EventID.urlSafe)
                })
            // Of an event without an ID in it, rooms of the oldest versions have none.
            #expect(Set(ids) == expected && ids.count == expected.count, "\(members)")
            #expect(ids.first == "$e:a" || event.claimedEventID == nil)
        }
    }

    @Test("are the same whatever the order and the spacing of the text")
    func orderAndSpacing() throws {
        var generator = SplitMix(seed: .random(in: 0...UInt64.max))
        for type in Self.types {
            var members = Self.members(type)
            members["unsigned"] = #"{"age":1}"#
            members["a.first"] = "[1,2]"
            members["zz"] = #""last""#
            let text = Self.text(members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }, space: "")
            let (event, document) = try Self.event(text)
            #expect(document.isCanonical(event.node))
            let hashes = event.eventHashes(in: document, SHA256Hasher())
            for _ in 0..<20 {
                let shuffled = Self.text(
                    members.shuffled(using: &generator), space: Bool.random(using: &generator) ? " " : "")
                let (other, otherDocument) = try Self.event(shuffled)
                #expect(
                    other.eventHashes(in: otherDocument, SHA256Hasher()) == hashes,
                    "seed \(generator.seed): \(shuffled)")
            }
        }
    }

    @Test("are none of what is no event or far too large")
    func large() throws {
        let large = Sample.event(["x": "\"" + String(repeating: "x", count: 300_000) + "\""])
        let (transaction, document) = try Sample.transaction(pdus: [large, "1"])
        #expect(transaction.pdus.map { $0.eventHashes(in: document, SHA256Hasher()) } == [[], []])
    }

    private static func members(_ type: String) -> [String: String] {
        var members = [
            "type": "\"\(type)\"", "state_key": #""""#, "sender": #""@u:alpha.example""#, "depth": "3",
            "room_id": #""!r:alpha.example""#, "hashes": #"{"sha256":"x"}"#, "origin_server_ts": "1",
            "signatures": #"{"alpha.example":{"ed25519:1":"x"}}"#, "prev_events": #"["$a","$b"]"#, "auth_events": "[]",
            "content":
                #"{"allow":[],"join_rule":"x","membership":"join","redacts":"$x","third_party_invite":{"signed":{}}}"#,
        ]
        // With a room a create event of version 12 is invalid and needs no ID.
        if type == "m.room.create" { members["room_id"] = nil }
        return members
    }

    private static func text(_ members: [(key: String, value: String)], space: String) -> String {
        "{" + members.map { "\"\($0)\":\(space)\($1)" }.joined(separator: ",\(space)") + "}"
    }

    private static func event(_ members: [String: String]) throws -> (PDUFacts, JSONDocument) {
        try event(text(members.map { ($0, $1) }, space: ""))
    }

    private static func event(_ text: String) throws -> (PDUFacts, JSONDocument) {
        let (transaction, document) = try Sample.transaction(pdus: [text])
        return (try #require(transaction.pdus.first), document)
    }
}
