// SPDX-License-Identifier: Apache-2.0

/// An auditor's public key: X25519, written as `age` writes recipients, so that a slip of the pen is noticed by its checksum.
///
/// Source: age-encryption.org/v1, "The X25519 recipient type"; BIP 173, "Bech32".
package struct SealRecipient: Hashable, Comparable, Sendable {
    /// 32 bytes.
    package let key: [UInt8]
    package let text: String

    /// `nil` for what is not `age1…`, whole and with its checksum, or is a key of small order.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 62, text.hasPrefix("age1") else { return nil }
        var values: [UInt8] = []
        for byte in bytes.dropFirst(4) {
            guard let value = Self.alphabet.firstIndex(of: byte) else { return nil }
            values.append(UInt8(value))
        }
        guard Self.checksum(of: values) == 1, let key = Self.regrouped(values.dropLast(6)), !Self.isSmall(key) else {
            return nil
        }
        self.key = key
        self.text = text
    }

    /// - Returns: `nil` if it has not 32 bytes, or is of small order.
    package init?(key: [UInt8]) {
        guard key.count == 32, !Self.isSmall(key) else { return nil }
        var values = Self.groups(of: key)
        let sum = Self.checksum(of: values + [UInt8](repeating: 0, count: 6)) ^ 1
        for place: UInt32 in 0..<6 { values.append(UInt8(truncatingIfNeeded: sum >> (5 * (5 - place))) & 31) }
        self.key = key
        text = "age1" + String(decoding: values.map { Self.alphabet[Int($0)] }, as: UTF8.self)
    }

    package static func < (a: SealRecipient, b: SealRecipient) -> Bool { a.text < b.text }

    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// Of `age` and the values: 1 if they are whole.
    private static func checksum(of values: [UInt8]) -> UInt32 {
        let prefix = Array("age".utf8)
        let expanded = prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 } + values
        var sum: UInt32 = 1
        for value in expanded {
            let top = sum >> 25
            sum = (sum & 0x1FF_FFFF) << 5 ^ UInt32(value)
            for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 { sum ^= generator }
        }
        return sum
    }

    private static let generators: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]

    /// Groups of five bits as bytes; what is left over must be zero.
    private static func regrouped(_ values: ArraySlice<UInt8>) -> [UInt8]? {
        var (bytes, buffer, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for value in values {
            buffer = (buffer << 5 | UInt32(value)) & 0xFFF
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(count)))
            }
        }
        let rest = buffer & (1 << UInt32(count) - 1)
        return bytes.count == 32 && count < 5 && rest == 0 ? bytes : nil
    }

    /// Bytes as groups of five bits, the last filled up with zeros.
    private static func groups(of bytes: [UInt8]) -> [UInt8] {
        var (values, buffer, count): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFF
            count += 8
            while count >= 5 {
                count -= 5
                values.append(UInt8(truncatingIfNeeded: buffer >> count) & 31)
            }
        }
        if count > 0 { values.append(UInt8(truncatingIfNeeded: buffer << (5 - count)) & 31) }
        return values
    }

    /// 0 and 1: what is sealed to them, anybody opens. The other points of small order fail when something is sealed.
    private static func isSmall(_ key: [UInt8]) -> Bool { key[0] <= 1 && key.dropFirst().allSatisfy { $0 == 0 } }
}
