// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Reads the times that `RFC3339Clock` writes.
package enum RecordTime {
    /// - Parameter text: 27 bytes, `2026-07-01T09:30:00.000001Z`; cut to milliseconds.
    package static func read(_ text: Span<UInt8>) -> Timestamp? {
        microseconds(text).map { Timestamp(milliseconds: $0 / 1000) }
    }

    /// Since 1970-01-01T00:00:00Z.
    package static func microseconds(_ text: Span<UInt8>) -> Int64? {
        guard text.count == 27, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            text[19] == UInt8(ascii: "."), text[26] == UInt8(ascii: "Z"),
            let year = text.number(0..<4), let month = text.number(5..<7), let day = text.number(8..<10),
            let hour = text.number(11..<13), let minute = text.number(14..<16), let second = text.number(17..<19),
            let fraction = text.number(20..<26), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let seconds = self.day(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return Int64(seconds * 1_000_000 + fraction)
    }

    /// The same back as text.
    package static func text(microseconds: Int64) -> String {
        var clock = RFC3339Clock()
        clock.set(microseconds: microseconds)
        return String(decoding: clock.text, as: UTF8.self)
    }

    /// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
