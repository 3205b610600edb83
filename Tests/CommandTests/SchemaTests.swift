// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("The JSON Schema of policies", .enabled(if: Entente.isBuilt))
struct SchemaTests {
    @Test("docs/policy.schema.json is what `entente schema` prints")
    func current() throws {
        let printed = try Entente.run(["schema"])
        #expect(printed.status == 0)
        let file = Shared.projectRoot.appending(path: "docs/policy.schema.json")
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(kept == printed.text, "run `entente schema > docs/policy.schema.json`")
        let schema = try printed.answer()
        #expect(schema["additionalProperties"] as? Bool == false)
        let properties = try #require(schema["properties"] as? [String: Any])
        for key in ["entente", "policy", "self", "tiers", "servers"] { #expect(properties[key] != nil, "\(key)") }
    }
}
