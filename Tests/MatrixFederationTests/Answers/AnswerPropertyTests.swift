// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Answers at random, in random pieces")
struct AnswerPropertyTests {
    private static let lists: [String: AnswerShape.Content] = [
        "state": .events, "auth_chain": .events, "event": .event, "org.matrix.msc3083.v2.event": .event,
    ]
    private static let identifiers: [String: AnswerShape.Content] = [
        "pdu_ids": .identifiers, "auth_chain_ids": .identifiers,
    ]

    @Test(
        "reads the same events as a reader of the whole, and refuses what that refuses",
        arguments: 0..<40 as Range<UInt64>)
    func agrees(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<40 {
            let isJoin = Bool.random(using: &random)
            let endpoint: Endpoint = isJoin ? .sendJoinV1 : .getStateIDs
            var text = Array(Self.answer(isJoin, &random).utf8)
            // A byte lost, doubled or exchanged makes most of them unreadable, and some not.
            if Int.random(in: 0..<3, using: &random) == 0, let at = text.indices.randomElement(using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.remove(at: at)
                case 1: text.insert(text[at], at: at)
                case 2: text[at] = Array("{}[]\",:\\ 0a\u{FF}".utf8).randomElement(using: &random) ?? 0
                default: text = Array(text.prefix(at))
                }
            }
            let pieces = Self.pieces(text.count, &random)
            let read = ReadAnswer(text, endpoint.answeredEvents, pieces: pieces)
            let whole = ReadAnswer(text, endpoint.answeredEvents)
            #expect(read == whole, "seed \(seed): \(String(decoding: text, as: UTF8.self)) in \(pieces)")
            let expected = try? WholeAnswer.items(text, isJoin ? Self.lists : Self.identifiers, mayBePaired: isJoin)
            #expect(
                (read.fault == nil ? read.items : nil) == expected,
                "seed \(seed): \(String(decoding: text, as: UTF8.self)): \(String(describing: read.fault))")
        }
    }

    private static func pieces(_ count: Int, _ random: inout SplitMix) -> [Int] {
        let most = [1, 2, 7, 64, 1000].randomElement(using: &random) ?? 1
        return (0..<count).map { _ in Int.random(in: 0...most, using: &random) }
    }

    private static func answer(_ isJoin: Bool, _ random: inout SplitMix) -> String {
        var members: [String] = []
        for _ in 0..<Int.random(in: 0..<6, using: &random) {
            let name =
                ["state", "auth_chain", "event", "st\\u0061te", "pdu_ids", "auth_chain_ids", "x", "é", ""]
                .randomElement(using: &random) ?? ""
            let isList = name != "event" && Int.random(in: 0..<10, using: &random) > 0
            func element() -> String {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: value(3, &random)
                case 1...5 where !isJoin: "\"$\(Int.random(in: 0..<100, using: &random))\""
                default: event(&random)
                }
            }
            let items = (0..<Int.random(in: 0..<4, using: &random)).map { _ in element() }
            members.append(
                "\"\(name)\"\(space(&random)):\(isList ? "[" + items.joined(separator: "\(space(&random)),") + "]" : element())"
            )
        }
        let object = "{" + members.joined(separator: ",\(space(&random))") + "}"
        return isJoin && Bool.random(using: &random) ? "[200,\(object)]" : object + space(&random)
    }

    private static func event(_ random: inout SplitMix) -> String {
        var members = ["\"content\":\(value(2, &random))"]
        let all = [
            #""sender":"@u:a.example""#, #""type":"m.room.member""#, #""type":"m.room.message""#,
            #""hashes":{"sha256":"x"}"#, #""event_id":"$e:a.example""#,
            #""room_id":"!r:a.example""#, #""origin":"a.example""#, #""\u0073ender":"@v:a.example""#, #""depth":1.5"#,
        ]
        for member in all where Int.random(in: 0..<3, using: &random) > 0 { members.append(member) }
        return "{" + members.shuffled(using: &random).joined(separator: ",") + "}"
    }

    private static func value(_ depth: Int, _ random: inout SplitMix) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
        case 0: return String(Int.random(in: -5..<5000, using: &random))
        case 1: return ["true", "false", "null", "-0", "1e3", "9007199254740993"].randomElement(using: &random) ?? "0"
        case 2: return #""]}{[,:""#
        case 3: return #""\"\\\u005d\ud83d\ude00""#
        case 4: return "\"é😀\""
        case 5: return "{}"
        case 6: return "[]"
        case 7: return "[\(value(depth - 1, &random)),\(space(&random))\(value(depth - 1, &random))]"
        default: return "{\"a\":\(value(depth - 1, &random)),\"b\":\(value(depth - 1, &random))}"
        }
    }

    private static func space(_ random: inout SplitMix) -> String {
        ["", "", " ", "\r\n\t"].randomElement(using: &random) ?? ""
    }
}
