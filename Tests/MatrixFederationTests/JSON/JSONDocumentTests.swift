// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("JSON documents")
struct JSONDocumentTests {
    static func read(_ text: String) throws -> JSONDocument { try JSONDocument(reading: Array(text.utf8)) }

    @Test("members and elements are found and walked in the order of the text")
    func access() throws {
        let document = try Self.read(#"{"b":[1,{"x":[]},"t"],"a":null,"\u0063":true,"d":{}}"#)
        let root = document.root
        #expect(document.kind(root) == .object)
        #expect(document.count(root) == 4)
        #expect(document.members(of: root).compactMap { document.string($0.key) } == ["b", "a", "c", "d"])
        let list = try #require(document.member("b", of: root))
        #expect(document.count(list) == 3)
        #expect(document.elements(of: list).map { document.kind($0) } == [.integer, .object, .string])
        #expect(document.member("c" as StaticString, of: root).map { document.kind($0) } == .true)
        #expect(document.member("c" as String, of: root).map { document.kind($0) } == .true)
        #expect(document.member("e", of: root) == nil)
        #expect(document.member("b", of: list) == nil)
        #expect(Array(document.elements(of: root)).isEmpty)
        #expect(document.members(of: list).map { $0.key }.isEmpty)
        #expect(document.count(try #require(document.member("d", of: root))) == 0)
        #expect(String(decoding: document.bytes[document.rawRange(list)], as: UTF8.self) == #"[1,{"x":[]},"t"]"#)
    }

    @Test("a key is compared byte by byte, not by Unicode equivalence")
    func keysAreBytes() throws {
        let document = try Self.read("{\"e\u{301}\":1,\"\u{E9}\":2}")
        let composed = try #require(document.member("\u{E9}" as String, of: document.root))
        #expect(document.integer(composed) == 2)
        #expect(document.member("" as String, of: document.root) == nil)
    }

    @Test("strings are given decoded, and as bytes where they have no escape")
    func strings() throws {
        let document = try Self.read(#"["","plain","\"\\\/\b\f\n\r\t\u0000\u20ac\ud83d\ude00é",1]"#)
        let nodes = Array(document.elements(of: document.root))
        #expect(nodes.map { document.string($0) } == ["", "plain", "\"\\/\u{8}\u{C}\n\r\t\0€😀é", nil])
        #expect(document.stringBytes(nodes[1]).map { Array($0) } == Array("plain".utf8))
        #expect(document.stringBytes(nodes[2]) == nil)
        #expect(document.stringEquals(nodes[2], "\"\\/\u{8}\u{C}\n\r\t\0€😀é"))
        #expect(!document.stringEquals(nodes[2], "\"\\/\u{8}\u{C}\n\r\t\0€😀"))
        #expect(document.stringEquals(nodes[1], "plain" as StaticString))
        #expect(!document.stringEquals(nodes[1], "plai" as StaticString))
        #expect(!document.stringEquals(nodes[3], "1" as StaticString))
        #expect(nodes.map { document.stringLength($0) } == [0, 5, 18, 0])
        #expect(document.decodedBytes(nodes[2]) == document.string(nodes[2]).map { Array($0.utf8) })
    }

    @Test("integers are exact, or not given at all")
    func integers() throws {
        let document = try Self.read(
            "[0,-0,9007199254740991,-9007199254740991,9007199254740992,9223372036854775807,-9223372036854775808,"
                + "9223372036854775808,18446744073709551616,1.0,1e2,true,99999999999999999999]")
        let nodes = Array(document.elements(of: document.root))
        #expect(
            nodes.map { document.integer($0) } == [
                0, 0, 9_007_199_254_740_991, -9_007_199_254_740_991, 9_007_199_254_740_992, .max, .min, nil, nil, nil,
                nil, nil, nil,
            ])
        #expect(
            nodes.map { document.isCanonicalInteger($0) } == [Bool](repeating: true, count: 4)
                + [Bool](repeating: false, count: 9))
        #expect(document.nonCanonicalNumber(in: document.root) == nodes[4])
        #expect(document.nonCanonicalNumber(in: nodes[3]) == nil)
    }

