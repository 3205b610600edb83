// SPDX-License-Identifier: Apache-2.0

/// Numbers as an operator may write them: one spelling for each value.
enum StrictNumber {
    /// `-?(0|[1-9][0-9]*)` within 64 bits; `-0` is none.
    static func integer(_ text: String) -> Int64? {
        let bytes = Array(text.utf8.prefix(21))
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        guard let first = digits.first, digits.allSatisfy({ (0x30...0x39).contains($0) }), bytes.count <= 20 else {
            return nil
        }
        if first == 0x30, bytes.count > 1 { return nil }
        return Int64(text)
    }

    static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text) else { return nil }
        let (factor, isMilliseconds): (Int64, Bool)
        switch unit {
        case "ms": (factor, isMilliseconds) = (1, true)
        case "s": (factor, isMilliseconds) = (1, false)
        case "min": (factor, isMilliseconds) = (60, false)
        case "h": (factor, isMilliseconds) = (3600, false)
        case "d": (factor, isMilliseconds) = (86_400, false)
        default: return nil
        }
        // A hundred years in seconds: more is a slip, and stays far from overflow.
        guard number <= 3_155_760_000 / factor else { return nil }
        return isMilliseconds ? .milliseconds(number) : .seconds(number * factor)
    }

    static func byteCount(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let shift: Int64
        switch unit {
        case "B": shift = 0
        case "KiB": shift = 10
        case "MiB": shift = 20
        case "GiB": shift = 30
        default: return nil
        }
        guard number <= Int64(1) << (50 - shift) else { return nil }
        return Int(number << shift)
    }

    /// Non-negative digits and the letters behind them.
    private static func split(_ text: String) -> (Int64, String)? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard let number = integer(String(digits) ?? ""), let unit = String(text.utf8.dropFirst(digits.count)) else {
            return nil
        }
        return (number, unit)
    }
}
