// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

/// An item by the IDs that it may have.
enum NamedItem: Hashable {
    case event([String])
    case identifier(String)

    init(_ item: AnswerItem) {
        switch item {
        case .event(let document):
            self = .event(PDUFacts(whole: document).recordedIDs(in: document, SHA256Hasher()))
        case .identifier(let id): self = .identifier(id)
        }
    }
}

/// What is read of an answer in pieces.
struct ReadAnswer: Equatable {
    var items: [NamedItem] = []
    var fault: AnswerFault?
    var settled = 0

    init(_ text: [UInt8], _ shape: AnswerShape?, pieces: [Int] = []) {
        guard let shape else { return }
        var reader = AnswerReader(shape)
        var rest = text[...]
        do throws(AnswerFault) {
            for piece in pieces + [text.count] {
                try reader.read(Array(rest.prefix(piece)).span) { items.append(NamedItem($0)) }
                rest = rest.dropFirst(piece)
            }
            try reader.end()
        } catch {
            fault = error
        }
        settled = reader.settled
    }
}

@Suite("Answers that carry events, read while they come")
struct AnswerReaderTests {
    static let event =
        #"{"auth_events":[],"content":{"body":"a \"quoted\\\" ]}{[, \u00e9 é"},"depth":1,"hashes":{"sha256":"x"},"origin_server_ts":1,"prev_events":[],"room_id":"!r:a.example","sender":"@u:a.example","signatures":{},"type":"m.room.message"}"#
    static let old = #"{"event_id":"$old:a.example","hashes":{},"sender":"@u:a.example","type":"m.room.message"}"#

    private func id(_ event: String) throws -> String {
        let document = try JSONDocument(reading: Array(event.utf8))
        let version = try #require(RoomVersion("11"))
        return try #require(EventForm(document.root, in: document, version: version).eventID())
    }

    private func read(_ endpoint: Endpoint, _ text: String) -> ReadAnswer {
        ReadAnswer(Array(text.utf8), endpoint.answeredEvents)
    }

