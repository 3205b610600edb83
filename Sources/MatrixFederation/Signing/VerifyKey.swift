// SPDX-License-Identifier: Apache-2.0

/// A server's public Ed25519 key, checked to be one that nobody can sign for by accident or trick.
///
/// RFC 8032, verified by libsodium: non-canonical signature scalars and points of small order are refused.
package struct VerifyKey: Hashable, Sendable {
    let storage: SIMD32<UInt8>
    /// SHA-256 of the 32 bytes: the name of the key in policies, records and alarms.
    package let fingerprint: Digest

    package enum Malformed: Error, Equatable, Sendable {
        /// Not 32 bytes, or not base64.
        case length(Int)
        /// Not the canonical form of a point of full order.
        case notAKey
        /// Its secret part is public.
        case denylisted
    }

    /// - Parameter bytes: 32 of them.
    package init(_ bytes: Span<UInt8>) throws(Malformed) {
        guard bytes.count == 32 else { throw .length(bytes.count) }
        let storage = unsafe bytes.bytes.unsafeLoadUnaligned(as: SIMD32<UInt8>.self)
        fingerprint = SHA256.hash(bytes)
        guard !Self.isPublicSecret(storage) else { throw .denylisted }
        guard Sodium.isValidPoint(storage) else { throw .notAKey }
        self.storage = storage
    }

    /// - Parameter text: base64 of 32 bytes.
    package init(base64 text: Span<UInt8>) throws(Malformed) {
        guard text.count <= 44, let bytes = Base64.decode(text) else { throw .length(0) }
        try self.init(bytes.span)
    }

    package init(base64 text: String) throws(Malformed) { try self.init(base64: text.utf8.span) }

    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: storage) { unsafe Array($0) } }

    /// Unpadded standard base64.
    package var base64: String { Base64.encode(bytes) }

    package static func == (a: VerifyKey, b: VerifyKey) -> Bool { a.storage == b.storage }

    package func hash(into hasher: inout Hasher) { hasher.combine(storage) }

    /// Whether `signature` was made with this key's secret part over exactly `message`.
    package func isValid(signature: Signature, of message: Span<UInt8>) -> Bool {
        Sodium.isValid(signature.storage, of: message, by: storage)
    }

    package func isValid(signature: Signature, of message: [UInt8]) -> Bool {
        isValid(signature: signature, of: message.span)
    }

    /// A key that a product shipped to many: CVE-2026-24044.
    private static let publicSecret = Base64.decode("l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og")

    private static func isPublicSecret(_ key: SIMD32<UInt8>) -> Bool {
        guard let known = publicSecret, known.count == 32 else { return true }
        for offset in 0..<32 where key[offset] != known[offset] { return false }
        return true
    }
}
