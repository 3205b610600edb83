// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation

/// Keys and times for tests; the same number gives the same key.
enum KeyFixtures {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    static let day: Int64 = 86_400_000
    static let minute: Int64 = 60_000

    private static let signingKeys = Result {
        try (0...UInt8.max).map { number in
            try SigningKey(seed: Array(repeating: number, count: 32).span, keyID: KeyID("ed25519:any"))
        }
    }

    static func signingKey(_ number: UInt8) throws -> SigningKey { try signingKeys.get()[Int(number)] }

    static func key(_ number: UInt8) throws -> VerifyKey { try signingKey(number).verifyKey }

    /// The verified document of `server` with the keys `ids`, each made from its number and signed with it.
    static func document(
        _ ids: [(String, UInt8)], old: [(String, UInt8)] = [], of server: String = "alpha.example",
        validUntil: Timestamp = start.advanced(byMilliseconds: day), fetchedAt: Timestamp = start
    ) throws -> ServerKeys {
        let body = try body(ids, old: old, of: server, validUntil: validUntil)
        return try OriginKeySource.read(body, of: ServerName(server), fetchedAt: fetchedAt)
    }

    /// The bytes of such a document.
    static func body(
        _ ids: [(String, UInt8)], old: [(String, UInt8)] = [], of server: String = "alpha.example",
        validUntil: Timestamp = start.advanced(byMilliseconds: day), padding: Int = 0
    ) throws -> [UInt8] {
        let current = try ids.map { "\"\($0.0)\":{\"key\":\"\(try key($0.1).base64)\"}" }.joined(separator: ",")
        let past = try old.map { "\"\($0.0)\":{\"expired_ts\":1,\"key\":\"\(try key($0.1).base64)\"}" }
            .joined(separator: ",")
        let head = "\"old_verify_keys\":{\(past)},\"server_name\":\"\(server)\","
        let tail =
            "\"valid_until_ts\":\(validUntil.milliseconds),\"verify_keys\":{\(current)}"
            + (padding > 0 ? ",\"x\":\"\(String(repeating: "x", count: padding))\"" : "")
        // Canonical only when `ids` are in order; the signature covers the canonical form of the reader.
        let unsigned = try JSONDocument(reading: Array("{\(head)\(tail)}".utf8))
        let message = SignedJSON.message(of: unsigned.root, in: unsigned)
        let signatures = try ids.map { id, number in
            "\"\(id)\":\"\(Base64.encode(try signingKey(number).sign(message)))\""
        }
        return Array(
            "{\(head)\"signatures\":{\"\(server)\":{\(signatures.joined(separator: ","))}},\(tail)}".utf8)
    }
}