    @Test("finds the events of each endpoint where the specification puts them")
    func endpoints() throws {
        let (one, two) = (Self.event, Self.old)
        let first = NamedItem.event([try id(one)])
        let second = NamedItem.event(["$old:a.example", try id(two)])
        let cases: [(Endpoint, String, [NamedItem])] = [
            (.getEvent, #"{"origin":"a.example","origin_server_ts":1,"pdus":[\#(one)]}"#, [first]),
            (.backfill, #"{"origin":"a.example","pdus":[\#(one),\#(two)]}"#, [first, second]),
            (.getMissingEvents, #"{"events":[\#(two)]}"#, [second]),
            (.getState, #"{"auth_chain":[\#(two)],"pdus":[\#(one)]}"#, [second, first]),
            (
                .getStateIDs, #"{"auth_chain_ids":["$a"],"pdu_ids":["$b","$c"]}"#,
                ["$a", "$b", "$c"].map { .identifier($0) }
            ),
            (.eventAuth, #"{"auth_chain":[\#(one)]}"#, [first]),
            (.timestampToEvent, #"{"event_id":"$a","origin_server_ts":1}"#, [.identifier("$a")]),
            (.extremities, #"{"prev_events":["$a"]}"#, [.identifier("$a")]),
            (.sendJoinV1, #"[200,{"auth_chain":[\#(one)],"state":[\#(two)]}]"#, [first, second]),
            (.sendJoinV1, #"{"auth_chain":[],"state":[\#(two)]}"#, [second]),
            (
                .sendJoinV2,
                #"{"auth_chain":[],"event":\#(one),"members_omitted":false,"servers_in_room":["a.example"],"state":[\#(two)]}"#,
                [first, second]
            ),
            (
                .sendKnock,
                #"{"knock_room_state":[{"content":{},"sender":"@u:a.example","state_key":"","type":"m.room.name"}]}"#,
                []
            ),
            (.sendKnock, #"{"knock_room_state":[\#(one)]}"#, [first]),
            (.inviteV1, #"[200,{"event":\#(one)}]"#, [first]), (.inviteV2, #"{"event":\#(one)}"#, [first]),
            (.sendLeaveV1, "[200,{}]", []), (.sendLeaveV2, "{}", []),
            (.backfill, #"{"else":\#(one),"more":[\#(two)]}"#, [first, second]),
        ]
        for (endpoint, text, expected) in cases {
            let answer = read(endpoint, text)
            #expect(answer.fault == nil && answer.items == expected, "\(endpoint): \(text)")
            #expect(answer.settled == text.utf8.count)
        }
        #expect(Endpoint.makeJoin.answeredEvents == nil && Endpoint.queryProfile.answeredEvents == nil)
    }

    @Test("an old event's ID is spelled as newer rooms spell it, and one that names itself is found by both names")
    func spelling() {
        let standard = "$" + String(repeating: "+", count: 43)
        #expect(
            read(.getStateIDs, #"{"pdu_ids":["\#(standard)"]}"#).items == [
                .identifier("$" + String(repeating: "-", count: 43))
            ])
    }

    @Test("finds the same whatever the pieces: split at every byte, and byte by byte")
    func everySplit() {
        let text = Array(
            " {\"origin\" : \"\\u0061.example\",\r\n \"p\\u0064us\":\t[\(Self.event), \(Self.old) ],\"n\":[1,-2.5e3,[],{},null,true] } "
                .utf8)
        let whole = ReadAnswer(text, Endpoint.backfill.answeredEvents)
        #expect(whole.items.count == 2 && whole.fault == nil)
        for at in 0...text.count {
            #expect(ReadAnswer(text, Endpoint.backfill.answeredEvents, pieces: [at]) == whole, "\(at)")
        }
        #expect(ReadAnswer(text, Endpoint.backfill.answeredEvents, pieces: text.map { _ in 1 }) == whole)
    }

    @Test("what is half read is not settled: no byte of an event, key or number before its last one")
    func settled() throws {
        let text = Array(#"{"pdus":[\#(Self.old),\#(Self.old)]}"#.utf8)
        var reader = AnswerReader(try #require(Endpoint.backfill.answeredEvents))
        var found = 0
        let length = Self.old.utf8.count
        for (index, byte) in text.enumerated() {
            try reader.read([byte].span) { _ in found += 1 }
            let count = index + 1
            let expected =
                switch count {
                case 1: 1
                case 2..<7: 1
                case 7..<10: count
                case 10..<9 + length: 9
                case 9 + length, 10 + length: count
                case 11 + length..<10 + 2 * length: 10 + length
                default: count
                }
            #expect(reader.settled == expected, "\(count)")
            #expect(found == (count < 9 + length ? 0 : count < 10 + 2 * length ? 1 : 2))
        }
    }

    @Test(
        "refuses what could be read in two ways, or is not what the endpoint answers",
        arguments: [
            ("", AnswerFault.cutOff), ("{", .cutOff), (#"{"pdus":[{}]"#, .cutOff), (#"{"pdus":[{"a":1"#, .cutOff),
            ("[]", .shape), ("null", .shape), (#""x""#, .shape), ("[200,{}]", .shape), ("\u{FEFF}{}", .shape),
            ("{}{}", .json(.trailingBytes)), ("{} x", .json(.trailingBytes)),
            (#"{"pdus":{}}"#, .shape), (#"{"pdus":"x"}"#, .shape), (#"{"pdus":["x"]}"#, .shape),
            (#"{"pdus":[[]]}"#, .shape),
            (#"{"pdus":null}"#, .shape), (#"{"pdus":[1]}"#, .shape),
            (#"{"pdus":[],"pdus":[]}"#, .repeatedMember), (#"{"pdus":[],"pdu\u0073":[{}]}"#, .repeatedMember),
            (#"{"x":1,"x":1}"#, .repeatedMember), (#"{"pdus":[{"a":1,"a":2}]}"#, .json(.duplicateKey)),
            (#"{"pdus":[{},]}"#, .json(.unexpectedEnd)), (#"{"pdus":[{}{}]}"#, .json(.unexpectedByte)),
            (#"{"pdus":[,{}]}"#, .json(.unexpectedEnd)), (#"{"pdus":[]"x":1}"#, .json(.unexpectedByte)),
            (#"{"pdus":[],}"#, .json(.unexpectedByte)), (#"{"pdus" []}"#, .json(.unexpectedByte)),
            ("{1:2}", .json(.unexpectedByte)),
            (#"{"pdus":[{]}]}"#, .json(.unexpectedByte)), (#"{"x":01}"#, .json(.unexpectedByte)),
            (#"{"x":nul}"#, .json(.unexpectedEnd)),
            ("{\"x\":\"\\ud800\"}", .json(.loneSurrogate)), ("{\"x\":\"a\nb\"}", .json(.controlCharacter)),
            (#"{"pdus":[{"a":"\x"}]}"#, .json(.invalidEscape)), (#"{"pdus":[/**/]}"#, .json(.unexpectedByte)),
        ])
    func refuses(text: String, fault: AnswerFault) {
        let bytes = Array(text.utf8)
        let answer = ReadAnswer(bytes, Endpoint.backfill.answeredEvents)
        #expect(answer.fault == fault)
        for at in bytes.indices {
            #expect(ReadAnswer(bytes, Endpoint.backfill.answeredEvents, pieces: [at]).fault == fault)
        }
    }

    @Test("a pair is a status and an object, and nothing more")
    func pairs() {
        for text in ["[200]", "[200,{},1]", "[{},{}]", "[[],{}]", "[200,[]]", "[,{}]", "[200 {}]", "[200,{}"] {
            #expect(read(.sendLeaveV1, text).fault != nil, "\(text)")
        }
    }

    @Test("is not UTF-8, too deep, too large or of too many members: refused, and nothing is held beyond the limits")
    func limits() {
        let shape = Endpoint.backfill.answeredEvents
        func fault(_ text: [UInt8]) -> AnswerFault? {
            ReadAnswer(text, shape, pieces: Array(repeating: 65_536, count: 40)).fault
        }
        #expect(fault(Array("{\"x\":\"".utf8) + [0xC0, 0x80] + Array("\"}".utf8)) == .json(.notUTF8))
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                "{\"pdus\":[\(String(repeating: "{\"a\":", count: depth))1\(String(repeating: "}", count: depth))]}"
                    .utf8)
        }
        #expect(fault(nested(64)) == nil && fault(nested(65)) == .json(.tooDeep))
        func long(_ count: Int) -> [UInt8] {
            Array("{\"pdus\":[{\"a\":\"\(String(repeating: "b", count: count - 8))\"}]}".utf8)
        }
        #expect(fault(long(AnswerReader.maxValueBytes)) == nil)
        #expect(fault(long(AnswerReader.maxValueBytes + 1)) == .tooLarge)
        #expect(fault(long(20 * AnswerReader.maxValueBytes)) == .tooLarge)
        #expect(fault(Array("{\"\(String(repeating: "k", count: 1023))\":1}".utf8)) == .tooLarge)
        func wide(_ count: Int) -> [UInt8] {
            Array("{\((0..<count).map { "\"\($0)\":1" }.joined(separator: ","))}".utf8)
        }
        #expect(
            fault(wide(AnswerReader.maxMembers)) == nil && fault(wide(AnswerReader.maxMembers + 1)) == .tooManyMembers)
        #expect(
            fault(Array("{\"servers_in_room\":[\(String(repeating: "\"a.example\",", count: 60_000))1]}".utf8)) == nil)
    }

    @Test("after a fault nothing is read any more")
    func staysFaulty() throws {
        var reader = AnswerReader(try #require(Endpoint.backfill.answeredEvents))
        #expect(throws: AnswerFault.shape) { try reader.read(Array("[".utf8).span) { _ in } }
        #expect(throws: AnswerFault.shape) { try reader.read(Array("{}".utf8).span) { _ in } }
        #expect(throws: AnswerFault.shape) { try reader.end() }
    }
}
