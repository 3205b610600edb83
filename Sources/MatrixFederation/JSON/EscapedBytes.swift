// SPDX-License-Identifier: Apache-2.0

/// Walks the UTF-8 bytes that the inside of a checked JSON string stands for, escapes resolved.
struct EscapedBytes {
    private var at: Int
    private let end: Int
    /// Bytes of the last escape that are still to come, the next one lowest.
    private var pending: UInt32 = 0

    /// - Parameter entry: a string of a text that was read without fault.
    init(_ entry: JSONEntry) {
        at = Int(entry.offset)
        end = at + Int(entry.length)
    }

    /// The next byte, or `nil` at the end.
    mutating func next(_ bytes: Span<UInt8>) -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        guard at < end else { return nil }
        let byte = bytes[at]
        guard byte == UInt8(ascii: "\\"), at + 1 < end else {
            at += 1
            return byte
        }
        let letter = bytes[at + 1]
        guard letter == UInt8(ascii: "u") else {
            at += 2
            switch letter {
            case UInt8(ascii: "b"): return 0x08
            case UInt8(ascii: "t"): return 0x09
            case UInt8(ascii: "n"): return 0x0A
            case UInt8(ascii: "f"): return 0x0C
            case UInt8(ascii: "r"): return 0x0D
            default: return letter
            }
        }
        var scalar = Self.codeUnit(bytes, at + 2) ?? 0
        at += 6
        if scalar & 0xFC00 == 0xD800 {
            let low = Self.codeUnit(bytes, at + 2) ?? 0
            scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
            at += 6
        }
        return encode(scalar)
    }

    /// The first byte of a scalar's UTF-8 form; the others become pending.
    private mutating func encode(_ scalar: UInt32) -> UInt8 {
        func tail(_ shift: UInt32) -> UInt32 { 0x80 | scalar >> shift & 0x3F }
        switch scalar {
        case 0..<0x80:
            return UInt8(truncatingIfNeeded: scalar)
        case 0x80..<0x800:
            pending = tail(0)
            return UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
        case 0x800..<0x10000:
            pending = tail(6) | tail(0) << 8
            return UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
        default:
            pending = tail(12) | tail(6) << 8 | tail(0) << 16
            return UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        }
    }

    /// The value of four hexadecimal digits, if they are there.
    static func codeUnit(_ bytes: Span<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in start..<start + 4 {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}
