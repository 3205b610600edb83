// SPDX-License-Identifier: Apache-2.0

/// Walks the JSON of one record without making anything of it: every value is a range of bytes.
///
/// Strict where it looks: what is not the form of a record ends the walk. What it passes over is only balanced.
struct RecordCursor {
    var at: Int
    /// Behind the last byte that it may read.
    let end: Int

    /// Deeper than any record.
    private static let maxDepth = 16

    init(_ range: Range<Int>) {
        at = range.lowerBound
        end = range.upperBound
    }

    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// What stands between the quotes, still escaped.
    mutating func string(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard take(UInt8(ascii: "\""), bytes) else { return nil }
        let start = at
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return start..<at - 1
            case UInt8(ascii: "\\"): at += 2
            // Raw control characters are no JSON.
            case 0..<0x20: return nil
            default: at += 1
            }
        }
        return nil
    }

    /// A value of any kind, whole.
    mutating func value(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard at < end else { return nil }
        let start = at
        switch bytes[at] {
        case UInt8(ascii: "\""):
            guard string(bytes) != nil else { return nil }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            repeat {
                guard at < end else { return nil }
                switch bytes[at] {
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    at += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    at += 1
                case UInt8(ascii: "\""):
                    guard string(bytes) != nil else { return nil }
                default: at += 1
                }
                guard depth <= Self.maxDepth else { return nil }
            } while depth > 0
        default:
            while at < end, bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: "}"),
                bytes[at] != UInt8(ascii: "]")
            {
                at += 1
            }
            guard at > start else { return nil }
        }
        return start..<at
    }

    /// Calls `member` with each key and value of the object here, and goes behind it; false when it is none.
    mutating func members(_ bytes: Span<UInt8>, _ member: (Range<Int>, Range<Int>) -> Void) -> Bool {
        guard take(UInt8(ascii: "{"), bytes) else { return false }
        if take(UInt8(ascii: "}"), bytes) { return true }
        while true {
            guard let key = string(bytes), take(UInt8(ascii: ":"), bytes), let value = value(bytes) else {
                return false
            }
            member(key, value)
            if take(UInt8(ascii: "}"), bytes) { return true }
            guard take(UInt8(ascii: ","), bytes) else { return false }
        }
    }

    /// The same for the values of an array.
    mutating func elements(_ bytes: Span<UInt8>, _ element: (Range<Int>) -> Void) -> Bool {
        guard take(UInt8(ascii: "["), bytes) else { return false }
        if take(UInt8(ascii: "]"), bytes) { return true }
        while true {
            guard let value = value(bytes) else { return false }
            element(value)
            if take(UInt8(ascii: "]"), bytes) { return true }
            guard take(UInt8(ascii: ","), bytes) else { return false }
        }
    }
}

extension Span where Element == UInt8 {
    func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.upperBound <= count else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            var index = 0
            while index < range.count {
                if unsafe bytes[range.lowerBound + index] != text.utf8Start[index] { return false }
                index += 1
            }
            return true
        }
    }

    /// What a text value holds between its quotes; empty when the value is none.
    func unquoted(_ value: Range<Int>) -> Range<Int> {
        guard value.count >= 2, self[value.lowerBound] == UInt8(ascii: "\"") else { return 0..<0 }
        return value.lowerBound + 1..<value.upperBound - 1
    }

    /// Decimal digits, up to 18 of them.
    func number(_ range: Range<Int>) -> Int? {
        guard range.count > 0, range.count <= 18 else { return nil }
        var value = 0
        for index in range {
            let digit = self[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
