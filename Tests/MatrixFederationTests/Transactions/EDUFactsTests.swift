// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Facts of EDUs in a transaction")
struct EDUFactsTests {
    static func facts(_ edu: String) throws -> (EDUFacts, JSONDocument) {
        let (transaction, document) = try Sample.transaction(edus: [edu])
        return (try #require(transaction.edus.first), document)
    }

    /// A good EDU of each kind about one user, with `USER` for the user.
    static let perUser: [(EDUKind, String, String)] = [
        (.typing, "m.typing", #"{"room_id":"!r:a.example","user_id":"USER","typing":true}"#),
        (.receipts, "m.receipt", #"{"!r:a.example":{"m.read":{"USER":{"event_ids":["$e"],"data":{"ts":1}}}}}"#),
        (
            .presence, "m.presence",
            #"{"push":[{"user_id":"@ok:alpha.example","presence":"online"},{"user_id":"USER"}]}"#
        ),
        (
            .toDevice, "m.direct_to_device",
            #"{"sender":"USER","type":"m.x","message_id":"1","messages":{"@b:hs.delta.example":{"*":{}}}}"#
        ),
        (.deviceLists, "m.device_list_update", #"{"user_id":"USER","device_id":"D","stream_id":1}"#),
        (.signingKeys, "m.signing_key_update", #"{"user_id":"USER"}"#),
        (.signingKeys, "org.matrix.signing_key_update", #"{"user_id":"USER"}"#),
    ]

    @Test("AC-76 subjects have to be users of the origin, in every kind of EDU", arguments: perUser)
    func subjects(kind: EDUKind, type: String, content: String) throws {
        for user in [
            "@u:bravo.example", "@u:alpha.example:8448", "@u:Alpha.example", "@u:b:alpha.example", "@ualpha.example",
            "u:alpha.example", "@u:xalpha.example", "@u:alpha.example.bravo.example", ":alpha.example", "",
            "@" + String(repeating: "u", count: 300) + ":alpha.example",
        ] {
            let (facts, document) = try Self.facts(Sample.edu(type, content.replacing("USER", with: user)))
            #expect(facts.fault == .subject, "\(type) \(user)")
            #expect(facts.rooms(in: document).isEmpty)
        }
        for user in ["@u:alpha.example", #"\u0040u:alph\u0061.example"#] {
            let (facts, _) = try Self.facts(Sample.edu(type, content.replacing("USER", with: user)))
            #expect(facts.fault == nil && facts.kind == kind, "\(type) \(user)")
        }
    }

    @Test("AC-76 one foreign user among many is found")
    func oneAmongMany() throws {
        let users = (0..<100).map { "\"@u\($0):\($0 == 77 ? "bravo" : "alpha").example\":{}" }.joined(separator: ",")
        let (facts, _) = try Self.facts(Sample.edu("m.receipt", "{\"!r:a\":{\"m.read\":{\(users)}}}"))
        #expect(facts.fault == .subject)
    }

    @Test("recipients of to-device messages have to be ours: one foreign one fails the reference's whole transaction")
    func recipients() throws {
        func message(_ users: String) -> String {
            Sample.edu("m.direct_to_device", #"{"sender":"@u:alpha.example","type":"m.x","messages":{\#(users)}}"#)
        }
        #expect(try Self.facts(message(#""@b:hs.delta.example":{}"#)).0.fault == nil)
        #expect(try Self.facts(message(#""@b:hs.delta.example":{},"@c:bravo.example":{}"#)).0.fault == .recipient)
        #expect(try Self.facts(message(#""@b:alpha.example":{}"#)).0.fault == .recipient)
    }

    @Test("AC-75 unknown types are named and are no fault")
    func unknown() throws {
        let (facts, document) = try Self.facts(Sample.edu("com.example.thing", #"{"user_id":"@x:bravo.example"}"#))
        #expect(facts.kind == .unknown("com.example.thing") && facts.fault == nil)
        #expect(facts.type(in: document) == "com.example.thing")
    }

    @Test(
        "EDUs of the wrong shape are malformed and harm no other",
        arguments: [
            "{}", "null", "1", "[]", #"{"edu_type":"m.typing"}"#, #"{"content":{}}"#, #"{"edu_type":1,"content":{}}"#,
            #"{"edu_type":"m.typing","content":[]}"#, Sample.edu("m.typing", "{}"),
            Sample.edu("m.typing", #"{"user_id":"@u:alpha.example"}"#), Sample.edu("m.receipt", #"{"r":{}}"#),
            Sample.edu("m.receipt", #"{"!r:a":[]}"#), Sample.edu("m.receipt", #"{"!r:a":{"m.read":1}}"#),
            Sample.edu("m.presence", "{}"), Sample.edu("m.presence", #"{"push":[1]}"#),
            Sample.edu("m.direct_to_device", #"{"sender":"@u:alpha.example"}"#),
            Sample.edu("m.device_list_update", #"{"user_id":1}"#),
        ])
    func malformed(edu: String) throws {
        let good = Sample.edu("m.signing_key_update", #"{"user_id":"@u:alpha.example"}"#)
        let (transaction, _) = try Sample.transaction(edus: [good, edu, good])
        #expect(transaction.edus.map(\.fault) == [nil, .malformed, nil])
    }

    @Test("names the rooms of typing and receipts, and none for the others")
    func rooms() throws {
        let receipts = #"{"!a:x":{},"!b:y":{},"org.matrix.opentracing_context":"{}"}"#
        let (facts, document) = try Self.facts(Sample.edu("m.receipt", receipts))
        #expect(facts.fault == nil && facts.rooms(in: document) == ["!a:x", "!b:y"])
        for (kind, type, content) in Self.perUser where kind != .receipts {
            let (facts, document) = try Self.facts(
                Sample.edu(type, content.replacing("USER", with: "@u:alpha.example")))
            #expect(facts.rooms(in: document) == (kind == .typing ? ["!r:a.example"] : []))
        }
    }

    @Test("AC-69 an EDU above 65536 bytes is over the limit")
    func size() throws {
        func edu(_ count: Int) -> String {
            Sample.edu("m.x", "{\"a\":\"" + String(repeating: "x", count: count) + "\"}")
        }
        let room = EDUFacts.maxBytes - edu(0).utf8.count
        #expect(try Self.facts(edu(room)).0.fault == nil)
        #expect(try Self.facts(edu(room + 1)).0.fault == .limits)
    }
}
