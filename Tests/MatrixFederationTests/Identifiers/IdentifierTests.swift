// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Identifiers: Appendices, Common Namespace Format")
struct IdentifierTests {
    static func server(_ kind: String, _ text: String) -> ServerName?? {
        switch kind {
        case "user": (try? UserID(text)).map { $0.server }
        case "room": (try? RoomID(text)).map { $0.server }
        case "event": (try? EventID(text)).map { $0.server }
        case "alias": (try? RoomAlias(text)).map { $0.server }
        default: nil
        }
    }

    @Test(
        "the vectors are accepted and refused, and name the server after the first colon",
        .enabled(if: Shared.isPresent))
    func vectors() throws {
        for vector in try Shared.vectors("identifiers") {
            let kind = try #require(vector["kind"] as? String)
            let text = try #require(vector["value"] as? String)
            let spec = try #require(vector["spec"] as? [String: Any])
            let found = Self.server(kind, text)
            if text.utf8.contains(where: { $0 < 0x20 }) {
                // Stricter on purpose: control characters are refused (identifiers, rule 5).
                #expect(found == nil, "\(kind) \(text)")
                continue
            }
            #expect((found != nil) == (spec["valid"] as? Bool), "\(kind) \(text)")
            if let found { #expect(found?.text == spec["server"] as? String, "\(kind) \(text)") }
        }
    }

    @Test("identifiers that are equivalent Unicode but other bytes are different")
    func bytesDecide() throws {
        let composed = try UserID("@caf\u{E9}:a.example")
        let decomposed = try UserID("@cafe\u{301}:a.example")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(try UserID("@caf\u{E9}:a.example") == composed)
    }

    @Test("faults are told apart")
    func faults() {
        #expect(throws: MalformedIdentifier.sigil) { try UserID("#a:b.example") }
        #expect(throws: MalformedIdentifier.missingServer) { try UserID("@a") }
        #expect(throws: MalformedIdentifier.length(0)) { try RoomID("") }
        #expect(throws: MalformedIdentifier.length(256)) {
            try RoomAlias("#" + String(repeating: "a", count: 245) + ":b.example")
        }
        #expect(throws: MalformedIdentifier.controlCharacter(offset: 2)) { try UserID("@a\u{7F}:b.example") }
        #expect(throws: MalformedIdentifier.server(.length(0))) { try UserID("@a:") }
        #expect(throws: MalformedIdentifier.server(.byte(0x3A, offset: 2))) { try UserID("@a:b::c") }
    }

    @Test(
        "key IDs are ed25519, a colon and a version",
        arguments: [
            ("ed25519:a_1Z", nil), ("ed25519:", .version), ("ed25519:a b", .version), ("ed25519:a:b", .version),
            ("ed25519:é", .version), ("rsa:1", .algorithm), ("ED25519:a", .algorithm), ("ed25519", .algorithm),
            ("", .algorithm), ("curve25519:a1", .algorithm),
            ("ed25519:" + String(repeating: "a", count: 505), .version),
            ("ed25519:" + String(repeating: "a", count: 504), nil),
        ] as [(String, KeyID.Malformed?)])
    func keyIDs(text: String, fault: KeyID.Malformed?) throws {
        if let fault {
            #expect(throws: fault) { try KeyID(text) }
        } else {
            #expect(try KeyID(text).text == text)
            #expect(try KeyID(text).version == String(text.dropFirst(8)))
        }
    }
}
