// SPDX-License-Identifier: Apache-2.0

/// Decodes the escapes of one segment or value, once, and refuses what is not plainly UTF-8 text.
///
/// Refused: `%` without two hex digits, control characters (U+0000 to U+001F, U+007F), overlong, surrogate and cut UTF-8,
/// and text that after decoding holds another escape (`%2541`): whoever decodes twice would read it differently.
struct PercentDecoder {
    /// The offset after the byte that was last given.
    private(set) var offset: Int
    private let end: Int
    private let plusIsSpace: Bool
    private var utf8 = UTF8Checker()
    /// What a decoded `%` still has to be followed by to be an escape: 0 nothing, 1 a digit, 2 two digits.
    private var escapeDigits = 0

    init(_ range: Range<Int>, plusIsSpace: Bool) {
        offset = range.lowerBound
        end = range.upperBound
        self.plusIsSpace = plusIsSpace
    }

    mutating func next(_ raw: Span<UInt8>) throws(RequestTarget.Fault) -> UInt8? {
        guard offset < end else {
            if !utf8.isComplete { throw RequestTarget.Fault(.pathEncoding, at: offset) }
            return nil
        }
        var byte = raw[offset]
        if byte == UInt8(ascii: "%") {
            guard offset + 2 < end, let high = URIBytes.hexDigit(raw[offset + 1]),
                let low = URIBytes.hexDigit(raw[offset + 2])
            else { throw RequestTarget.Fault(.pathEncoding, at: offset) }
            byte = high << 4 | low
            offset += 3
            guard byte >= 0x20, byte != 0x7F, utf8.take(byte) else {
                throw RequestTarget.Fault(.pathEncoding, at: offset)
            }
        } else {
            offset += 1
            guard utf8.take(byte) else { throw RequestTarget.Fault(.pathEncoding, at: offset) }
            if plusIsSpace && byte == UInt8(ascii: "+") { byte = UInt8(ascii: " ") }
        }
        if byte == UInt8(ascii: "%") {
            escapeDigits = 2
        } else if escapeDigits > 0 {
            escapeDigits = URIBytes.hexDigit(byte) == nil ? 0 : escapeDigits - 1
            if URIBytes.hexDigit(byte) != nil && escapeDigits == 0 {
                throw RequestTarget.Fault(.pathEncoding, at: offset)
            }
        }
        return byte
    }

    /// The decoded text of a range that was checked before.
    static func text(_ bytes: [UInt8], _ range: Range<Int>, plusIsSpace: Bool) -> String {
        var decoder = PercentDecoder(range, plusIsSpace: plusIsSpace)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        while let byte = try? decoder.next(bytes.span) { decoded.append(byte) }
        return String(decoding: decoded, as: UTF8.self)
    }
}

/// Follows UTF-8 byte by byte. Source: RFC 3629 section 4.
struct UTF8Checker {
    private var pending = 0
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    var isComplete: Bool { pending == 0 }

    mutating func take(_ byte: UInt8) -> Bool {
        if pending > 0 {
            guard byte >= low, byte <= high else { return false }
            pending -= 1
            low = 0x80
            high = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: pending = 1
        case 0xE0: (pending, low) = (2, 0xA0)
        case 0xED: (pending, high) = (2, 0x9F)
        case 0xE1...0xEF: pending = 2
        case 0xF0: (pending, low) = (3, 0x90)
        case 0xF1...0xF3: pending = 3
        case 0xF4: (pending, high) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
