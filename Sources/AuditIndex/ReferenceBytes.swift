// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A reference as sixteen bytes, half of its text.
enum ReferenceBytes {
    typealias Value = SIMD16<UInt8>

    /// `nil` for anything but 32 lower-case hexadecimal digits.
    static func value(_ text: Span<UInt8>) -> Value? {
        guard text.count == 32 else { return nil }
        var value = Value()
        for index in 0..<16 {
            guard let high = digit(text[2 * index]), let low = digit(text[2 * index + 1]) else { return nil }
            value[index] = high << 4 | low
        }
        return value
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The same as SQLite's values have it.
    static func read(_ text: String) -> Data? {
        value(text.utf8.span).map { value in Data((0..<16).map { value[$0] }) }
    }

    static func text(_ bytes: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
