// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Text lists: one server name a line")
struct TextListTests {
    @Test("comments, blanks, empty lines and both ends of line are nothing")
    func good() throws {
        let text = "# ours\n\n  a.example  \r\nb.example:8448 # since May\n\tc.example\r\n# é\nd.example"
        let list = try ServerList(text: Array(text.utf8))
        #expect(list.names.map(\.text) == ["a.example", "b.example:8448", "c.example", "d.example"])
        #expect(list.version == nil)
        let again = try ServerList(text: Array("d.example\nc.example\nb.example:8448\na.example\n".utf8))
        #expect(again.namesHash == list.namesHash)
        #expect(again.sha256 != list.sha256)
    }

    @Test(
        "says which line is wrong",
        arguments: [
            ("a.example\nB.example\n", 2), ("a.example b.example\n", 1), ("a.example,b.example\n", 1),
            ("\n\nhttps://a.example\n", 3), ("*.example\n", 1), ("a.example\rb.example\n", 1), ("a.example\0\n", 1),
            ("@a:a.example\n", 1), ("a.example.\n", 1), ("a.example\u{A0}\n", 1), ("\u{FEFF}a.example\n", 1),
            ("a.example\r\r\n", 1), ("a.example:99999\n", 1), (String(repeating: "a", count: 2000), 1),
        ])
    func wrong(text: String, line: Int) throws {
        let fault = #expect(throws: ListFault.self) { try ServerList(text: Array(text.utf8)) }
        let what = try #require(fault).what
        #expect(what.hasPrefix("line \(line) "), "\(what)")
        #expect(!what.contains("\n") && !what.contains("\r"))
    }

    @Test("a name twice is an error that names both lines")
    func twice() {
        #expect(throws: ListFault.repeated("a.example", first: 1, second: 3)) {
            try ServerList(text: Array("a.example\nb.example\na.example\n".utf8))
        }
    }

    @Test(
        "a list of nobody is refused: an emptied file lets nobody out of a list that blocks",
        arguments: ["", "\n", "#\n"])
    func nobody(text: String) {
        #expect(throws: ListFault.noNames) { try ServerList(text: Array(text.utf8)) }
    }

    @Test("too many names and too many bytes are refused")
    func limits() {
        let names = (0...ServerList.maxNames).map { "s\($0).example\n" }.joined()
        #expect(throws: ListFault.tooManyNames(limit: ServerList.maxNames)) { try ServerList(text: Array(names.utf8)) }
        #expect(throws: ListFault.tooLarge(limit: ServerList.maxTextBytes)) {
            try ServerList(text: [UInt8](repeating: 0x0A, count: ServerList.maxTextBytes + 1))
        }
    }
}
