// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("JSON faults: RFC 8259 and the rules that no two parsers may read differently")
struct JSONFaultTests {
    static func fault(_ bytes: [UInt8], _ limits: JSONDocument.Limits = .federation) -> JSONFault? {
        do {
            _ = try JSONDocument(reading: bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a fault says what is wrong, at which byte and inside which value",
        arguments: [
            ("", .unexpectedEnd, 0, ""),
            ("{", .unexpectedEnd, 1, ""),
            ("[1,", .unexpectedEnd, 3, "/1"),
            ("[,1]", .unexpectedByte, 1, "/0"),
            ("[1 2]", .unexpectedByte, 3, "/1"),
            ("{,}", .unexpectedByte, 1, ""),
            (#"{"a"}"#, .unexpectedByte, 4, "/a"),
            (#"{"a":}"#, .unexpectedByte, 5, "/a"),
            (#"{"a":1,}"#, .unexpectedByte, 7, "/a"),
            (#"{"a":[true,{"b":tru}]}"#, .unexpectedByte, 19, "/a/1/b"),
            ("{]", .unexpectedByte, 1, ""),
            ("[}", .unexpectedByte, 1, "/0"),
            ("1 1", .trailingBytes, 2, ""),
            ("-", .unexpectedEnd, 1, ""),
            ("-x", .unexpectedByte, 1, ""),
            ("1.", .unexpectedEnd, 2, ""),
            ("1e+", .unexpectedEnd, 3, ""),
            ("[1e]", .unexpectedByte, 3, "/0"),
            ("00", .unexpectedByte, 1, ""),
            ("\"a", .unexpectedEnd, 2, ""),
            (#""\u12"#, .invalidEscape, 1, ""),
            (#""\"#, .unexpectedEnd, 2, ""),
            (#""\ud800\u0041""#, .loneSurrogate, 1, ""),
            ("\"\u{1F}\"", .controlCharacter, 1, ""),
            (#"{"x":{"a":1,"b":2,"a":3}}"#, .duplicateKey, 18, "/x/a"),
            (#"{"a":1,"a":3}"#, .duplicateKey, 7, "/a"),
            ("1e309", .numberOverflow, 0, ""),
            (#"{"a/b~":x}"#, .unexpectedByte, 8, "/a~1b~0"),
            ("\u{FEFF}{}", .byteOrderMark, 0, ""),
        ] as [(String, JSONFault.Kind, Int, String)])
    func position(text: String, kind: JSONFault.Kind, offset: Int, pointer: String) {
        #expect(Self.fault(Array(text.utf8)) == JSONFault(kind: kind, offset: offset, pointer: pointer))
    }

    @Test(
        "bytes that are not the shortest UTF-8 of a scalar are refused wherever they stand",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0x81], [0xC3], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xE2, 0x28, 0xA1], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xF0, 0x9F, 0x98, 0x28], [0xF0, 0x9F, 0x28, 0x80], [0xFF],
        ] as [[UInt8]])
    func encoding(bad: [UInt8]) {
        for padding in 0..<9 {
            let before = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
            #expect(Self.fault([0x22] + before + bad + [0x22])?.kind == .notUTF8)
            #expect(Self.fault(Array("{\"".utf8) + before + bad + Array("\":1}".utf8))?.kind == .notUTF8)
        }
        #expect(Self.fault(bad)?.family == .encoding)
    }

    @Test("a control character, a quote or an escape is seen at every offset of a word")
    func everyOffset() throws {
        for length in 0..<20 {
            let before = String(repeating: "x", count: length)
            #expect(Self.fault(Array("\"\(before)\n\(before)\"".utf8))?.kind == .controlCharacter)
            let text = "\"\(before)\\n\(before)é\(before)\""
            let document = try JSONDocument(reading: Array(text.utf8))
            #expect(document.string(document.root) == "\(before)\n\(before)é\(before)")
        }
    }

    @Test("each limit refuses what exceeds it by one and passes what meets it")
    func limits() {
        let limits = JSONDocument.Limits(maxBytes: 8, maxDepth: 2, maxValues: 3)
        #expect(Self.fault(Array("[[1]]   ".utf8), limits) == nil)
        #expect(Self.fault(Array("[[1]]    ".utf8), limits)?.kind == .tooManyBytes)
        #expect(Self.fault(Array("[[[1]]]".utf8), limits)?.kind == .tooDeep)
        #expect(Self.fault(Array("[1,2]".utf8), limits) == nil)
        #expect(Self.fault(Array("[1,2,3]".utf8), limits)?.kind == .tooManyValues)
        let digits = [UInt8](repeating: UInt8(ascii: "9"), count: 1025)
        #expect(Self.fault(digits)?.kind == .numberTooLong)
        #expect(Self.fault(Array(digits.dropFirst())) == nil)
        #expect(Self.fault(Array("0.".utf8) + digits)?.kind == .numberTooLong)
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(Self.fault(Array(deep.utf8)) == nil)
        #expect(Self.fault(Array("[\(deep)]".utf8))?.family == .limits)
    }

    @Test("a key that is written in another way is the same key")
    func hiddenDuplicates() {
        let texts = [
            #"{"a":1,"\u0061":2}"#, #"{"b":0,"\u0061":1,"a":2}"#, #"{"é":1,"\u00e9":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#,
            #"{"\/":1,"b":2,"/":3}"#, #"[{"z":{"\n":1,"a":2,"\u000a":3}}]"#,
        ]
        for text in texts { #expect(Self.fault(Array(text.utf8))?.kind == .duplicateKey, "\(text)") }
        // Equal for `String`, different bytes: two keys.
        #expect(Self.fault(Array("{\"e\u{301}\":1,\"\u{E9}\":2}".utf8)) == nil)
        #expect(Self.fault(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)) == nil)
    }

    @Test("a duplicate is found among many keys in any order, and none where there is none")
    func manyKeys() {
        var generator = SplitMix(seed: 0x6A73_6F6E)
        for count in [2, 3, 11, 12, 13, 14, 200] {
            var keys = (0..<count).map { i in i % 3 == 0 ? "\\u006bey-number-\(i)" : "key-number-\(i)" }
            keys.shuffle(using: &generator)
            let good = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
            #expect(Self.fault(Array(good.utf8)) == nil, "seed \(generator.seed)")
            keys.insert("key-number-\(count / 2)", at: count / 2)
            let bad = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
            #expect(Self.fault(Array(bad.utf8))?.kind == .duplicateKey, "seed \(generator.seed)")
        }
    }
}
