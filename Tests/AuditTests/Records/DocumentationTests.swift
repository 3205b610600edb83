// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import Testing

@testable import Audit

@Suite("docs/audit.md")
struct DocumentationTests {
    private func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/audit.md"), encoding: .utf8)
    }

    @Test("explains every reason code", arguments: ReasonCode.allCases)
    func reasons(reason: ReasonCode) throws {
        #expect(try text().contains("`\(reason.rawValue)`"))
    }

    @Test("explains every member of a full record")
    func members() throws {
        var encoder = try EncodingTests.encoder()
        encoder.encode(EncodingTests.named())
        let record = encoder.complete(sequence: 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any])
        let text = try text()
        for key in object.keys { #expect(text.contains("`\(key)`"), "\(key)") }
    }
}
