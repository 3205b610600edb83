// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation

/// Keys and times for tests; the same number gives the same key.
enum KeyFixtures {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    static let day: Int64 = 86_400_000
    static let minute: Int64 = 60_000

    static func signingKey(_ number: UInt8, id: String = "ed25519:a1") throws -> SigningKey {
        try SigningKey(seed: Array(repeating: number, count: 32).span, keyID: KeyID(id))
    }

    static func key(_ number: UInt8) throws -> VerifyKey { try signingKey(number).verifyKey }

    /// A document with the keys `ids`, each made from its number.
    static func document(
        _ ids: [(String, UInt8)], old: [(String, UInt8)] = [],
        validUntil: Timestamp = start.advanced(byMilliseconds: day)
    ) throws -> FetchedKeys {
        FetchedKeys(
            current: try ids.map { .init(id: try KeyID($0.0), key: try key($0.1), validUntil: validUntil) },
            old: try old.map { .init(id: try KeyID($0.0), key: try key($0.1)) })
    }
}
