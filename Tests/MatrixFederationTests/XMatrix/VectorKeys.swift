// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

/// The key table of the vectors: all that the verifying side knows.
struct VectorKeys {
    private var keys: [String: RequestKey] = [:]
    private var signing: [String: SigningKey] = [:]
    let now: Timestamp
    let ownName: ServerName

    init() throws {
        let file = try JSONSerialization.jsonObject(with: Shared.bytes("spec/vectors/keys.json")) as? [String: Any]
        let milliseconds = try #require(file?["now_ms"] as? Int64)
        now = Timestamp(milliseconds: milliseconds)
        ownName = try ServerName(try #require(file?["our_server_name"] as? String))
        for entry in try #require(file?["keys"] as? [[String: Any]]) {
            let server = try #require(entry["server_name"] as? String)
            let keyID = try #require(entry["key_id"] as? String)
            let key = try VerifyKey(base64: try #require(entry["public_key"] as? String))
            if let expired = entry["expired_ts"] as? Int64 {
                keys["\(server) \(keyID)"] = .old(since: Timestamp(milliseconds: expired))
            } else {
                let validUntil = Timestamp(milliseconds: try #require(entry["valid_until_ts"] as? Int64))
                keys["\(server) \(keyID)"] = now <= validUntil ? .valid(key) : .expired(since: validUntil)
            }
            let seed = try #require(entry["seed"] as? String)
            let line = Array("ed25519 \(keyID.dropFirst(8)) \(seed)".utf8)
            signing["\(server) \(keyID)"] = try SigningKey(parsing: line.span)
        }
    }

    func key(_ keyID: KeyID, of server: ServerName) -> RequestKey { keys["\(server.text) \(keyID.text)"] ?? .unknown }

    func signingKey(_ server: String, _ keyID: String = "ed25519:a1") throws -> SigningKey {
        try #require(signing["\(server) \(keyID)"])
    }
}
