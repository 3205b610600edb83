// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Abuse of JSON bodies")
struct BodyAbuseTests {
    static func family(_ bytes: [UInt8]) -> JSONFault.Family? {
        do {
            _ = try JSONDocument(reading: bytes)
            return nil
        } catch {
            return error.family
        }
    }

    static func family(_ text: String) -> JSONFault.Family? { family(Array(text.utf8)) }

    @Test("AC-34 a body that is no JSON is a fault, never no content; what is no object says so")
    func notJSON() throws {
        for text in ["", " ", "{", "x", "{'a':1}", "{}{}", "{} x", "// c\n{}", "{\"a\":1,}", "NaN"] {
            #expect(Self.family(text) == .invalid, "\(text)")
        }
        for text in ["[]", "null", "\"x\"", "1"] {
            let document = try JSONDocument(reading: Array(text.utf8))
            #expect(document.kind(document.root) != .object, "\(text)")
        }
        let good = try JSONDocument(reading: Array(" {} ".utf8))
        #expect(good.kind(good.root) == .object)
    }

    @Test("AC-35 duplicate keys are refused at any depth and in any spelling, and the fault points at them")
    func duplicates() {
        let text = #"{"pdus":[{"type":"a"},{"content":{"membership":"join","\u006dembership":"ban"}}]}"#
        #expect(
            JSONFaultTests.fault(Array(text.utf8))
                == JSONFault(kind: .duplicateKey, offset: 54, pointer: "/pdus/1/content/membership"))
        #expect(Self.family(text) == .duplicateKey)
        #expect(Self.family(text.replacing("\\u006dem", with: "mem2")) == nil)
    }

    @Test("AC-35 duplicates among many hostile keys are found without much work")
    func manyDuplicates() {
        // Long common beginnings and escapes defeat hashing and prefix comparison; the order is the worst for sorting.
        let keys = (0..<20_000).map { "\\u0061aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\(($0 &* 7919) % 20_000)" }
        let good = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(Self.family(good) == nil)
        let bad = good.dropLast() + ",\"\(keys[0].replacing("\\u0061", with: "a"))\":0}"
        #expect(Self.family(String(bad)) == .duplicateKey)
    }

    @Test("AC-36 nesting, elements and length are bounded, and what meets the bounds passes")
    func bombs() {
        #expect(Self.family([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == .limits)
        #expect(Self.family(String(repeating: #"{"a":"#, count: 65)) == .limits)
        let elements = "[" + String(repeating: "0,", count: 499_998) + "0]"
        #expect(Self.family(elements) == nil)
        #expect(Self.family("[" + elements.dropFirst().dropLast() + ",0]") == .limits)
        let long = [0x22] + [UInt8](repeating: UInt8(ascii: "x"), count: 200 * 65536 - 2) + [0x22]
        #expect(Self.family(long) == nil)
        #expect(Self.family(long + [0x20]) == .limits)
    }

    @Test("AC-37 numbers that canonical JSON does not have are refused or marked")
    func numbers() throws {
        for text in ["NaN", "Infinity", "-Infinity", "0x1", "+1", "01", "1.", ".5", "--1", "1e", "- 1"] {
            #expect(Self.family(#"{"depth":\#(text)}"#) == .invalid, "\(text)")
        }
        for text in ["1e400", "-1e999999999", "1e308999"] {
            #expect(Self.family(#"{"depth":\#(text)}"#) == .number, "\(text)")
        }
        for text in ["9007199254740992", "9223372036854775808", "1.0", "1e3", "-0.0", "1E0", "0e0"] {
            let document = try JSONDocument(reading: Array(#"{"depth":\#(text)}"#.utf8))
            #expect(!document.hasOnlyCanonicalNumbers, "\(text)")
            #expect(document.nonCanonicalNumber(in: document.root) == document.member("depth", of: document.root))
        }
        for text in ["0", "-0", "9007199254740991", "-9007199254740991"] {
            let document = try JSONDocument(reading: Array(#"{"depth":\#(text)}"#.utf8))
            #expect(document.hasOnlyCanonicalNumbers, "\(text)")
        }
    }

    @Test("AC-37 true is not one")
    func booleans() throws {
        let document = try JSONDocument(reading: Array(#"{"depth":true}"#.utf8))
        let depth = try #require(document.member("depth", of: document.root))
        #expect(document.integer(depth) == nil)
        #expect(!document.isCanonicalInteger(depth))
    }

    @Test("AC-38 foreign encodings are refused and no text is ever normalised")
    func encodings() throws {
        #expect(Self.family([0xEF, 0xBB, 0xBF, 0x7B, 0x7D]) == .encoding)
        #expect(Self.family([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]) == .encoding)
        #expect(Self.family([0x7B, 0x00, 0x7D, 0x00]) == .invalid)
        #expect(Self.family(Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)) == .encoding)
        #expect(Self.family(#"{"a":"\ud800"}"#) == .encoding)
        #expect(Self.family(#"{"\udfff":1}"#) == .encoding)

        // U+0000 in a key is data, and does not end it.
        let null = try JSONDocument(reading: Array(#"{"a\u0000b":1,"a":2}"#.utf8))
        #expect(null.member("a", of: null.root).flatMap { null.integer($0) } == 2)
        #expect(null.member("a\0b" as String, of: null.root).flatMap { null.integer($0) } == 1)

        let forms = try JSONDocument(reading: Array("{\"e\u{301}\":1,\"\u{E9}\":2}".utf8))
        #expect(forms.canonical(forms.root) == forms.bytes)
        #expect(forms.count(forms.root) == 2)
    }
}
