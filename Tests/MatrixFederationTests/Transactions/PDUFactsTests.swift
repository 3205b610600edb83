// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Facts of events in a transaction")
struct PDUFactsTests {
    static func facts(_ changes: [String: String?]) throws -> PDUFacts {
        try #require(try Sample.transaction(pdus: [Sample.event(changes)]).0.pdus.first)
    }

    @Test("names room, sender, author, type and state key, also through escapes")
    func plain() throws {
        let facts = try Self.facts([
            "sender": #""\u0040v:bravo.example:8449""#, "state_key": #""""#, "type": #""m.room.t\u006fpic""#,
            "event_id": #""$e:bravo.example""#,
        ])
        #expect(facts.fault == nil)
        #expect(facts.roomID == "!r:alpha.example")
        #expect(facts.sender == "@v:bravo.example:8449")
        #expect(facts.authorServer?.text == "bravo.example:8449")
        #expect(facts.type == "m.room.topic" && facts.stateKey == "" && facts.isStateEvent)
        #expect(facts.claimedEventID == "$e:bravo.example")
    }

    @Test("AC-60 gives each event its own author, in any order and however they repeat")
    func authors() throws {
        let senders = [
            "@a:alpha.example", "@b:bravo.example", "@b:bravo.example", "@a:alpha.example", "@c:alpha.example",
            "@a:alpha.example:1",
        ]
        let (transaction, _) = try Sample.transaction(pdus: senders.map { Sample.event(["sender": "\"\($0)\""]) })
        #expect(transaction.pdus.map(\.sender) == senders)
        #expect(
            transaction.pdus.map { $0.authorServer?.text }
                == [
                    "alpha.example", "bravo.example", "bravo.example", "alpha.example", "alpha.example",
                    "alpha.example:1",
                ])
    }

    @Test("a bad event harms no other, and no author passes from one event to the next")
    func isolation() throws {
        let bad = [
            Sample.event(["sender": nil]), Sample.event(["sender": "\"@x\""]), "null", "[]", "{}",
            Sample.event(["sender": "1"]),
        ]
        let (transaction, _) = try Sample.transaction(
            pdus: bad.flatMap { [Sample.event(), $0, $0] } + [Sample.event()])
        for (index, facts) in transaction.pdus.enumerated() {
            #expect((facts.fault == nil) == (index % 3 == 0), "\(index)")
            #expect((facts.authorServer == nil) == (index % 3 != 0), "\(index)")
        }
    }

    @Test(
        "members that are missing or of the wrong type are named",
        arguments: [
            ("type", PDUFacts.Member.type), ("sender", .sender), ("room_id", .roomID), ("content", .content),
            ("hashes", .hashes), ("signatures", .signatures), ("depth", .depth), ("origin_server_ts", .timestamp),
            ("prev_events", .previousEvents), ("auth_events", .authEvents),
        ])
    func malformed(name: String, member: PDUFacts.Member) throws {
        for value in [nil, "null", "true", "1.5", "[1]"] as [String?] {
            let fault = try Self.facts([name: value]).fault
            #expect(fault == .malformed(member), "\(name): \(value ?? "missing")")
        }
        #expect(try Self.facts([:]).fault == nil)
    }

    @Test(
        "identifiers of the wrong shape are malformed",
        arguments: [
            ("sender", "\"u:alpha.example\""), ("sender", "\"@u\""), ("sender", "\"@u:\""), ("sender", "\"@u:a b\""),
            ("sender", "\"@u:alpha.example:99999999\""), ("room_id", "\"r:alpha.example\""), ("room_id", "\"\""),
            ("event_id", "\"e\""), ("event_id", "1"), ("state_key", "1"), ("state_key", "null"),
        ])
    func identifiers(name: String, value: String) throws {
        guard case .malformed(let member) = try Self.facts([name: value]).fault else {
            Issue.record("\(name) \(value) is taken")
            return
        }
        #expect(member.rawValue == name)
    }

    @Test("an event without a room is a create event of a room of version 12, or malformed")
    func withoutRoom() throws {
        let create = try Self.facts(["room_id": nil, "type": "\"m.room.create\"", "state_key": "\"\""])
        #expect(create.fault == nil && create.roomID == nil)
        #expect(try Self.facts(["room_id": nil, "type": "\"m.room.create\""]).fault == .malformed(.roomID))
        let keyed = try Self.facts(["room_id": nil, "type": "\"m.room.create\"", "state_key": "\"x\""])
        #expect(keyed.fault == .malformed(.roomID))
    }

    @Test("AC-69 identifiers of 256 bytes are over the limit, of 255 they are not")
    func identifierLengths() throws {
        func padded(_ start: String, _ end: String, _ count: Int) -> String {
            "\"" + start + String(repeating: "x", count: count - start.utf8.count - end.utf8.count) + end + "\""
        }
        let cases: [(String, PDUFacts.Member, String, String)] = [
            ("type", .type, "", ""), ("state_key", .stateKey, "", ""), ("sender", .sender, "@", ":a.example"),
            ("room_id", .roomID, "!", ":a.example"), ("event_id", .eventID, "$", ":a.example"),
        ]
        for (name, member, start, end) in cases {
            #expect(try Self.facts([name: padded(start, end, 256)]).fault == .limits(member))
            #expect(try Self.facts([name: padded(start, end, 255)]).fault == nil)
        }
        // Bytes count, not characters, and not the escapes they are written with.
        #expect(
            try Self.facts(["state_key": "\"" + String(repeating: "é", count: 128) + "\""]).fault == .limits(.stateKey))
        #expect(try Self.facts(["state_key": "\"" + String(repeating: "\\u0061", count: 255) + "\""]).fault == nil)
    }

    @Test("AC-69 more than 20 prev_events or 10 auth_events are over the limit, also ten thousand")
    func references() throws {
        func list(_ count: Int) -> String {
            "[" + Array(repeating: "\"$e\"", count: count).joined(separator: ",") + "]"
        }
        for (name, member, limit) in [
            ("prev_events", PDUFacts.Member.previousEvents, 20), ("auth_events", .authEvents, 10),
        ] {
            #expect(try Self.facts([name: list(limit)]).fault == nil)
            #expect(try Self.facts([name: list(limit + 1)]).fault == .limits(member))
            #expect(try Self.facts([name: list(10_000)]).fault == .limits(member))
            #expect(try Self.facts([name: #"[["$e:a",{"sha256":"x"}]]"#]).fault == nil)
            #expect(try Self.facts([name: "[[]]"]).fault == .malformed(member))
        }
    }

    @Test("AC-69 an event of 65537 canonical bytes is over the limit; white space and escapes do not count")
    func sizes() throws {
        func event(_ body: String) -> [String: String?] { ["content": "{\"body\":\"\(body)\"}"] }
        let room = PDUFacts.maxBytes - Sample.event(event("")).utf8.count
        #expect(try Self.facts(event(String(repeating: "x", count: room))).fault == nil)
        #expect(try Self.facts(event(String(repeating: "x", count: room + 1))).fault == .limits(.event))
        #expect(try Self.facts(event(String(repeating: "\\u0078", count: room))).fault == nil)
        #expect(try Self.facts(["content": "{" + String(repeating: " ", count: 100_000) + "}"]).fault == nil)
    }

    @Test(
        "AC-37 a depth outside of 0 to 2^53−1 is malformed, whatever the room version",
        arguments: ["-1", "9007199254740992", "9223372036854775807", "3.0", "\"3\"", "true", "1e1"])
    func depth(value: String) throws {
        #expect(try Self.facts(["depth": value]).fault == .malformed(.depth))
        #expect(try Self.facts(["depth": "9007199254740991"]).fault == nil)
    }
}
