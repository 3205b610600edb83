// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The number that a record states of itself, found without reading the whole record as JSON.
enum StatedNumber {
    /// No other key of a record is called so, and inside a text its quotes are escaped.
    private static let key = Array(#","seq":"#.utf8)
    /// Where its rarest letter is.
    private static let rare = 4

    /// Whether the record says `"seq":` and this number.
    static func isStated(_ sequence: UInt64, in record: Span<UInt8>) -> Bool {
        guard var at = end(of: key, in: record) else { return false }
        var power: UInt64 = 1
        while sequence / power >= 10 { power *= 10 }
        while power > 0 {
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: sequence / power % 10)
            guard at < record.count, record[at] == digit else { return false }
            at += 1
            power /= 10
        }
        return at < record.count && (record[at] == UInt8(ascii: ",") || record[at] == UInt8(ascii: "}"))
    }

    private static func end(of key: [UInt8], in record: Span<UInt8>) -> Int? {
        var from = rare
        while from < record.count {
            let found = unsafe record.withUnsafeBytes { bytes -> Int? in
                guard let base = bytes.baseAddress,
                    let hit = unsafe memchr(base + from, Int32(key[rare]), bytes.count - from)
                else { return nil }
                return unsafe UnsafeRawPointer(hit) - base
            }
            guard let found else { return nil }
            let start = found - rare
            if start + key.count <= record.count {
                var length = 0
                while length < key.count, record[start + length] == key[length] { length += 1 }
                if length == key.count { return start + length }
            }
            from = found + 1
        }
        return nil
    }
}
