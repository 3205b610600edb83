// SPDX-License-Identifier: Apache-2.0

/// 16 bytes by which something is named without saying what it is.
package struct KeyedName: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    init(_ bytes: SIMD16<UInt8>) {
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        (high, low) = (UInt64(bigEndian: words[0]), UInt64(bigEndian: words[1]))
    }
}

extension SecretKey {
    /// BLAKE2b-128 (RFC 7693) with this key over `kind` ‖ `text`.
    ///
    /// Whoever has the key and a text finds its name; the name alone tells nothing, and another key makes another one.
    package func name(of kind: UInt8, _ text: String) -> KeyedName {
        KeyedName(Sodium.keyedHash(kind, text, secret))
    }

    /// BLAKE2b-128 over `text` ‖ the key: says which key it is, and no other key has the same.
    package func identifier(beside text: [UInt8]) -> KeyedName {
        var input = text + copy()
        defer { input.wipe() }
        return KeyedName(Sodium.hash(input))
    }
}
