// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A reference as sixteen bytes, half of its text.
enum ReferenceBytes {
    /// `nil` for anything but 32 lower-case hexadecimal digits.
    static func read(_ text: String?) -> Data? {
        guard let text, text.utf8.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let upper = high {
                bytes.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return Data(bytes)
    }

    static func text(_ bytes: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
