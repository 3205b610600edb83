// SPDX-License-Identifier: Apache-2.0

/// A pass-phrase, in memory that is overwritten when the last copy goes.
package struct Passphrase: Sendable {
    package static let maxBytes = 1024

    let secret: SecretBytes

    /// - Parameter bytes: 1 to 1,024 of them, or there is no pass-phrase; overwritten in any case.
    package init?(taking bytes: inout [UInt8]) {
        defer { Sodium.wipe(&bytes) }
        guard (1...Self.maxBytes).contains(bytes.count) else { return nil }
        let secret = unsafe SecretBytes(count: bytes.count) { start in
            for offset in bytes.indices { unsafe start[offset] = bytes[offset] }
            return true
        }
        guard let secret else { return nil }
        self.secret = secret
    }

    package var count: Int { secret.count }

    /// Whether both are the same, in a time that does not tell where they differ.
    package func isSame(as other: Passphrase) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        unsafe secret.withBytes { mine in
            unsafe other.secret.withBytes { theirs in
                for offset in 0..<count { unsafe difference |= mine[offset] ^ theirs[offset] }
            }
        }
        return difference == 0
    }
}

extension Array<UInt8> {
    /// Overwrites bytes that held a secret.
    package mutating func wipe() { Sodium.wipe(&self) }
}
