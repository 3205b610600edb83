// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 of a public key in its SubjectPublicKeyInfo encoding: what a pin names. RFC 7469, section 2.4.
package struct SPKIHash: Hashable, Sendable, CustomStringConvertible {
    /// Always 32 bytes.
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The bytes in lower-case hexadecimal.
    package var description: String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
