// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("Broken policies: each message says where, what, what happens meanwhile and what to do")
struct BrokenPolicyTests {
    @Test(
        "AC-98 a broken policy is refused with the messages that are expected",
        arguments: Fixtures.names(in: "broken", suffix: ".yaml"))
    func isRefused(file: String) throws {
        let bytes = try Fixtures.bytes("broken/\(file)")
        let errors = #expect(throws: PolicyErrors.self) { try Policy.compile(bytes, fileName: file) }
        let lines = try #require(errors).diagnostics.map(\.description)
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { !$0.contains("\n") && $0.hasPrefix(file + ":") })
        try Fixtures.expectGolden(
            lines.joined(separator: "\n") + "\n", "broken/" + file.dropLast(5) + ".expected")
    }

    @Test("there are at least a hundred and twenty of them")
    func count() {
        #expect(Fixtures.names(in: "broken", suffix: ".yaml").count >= 120)
    }

    @Test("AC-98 a policy of 10 MB and one nested without end are refused quickly")
    func bombs() {
        for text in [
            String(repeating: "a: [b]\n", count: 1_500_000), String(repeating: "[", count: 1_000_000),
            String(repeating: "{a: ", count: 200_000), String(repeating: "- ", count: 500_000),
        ] {
            #expect(throws: PolicyErrors.self) { try Policy.compile(Array(text.utf8), fileName: "bomb.yaml") }
        }
    }

    @Test("a file with thousands of faults reports a hundred and counts the rest")
    func manyFaults() throws {
        let text = (0..<5000).map { "key\($0): 1\n" }.joined()
        let errors = #expect(throws: PolicyErrors.self) { try Policy.of(text) }
        #expect(try #require(errors).diagnostics.count == 100)
        #expect(try #require(errors).suppressed > 4000)
    }
}
