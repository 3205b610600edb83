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

    /// `2026-07-01T09:30:00Z`; years 1970 to 9999.
    static func text(of time: Timestamp) -> String {
        let seconds = min(max(time.milliseconds / 1000, 0), 253_402_300_799)
        let (days, second) = (seconds / 86400, seconds % 86400)
        // Days since 0000-03-01, so that a leap day ends its year. H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted - era * 146_097
        let yearOfEra = (day - day / 1460 + day / 36524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month < 10 ? month + 3 : month - 9))-\(two(dayOfMonth))T\(two(second / 3600)):"
            + "\(two(second / 60 % 60)):\(two(second % 60))Z"
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
