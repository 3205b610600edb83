// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Canonical JSON: Appendices, Canonical JSON", .enabled(if: Shared.isPresent))
struct CanonicalJSONVectorTests {
    /// Deep enough for the vector of a hundred arrays; the gateway's own limit is 64.
    static let limits = JSONDocument.Limits(maxBytes: 1 << 20, maxDepth: 128)

    static func input(_ vector: [String: Any]) throws -> [UInt8] {
        if let text = vector["input"] as? String { return Array(text.utf8) }
        let encoded = try #require(vector["input_base64"] as? String)
        return Array(try #require(Data(base64Encoded: encoded)))
    }

    @Test("the strict reading accepts and writes what the specification does, and refuses the rest")
    func strictReading() throws {
        for vector in try Shared.vectors("canonical_json") {
            let id = try #require(vector["id"] as? String)
            let expected = try #require(vector["spec_strict"] as? [String: Any])
            let bytes = try Self.input(vector)
            let document = try? JSONDocument(reading: bytes, limits: Self.limits)
            if expected["valid"] as? Bool == true {
                let read = try #require(document, "\(id)")
                #expect(read.hasOnlyCanonicalNumbers, "\(id)")
                let canonical = read.canonical(read.root)
                #expect(String(decoding: canonical, as: UTF8.self) == expected["canonical"] as? String, "\(id)")
                #expect(read.isCanonical == (canonical == bytes), "\(id)")
            } else {
                #expect(document.map { $0.hasOnlyCanonicalNumbers } != true, "\(id)")
            }
        }
    }

    @Test("numbers that only old room versions may hold are written as the reference writes them")
    func referenceNumbers() throws {
        var seen = 0
        for vector in try Shared.vectors("canonical_json") {
            let synapse = try #require(vector["synapse"] as? [String: Any])
            guard let document = try? JSONDocument(reading: try Self.input(vector), limits: Self.limits),
                let canonical = synapse["canonical"] as? String
            else { continue }
            #expect(
                String(decoding: document.canonical(document.root), as: UTF8.self) == canonical,
                "\(vector["id"] ?? "")")
            if !document.hasOnlyCanonicalNumbers { seen += 1 }
        }
        #expect(seen >= 15)
    }

    @Test("what the reference refuses or cannot encode is refused here")
    func neverLaxer() throws {
        for vector in try Shared.vectors("canonical_json") {
            let synapse = try #require(vector["synapse"] as? [String: Any])
            guard synapse["canonical"] == nil || synapse["canonical"] is NSNull else { continue }
            #expect(throws: JSONFault.self, "\(vector["id"] ?? "")") {
                try JSONDocument(reading: try Self.input(vector), limits: Self.limits)
            }
        }
    }

    @Test("the texts printed in the appendix have the printed canonical form")
    func appendix() throws {
        for vector in try Shared.vectors("spec_appendix") where vector["kind"] as? String == "canonical_json" {
            let text = try #require(vector["input_text"] as? String)
            let document = try JSONDocument(reading: Array(text.utf8))
            let canonical = String(decoding: document.canonical(document.root), as: UTF8.self)
            if vector["reference_agrees"] as? Bool == true {
                #expect(canonical == vector["canonical"] as? String)
            } else {
                // 1e10: the reference's spelling is what signatures of old rooms cover; elsewhere it is refused.
                #expect(canonical == #"{"a":0,"b":10000000000.0}"#)
                #expect(!document.hasOnlyCanonicalNumbers)
            }
        }
    }
}
