// SPDX-License-Identifier: Apache-2.0

/// Base64 as Matrix uses it: written without padding. RFC 4648; specification, Appendices, "Unpadded Base64".
package enum Base64 {
    package enum Alphabet: Sendable {
        /// With `+` and `/`.
        case standard
        /// With `-` and `_`.
        case urlSafe
    }

    /// The bytes a text stands for; `nil` if it has a character of no alphabet or of both, wrong padding, or bits after
    /// the last byte that are not zero: two texts never stand for the same bytes by carelessness.
    ///
    /// Right padding is accepted, none too.
    /// - Parameter allowingStrayBits: for secrets that people wrote; the specification's own example seed has some.
    package static func decode(_ text: Span<UInt8>, allowingStrayBits: Bool = false) -> [UInt8]? {
        var length = text.count
        while length > 0, text.count - length < 2, text[length - 1] == UInt8(ascii: "=") { length -= 1 }
        guard length == text.count || text.count % 4 == 0, length % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length * 3 / 4)
        let values = values
        var bits: UInt32 = 0
        var count = 0
        var kinds: UInt8 = 0
        for offset in 0..<length {
            let value = values[Int(text[offset])]
            kinds |= value
            bits = bits << 6 | UInt32(value & 63)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // A byte of no alphabet has both marks, too.
        guard kinds & (standardMark | urlSafeMark) != standardMark | urlSafeMark else { return nil }
        guard allowingStrayBits || bits & (1 << UInt32(count) - 1) == 0 else { return nil }
        return bytes
    }

    private static let standardMark: UInt8 = 0x80
    private static let urlSafeMark: UInt8 = 0x40

    /// What each byte stands for, marked if it belongs to one alphabet only.
    private static let values: [UInt8] = (0...255).map { (byte: UInt8) -> UInt8 in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62 | standardMark
        case UInt8(ascii: "/"): 63 | standardMark
        case UInt8(ascii: "-"): 62 | urlSafeMark
        case UInt8(ascii: "_"): 63 | urlSafeMark
        default: standardMark | urlSafeMark
        }
    }

    package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span) }

    /// Appends the unpadded text of `bytes`.
    package static func append(_ bytes: Span<UInt8>, _ alphabet: Alphabet = .standard, to output: inout [UInt8]) {
        let digits: StaticString =
            switch alphabet {
            case .standard: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            case .urlSafe: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            }
        func digit(_ bits: UInt32) -> UInt8 { unsafe digits.utf8Start[Int(bits & 63)] }
        var offset = 0
        while offset + 3 <= bytes.count {
            let bits = UInt32(bytes[offset]) << 16 | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2])
            output.append(digit(bits >> 18))
            output.append(digit(bits >> 12))
            output.append(digit(bits >> 6))
            output.append(digit(bits))
            offset += 3
        }
        switch bytes.count - offset {
        case 1:
            let bits = UInt32(bytes[offset]) << 4
            output.append(digit(bits >> 6))
            output.append(digit(bits))
        case 2:
            let bits = UInt32(bytes[offset]) << 10 | UInt32(bytes[offset + 1]) << 2
            output.append(digit(bits >> 12))
            output.append(digit(bits >> 6))
            output.append(digit(bits))
        default: break
        }
    }

    /// The unpadded text of `bytes`.
    package static func encode(_ bytes: Span<UInt8>, _ alphabet: Alphabet = .standard) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 4 + 2) / 3)
        append(bytes, alphabet, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> String {
        encode(bytes.span, alphabet)
    }
}
