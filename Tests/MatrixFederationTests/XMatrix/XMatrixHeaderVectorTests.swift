// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("X-Matrix fields: Request Authentication and RFC 9110 section 11.4", .enabled(if: Shared.isPresent))
struct XMatrixHeaderVectorTests {
    static func field(_ vector: [String: Any]) throws -> [UInt8] {
        if let text = vector["header"] as? String { return Array(text.utf8) }
        let encoded = try #require(vector["header_base64"] as? String)
        return Array(try #require(Data(base64Encoded: encoded)))
    }

    @Test("a field is accepted exactly if the strict reading accepts it and the reference reads the same")
    func safeSubset() throws {
        var accepted = 0
        for vector in try Shared.vectors("auth_headers") {
            let id = try #require(vector["id"] as? String)
            let spec = try #require(vector["spec"] as? [String: Any])
            let synapse = try #require(vector["synapse"] as? [String: Any])
            let areAlike = ["origin", "destination", "key", "sig"].allSatisfy {
                spec[$0] as? String == synapse[$0] as? String
            }
            let isSafe = spec["valid"] as? Bool == true && synapse["outcome"] as? String == "parsed" && areAlike
            let field = try Self.field(vector)
            let header = try? XMatrixHeader(parsing: field.span)
            #expect((header != nil) == isSafe, "\(id) \(vector["note"] ?? "")")
            guard let header else { continue }
            accepted += 1
            #expect(header.origin.text == spec["origin"] as? String, "\(id)")
            #expect(header.destination?.text == spec["destination"] as? String, "\(id)")
            #expect(header.key.text == spec["key"] as? String, "\(id)")
            #expect(header.signature.base64 == (spec["sig"] as? String)?.replacing("=", with: ""), "\(id)")
            // What goes on to the homeserver says the same and is read the same.
            #expect(try XMatrixHeader(String(decoding: header.fieldValue(), as: UTF8.self)) == header, "\(id)")
        }
        #expect(accepted >= 30)
    }

    @Test("what the reference answers with 400 or passes over is answered or passed over alike")
    func statuses() throws {
        for vector in try Shared.vectors("auth_headers") {
            let id = try #require(vector["id"] as? String)
            let synapse = try #require(vector["synapse"] as? [String: Any])
            let field = try Self.field(vector)
            do {
                _ = try XMatrixCredentials(parsing: [field])
            } catch {
                switch synapse["outcome"] as? String {
                case "error": #expect(error.status == 400, "\(id)")
                case "ignored": #expect(error == .missing && error.status == 401, "\(id)")
                default: continue
                }
            }
        }
    }
}
