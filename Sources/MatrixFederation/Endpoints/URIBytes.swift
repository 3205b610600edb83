// SPDX-License-Identifier: Apache-2.0

/// The alphabets of RFC 3986 as bit sets, so that a byte costs two instructions.
enum URIBytes {
    /// `pchar` without escapes and without `;`, which some readers take as the start of parameters.
    static func isPathByte(_ byte: UInt8) -> Bool {
        isIn(byte, low: 0x27FF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    /// `query` without escapes and without `;`, at which some readers split.
    static func isQueryByte(_ byte: UInt8) -> Bool {
        isIn(byte, low: 0xA7FF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    private static func isIn(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low : high) & (1 &<< UInt64(byte & 63)) != 0
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether the bytes of `range` are exactly `text`.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            for index in 0..<expected.count where unsafe bytes[range.lowerBound + index] != expected[index] {
                return false
            }
            return true
        }
    }
}
