// SPDX-License-Identifier: Apache-2.0

/// Writes times as RFC 3339 in UTC with microseconds, `2026-07-01T09:30:00.000001Z`.
///
/// Keeps the text of the last second: most calls then write six digits.
struct RFC3339Clock: Sendable {
    /// 27 bytes.
    private(set) var text: [UInt8] = Array("1970-01-01T00:00:00.000000Z".utf8)
    private var second: Int64 = 0

    /// Years outside 0 to 9999 are written as the nearest time within.
    mutating func set(microseconds: Int64) {
        let bounded = min(max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999)
        let (quotient, remainder) = bounded.quotientAndRemainder(dividingBy: 1_000_000)
        let second = remainder < 0 ? quotient - 1 : quotient
        if second != self.second {
            self.second = second
            writeSecond(second)
        }
        put(Int(bounded - second * 1_000_000), digits: 6, at: 20)
    }

    private mutating func writeSecond(_ second: Int64) {
        let (quotient, remainder) = second.quotientAndRemainder(dividingBy: 86_400)
        let day = remainder < 0 ? quotient - 1 : quotient
        let ofDay = Int(second - day * 86_400)
        let (year, month, dayOfMonth) = Self.civil(day: Int(day))
        put(year, digits: 4, at: 0)
        put(month, digits: 2, at: 5)
        put(dayOfMonth, digits: 2, at: 8)
        put(ofDay / 3600, digits: 2, at: 11)
        put(ofDay / 60 % 60, digits: 2, at: 14)
        put(ofDay % 60, digits: 2, at: 17)
    }

    /// The proleptic Gregorian date of a day since 1970-01-01.
    ///
    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private mutating func put(_ value: Int, digits: Int, at offset: Int) {
        var rest = value
        var index = offset + digits
        while index > offset {
            index -= 1
            text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
