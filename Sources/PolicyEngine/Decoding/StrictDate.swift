// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// `YYYY-MM-DD` and `YYYY-MM-DDThh:mm:ssZ` of the Gregorian calendar, years 1970 to 9999, nothing else.
package enum StrictDate {
    /// The first instant of what is written: the midnight before a day, the instant itself.
    package static func start(_ text: String) -> Timestamp? {
        guard let end = end(text) else { return nil }
        return text.utf8.count == 10 ? end.advanced(byMilliseconds: -86_400_000) : end
    }

    /// The first instant after what is written: the midnight after a day, the instant itself.
    package static func end(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8.prefix(21))
        if bytes.count == 10, let day = day(bytes[...]) {
            return Timestamp(milliseconds: (day + 1) * 86_400_000)
        }
        guard bytes.count == 20, let day = day(bytes[0..<10]), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "Z"),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            hour < 24, minute < 60, second < 60
        else { return nil }
        return Timestamp(milliseconds: day * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000)
    }

    /// Days since 1970-01-01.
    private static func day(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let start = bytes.startIndex
        guard bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-"),
            let year = number(bytes[start..<start + 4]), let month = number(bytes[start + 5..<start + 7]),
            let day = number(bytes[start + 8..<start + 10]), year >= 1970, (1...12).contains(month), day >= 1
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let daysInYear = lengths.prefix(Int(month) - 1).reduce(0, +)
        return (year - 1970) * 365 + leapDays + daysInYear + day - 1
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }
}
