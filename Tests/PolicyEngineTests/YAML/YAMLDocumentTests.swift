// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("YAML: the plain subset that policies and configurations are written in")
struct YAMLDocumentTests {
    struct Refusal: Sendable, CustomStringConvertible {
        let text: String
        let kind: YAMLFault.Kind
        let line: Int
        let column: Int
        var description: String { text.prefix(40).debugDescription }
        init(_ text: String, _ kind: YAMLFault.Kind, _ line: Int, _ column: Int) {
            (self.text, self.kind, self.line, self.column) = (text, kind, line, column)
        }
    }

    static let refusals: [Refusal] = [
        Refusal("a: &x 1\n", .anchor, 1, 4),
        Refusal("a: &x [1]\n", .anchor, 1, 4),
        Refusal("&x a: 1\n", .anchor, 1, 1),
        Refusal("a: 1\nb: *x\n", .alias, 2, 4),
        Refusal("a: !!str 1\n", .tag, 1, 4),
        Refusal("a: ! 1\n", .tag, 1, 4),
        Refusal("a: !local {b: c}\n", .tag, 1, 4),
        Refusal("%YAML 1.1\n---\na: 1\n", .directive, 1, 1),
        Refusal("%TAG ! tag:x,2000:\n---\na: 1\n", .directive, 1, 1),
        Refusal("a: 1\n---\nb: 1\n", .secondDocument, 2, 1),
        Refusal("a: 1\n...\n---\nb: 1\n", .secondDocument, 3, 1),
        Refusal("a:\n  <<: {b: 1}\n", .mergeKey, 2, 3),
        Refusal("a: 1\nb: 2\na: 3\n", .duplicateKey("a", first: YAMLPlace(line: 1, column: 1)), 3, 1),
        Refusal("a: 1\n\"\\x61\": 3\n", .duplicateKey("a", first: YAMLPlace(line: 1, column: 1)), 2, 1),
        Refusal("x: {a: 1, a: 2}\n", .duplicateKey("a", first: YAMLPlace(line: 1, column: 5)), 1, 11),
        Refusal("a:\n\tb: 1\n", .tab, 2, 1),
        Refusal("a: 1 #\tx\n", .tab, 1, 7),
        Refusal("\u{FEFF}a: 1\n", .byteOrderMark, 1, 1),
        Refusal("a: b\u{0}c\n", .character(0), 1, 5),
        Refusal("a: \"\\0\"\n", .character(0), 1, 4),
        Refusal("# \u{202E}evil\na: 1\n", .character(0x202E), 1, 3),
        Refusal("a: 1\rb: 2\n", .lineBreak, 1, 5),
        Refusal("# x\u{2028}a: 1\n", .lineBreak, 1, 4),
        Refusal("[a]: 1\n", .keyNotScalar, 1, 1),
        Refusal("? {a: 1}\n: 1\n", .keyNotScalar, 1, 3),
        Refusal("\"\": 1\n", .keyEmpty, 1, 1),
        Refusal("", .empty, 0, 0),
        Refusal("# nothing\n", .empty, 0, 0),
        Refusal("---\n", .empty, 0, 0),
        Refusal("é: 1\né: 2\n", .duplicateKey("é", first: YAMLPlace(line: 1, column: 1)), 2, 1),
        Refusal("ééé: &x 1\n", .anchor, 1, 6),
    ]

    @Test("AC-98 what could be read in two ways is refused with its place", arguments: refusals)
    func refuses(refusal: Refusal) {
        #expect(throws: YAMLFault(refusal.kind, at: YAMLPlace(line: refusal.line, column: refusal.column))) {
            try YAMLDocument.read(Array(refusal.text.utf8))
        }
    }

    @Test(
        "AC-98 text that is not YAML is refused with the place of the problem",
        arguments: [
            ("a: [1\n", 2), ("a: 1\n b: 2\n", 2), ("a: b: c\n", 1), ("a: \"x\n", 2), ("a: %x\n", 1), ("a: @x\n", 1),
            ("- a\nb: 1\n", 2), ("a: \"\\uD800\"\n", 1),
        ])
    func syntax(text: String, line: Int) throws {
        let fault = #expect(throws: YAMLFault.self) { try YAMLDocument.read(Array(text.utf8)) }
        guard case .syntax = try #require(fault).kind else {
            Issue.record("\(text.debugDescription) is refused as \(String(describing: fault))")
            return
        }
        #expect(fault?.place.line == line)
    }

    @Test(
        "AC-98 bytes that are not UTF-8 are refused where they stand",
        arguments: [
            [0x61, 0x3A, 0x20, 0xC3], [0x61, 0x3A, 0x20, 0xC0, 0x80], [0x61, 0x3A, 0x20, 0xED, 0xA0, 0x80],
            [0x61, 0x3A, 0x20, 0xF5, 0x80, 0x80, 0x80], [0x61, 0x3A, 0x20, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: YAMLFault(.notUTF8, at: YAMLPlace(line: 1, column: 4))) { try YAMLDocument.read(bytes) }
    }

    @Test("AC-98 a file of 10 MB, nesting beyond 16 and 100,001 values are refused; the limits themselves are not")
    func limits() throws {
        let large = [UInt8](repeating: 0x61, count: 10_000_000)
        #expect(throws: YAMLFault(.tooLarge(bytes: 10_000_000), at: .wholeFile)) { try YAMLDocument.read(large) }
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: YAMLFault(.tooDeep, at: YAMLPlace(line: 1, column: 17))) { try YAMLDocument.read(nested(17)) }
        _ = try YAMLDocument.read(nested(16))
        _ = #expect(throws: YAMLFault.self) { try YAMLDocument.read(nested(500_000)) }
        func many(_ count: Int) -> [UInt8] { Array(String(repeating: "- a\n", count: count - 1).utf8) }
        _ = #expect(throws: YAMLFault.self) { try YAMLDocument.read(many(100_001)) }
        _ = try YAMLDocument.read(many(100_000))
    }

    @Test(
        "AC-98 scalars are the characters that were written",
        arguments: [
            "NO", "no", "on", "yes", "null", "~", "010", "0x1F", "1_000", "1:30", "2027-01-01", ".inf", "1e3", "true",
        ])
    func scalars(text: String) throws {
        let node = try YAMLDocument.read(Array("[\(text), \"\(text)\"]".utf8))
        guard case .sequence(let elements) = node.content else {
            Issue.record("not a list")
            return
        }
        for (element, quoted) in zip(elements, [false, true]) {
            guard case .scalar(text, isQuoted: quoted) = element.content else {
                Issue.record("\(text) became \(element.content)")
                continue
            }
        }
    }

    @Test("every node knows its line and its column in characters")
    func places() throws {
        let node = try YAMLDocument.read(Array("# ä\r\nä: {bé: [x, \"y\"]}\r\nb:\r\n  - z\r\n".utf8))
        guard case .mapping(let top) = node.content, case .mapping(let inner) = top[0].value.content,
            case .sequence(let xs) = inner[0].value.content, case .sequence(let zs) = top[1].value.content
        else {
            Issue.record("other shape: \(node)")
            return
        }
        #expect(node.place == YAMLPlace(line: 2, column: 1))
        #expect(inner[0].keyPlace == YAMLPlace(line: 2, column: 5))
        #expect(xs.map(\.place) == [YAMLPlace(line: 2, column: 10), YAMLPlace(line: 2, column: 13)])
        #expect(zs.map(\.place) == [YAMLPlace(line: 4, column: 5)])
    }
}
