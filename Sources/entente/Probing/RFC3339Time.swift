// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// An instant as RFC 3339 writes it, `2026-07-01T09:30:00Z` or with an offset such as `+02:00`; fractions are cut.
enum RFC3339Time {
    /// Seconds since 1970; `nil` for anything else, also for years before 1970.
    static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count), let start = StrictDate.end(String(text.prefix(19)) + "Z") else {
            return nil
        }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let offset = offset(rest) else { return nil }
        return start.milliseconds / 1000 - offset
    }

    /// Seconds east of Greenwich.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let text = String(decoding: bytes, as: UTF8.self)
        if text == "Z" { return 0 }
        guard bytes.count == 6, let sign = text.first, sign == "+" || sign == "-",
            let colon = text.firstIndex(of: ":"), let hours = digits(text.dropFirst().prefix(upTo: colon)),
            let minutes = digits(text.suffix(from: colon).dropFirst()), hours < 24, minutes < 60
        else { return nil }
        return (sign == "+" ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    private static func digits(_ text: Substring) -> Int64? {
        text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }
}