    @Test("a number outside of canonical JSON is found inside the value that holds it and in no other")
    func foreignNumbers() throws {
        let document = try Self.read(#"{"a":{"b":[1,2.5]},"c":[1]}"#)
        #expect(!document.hasOnlyCanonicalNumbers)
        #expect(document.nonCanonicalNumber(in: try #require(document.member("a", of: document.root))) != nil)
        #expect(document.nonCanonicalNumber(in: try #require(document.member("c", of: document.root))) == nil)
    }

    @Test(
        "a text is noticed to be canonical exactly if it is",
        arguments: [
            (#"{"a":[1,"x\n\u001f\"",true],"b":{"":null}}"#, true), (#"{"b":1,"a":2}"#, false), (#"{"a": 1}"#, false),
            (#"{"a":1}"# + "\n", false), (#"[[{"b":1,"a":2}],1]"#, false), (#"["\/"]"#, false), (#"["\u000a"]"#, false),
            (#"["\u001F"]"#, false), (#"["\u0041"]"#, false), ("[-0]", false), ("[1.5]", true), ("[1.50]", false),
            ("[ ]", false), ("[[],{}]", true), (#"{"\u0061":1}"#, false), (#"{"a":1 }"#, false), (#"{"a" :1}"#, false),
        ])
    func canonicalFlag(text: String, isCanonical: Bool) throws {
        let document = try Self.read(text)
        #expect(document.isCanonical == isCanonical)
        #expect((document.canonical(document.root) == Array(text.utf8)) == isCanonical)
    }

    @Test("members are left out of the top level only")
    func omitting() throws {
        for text in [
            #"{"a":1,"signatures":{},"unsigned":{"signatures":1}}"#,
            #"{"unsigned":{"signatures":1},"signatures":{},"a":1}"#, #"{"\u0073ignatures":1,"a":1}"#,
        ] {
            let document = try Self.read(text)
            let form = document.canonical(document.root, omitting: ["signatures", "unsigned"])
            #expect(String(decoding: form, as: UTF8.self) == #"{"a":1}"#)
        }
        let nested = try Self.read(#"{"a":{"signatures":1},"signatures":2}"#)
        let form = nested.canonical(nested.root, omitting: ["signatures"])
        #expect(String(decoding: form, as: UTF8.self) == #"{"a":{"signatures":1}}"#)
    }

    @Test("the canonical form of any document reads back to itself")
    func idempotence() throws {
        var generator = SplitMix(seed: 0x63616E6F)
        for round in 0..<120 {
            let text = Self.randomValue(&generator, depth: 0)
            let document = try Self.read(text)
            let once = document.canonical(document.root)
            let again = try JSONDocument(reading: once)
            #expect(again.isCanonical, "seed \(generator.seed) round \(round): \(text)")
            #expect(again.canonical(again.root) == once, "seed \(generator.seed) round \(round): \(text)")
            #expect(document.isCanonical == (once == Array(text.utf8)))
        }
    }

    static func randomValue(_ generator: inout SplitMix, depth: Int) -> String {
        let space = ["", "", "", " ", "\n\t"].randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &generator) {
        case 0: return space + ["true", "false", "null"][Int.random(in: 0..<3, using: &generator)]
        case 1: return "\(Int64.random(in: -1000...1000, using: &generator))\(space)"
        case 2:
            return ["-0", "1.5e3", "123456789012345678901234567890", "0.00001", "1e-400"][
                Int.random(in: 0..<5, using: &generator)]
        case 3, 4: return randomString(&generator)
        case 5:
            let count = Int.random(in: 0..<5, using: &generator)
            let values = (0..<count).map { _ in randomValue(&generator, depth: depth + 1) }
            return "[" + space + values.joined(separator: ",") + "]"
        default:
            var members: [String] = []
            for i in 0..<Int.random(in: 0..<20, using: &generator) {
                let key = randomString(&generator).dropLast() + "\(i)\""
                members.append(key + space + ":" + randomValue(&generator, depth: depth + 1))
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    static func randomString(_ generator: inout SplitMix) -> String {
        let pieces = [
            "a", "b", "é", "😀", "\\n", "\\u0041", "\\ud83d\\ude00", "\\/", "\\\"", "\u{FFFF}", "\\u0000", "zzzzzzzz",
        ]
        let count = Int.random(in: 0..<5, using: &generator)
        return "\"" + (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            + "\""
    }
}
