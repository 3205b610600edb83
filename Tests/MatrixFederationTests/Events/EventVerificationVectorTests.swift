// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Checks on received events against the vectors", .enabled(if: Shared.isPresent))
struct EventVerificationVectorTests {
    static func keys() throws -> [String: EventVerification.KnownKey] {
        let file = try JSONSerialization.jsonObject(with: Shared.bytes("spec/vectors/keys.json")) as? [String: Any]
        var keys: [String: EventVerification.KnownKey] = [:]
        for entry in try #require(file?["keys"] as? [[String: Any]]) {
            let name = "\(try entry.text("server_name")) \(try entry.text("key_id"))"
            let until = try #require(entry["valid_until_ts"] as? Int64 ?? entry["expired_ts"] as? Int64)
            keys[name] = EventVerification.KnownKey(
                try VerifyKey(base64: try entry.text("public_key")),
                validUntil: Timestamp(milliseconds: until))
        }
        return keys
    }

    /// The events as texts, cut out of the vector file: going through Foundation would change the numbers.
    static func events() throws -> [JSONDocument] {
        let file = try JSONDocument(reading: Array(Shared.bytes("spec/vectors/event_verification.json")))
        let vectors = try #require(file.member("vectors", of: file.root))
        return try file.elements(of: vectors).map { vector in
            let event = try #require(file.member("event", of: vector))
            var text = String(decoding: file.bytes[file.rawRange(event)], as: UTF8.self)
            if let length = file.member("body_length", of: vector).flatMap(file.integer) {
                let body = String(repeating: "x", count: Int(length))
                text = text.replacing("\"body\": \"\"", with: "\"body\": \"\(body)\"")
                    .replacing("\"body\":\"\"", with: "\"body\":\"\(body)\"")
            }
            return try JSONDocument(reading: Array(text.utf8))
        }
    }

    @Test("each event is accepted, redacted, rejected or dropped as the reference does")
    func outcomes() throws {
        let keys = try Self.keys()
        let vectors = try Shared.vectors("event_verification")
        #expect(vectors.count == 455)
        for (vector, document) in zip(vectors, try Self.events()) {
            let id = try vector.text("id")
            let version = try vector.roomVersion()
            let reference = try vector.object("synapse")
            let event = EventForm(document.root, in: document, version: version)
            let outcome = EventVerification(of: event) { server, key in keys["\(server.text) \(key.text)"] }
            switch reference["outcome"] as? String {
            case "accept": #expect(outcome == .accept, "\(id)")
            case "redact": #expect(outcome == .redact, "\(id)")
            case "reject": #expect(outcome == .reject, "\(id)")
            default:
                let stage = EventVerification.Stage(rawValue: try reference.text("stage"))
                #expect(outcome == stage.map(EventVerification.drop), "\(id)")
            }
            if let eventID = reference["event_id"] as? String { #expect(event.eventID() == eventID, "\(id)") }
        }
    }
}
