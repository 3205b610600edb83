// SPDX-License-Identifier: Apache-2.0

/// 32 secret bytes, in memory that is overwritten when the last copy goes.
package struct SecretKey: Sendable {
    package static let byteCount = 32

    let secret: SecretBytes

    private init?(_ secret: SecretBytes?) {
        guard let secret else { return nil }
        self.secret = secret
    }

    /// - Parameter bytes: 32 of them, or there is no key; overwritten in any case.
    package init?(taking bytes: inout [UInt8]) {
        defer { Sodium.wipe(&bytes) }
        guard bytes.count == Self.byteCount else { return nil }
        self.init(
            unsafe SecretBytes(count: Self.byteCount) { start in
                for offset in bytes.indices { unsafe start[offset] = bytes[offset] }
                return true
            })
    }

    /// From the system's randomness; `nil` if there is no memory for it.
    package static func generate() -> SecretKey? {
        guard Sodium.isReady else { return nil }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        Sodium.randomize(&bytes)
        return SecretKey(taking: &bytes)
    }

    /// A copy, the caller's to overwrite.
    package func copy() -> [UInt8] {
        unsafe secret.withBytes { start in (0..<Self.byteCount).map { unsafe start[$0] } }
    }

    /// Each bit of the one against the same bit of the other. Of a random key and this, nobody learns this without both.
    package func combined(with other: SecretKey) -> SecretKey? {
        var bytes = copy()
        unsafe other.secret.withBytes { start in
            for offset in bytes.indices { unsafe bytes[offset] ^= start[offset] }
        }
        return SecretKey(taking: &bytes)
    }
}
