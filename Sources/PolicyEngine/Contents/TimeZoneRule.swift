// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What the clock on the wall shows in a zone. Decided without a database, so that one policy means the same on every
/// node (decision 9): fixed offsets, and the zones of Europe that share one rule.
struct TimeZoneRule: Hashable, Sendable {
    /// As written.
    let name: String
    /// Minutes east of UTC in winter.
    let offset: Int
    /// Directive 2000/84/EC: an hour more from the last Sunday of March to the last of October, 01:00 UTC.
    let hasSummerTime: Bool

    /// `UTC`, `+01:00`, or a name of the table; `nil` for others.
    init?(_ name: String) {
        if name == "UTC" || name == "Etc/UTC" {
            self.init(name: "UTC", offset: 0, hasSummerTime: false)
        } else if let offset = Self.offset(name) {
            self.init(name: name, offset: offset, hasSummerTime: false)
        } else if name.isASCII, let zone = Self.zones[name] {
            self.init(name: name, offset: zone.0, hasSummerTime: zone.1)
        } else {
            return nil
        }
    }

    private init(name: String, offset: Int, hasSummerTime: Bool) {
        self.name = name
        self.offset = offset
        self.hasSummerTime = hasSummerTime
    }

    static let names: [String] = (zones.keys + ["UTC"]).sorted()

    private static let zones: [String: (Int, Bool)] = {
        var zones: [String: (Int, Bool)] = [
            "Atlantic/Reykjavik": (0, false), "Europe/Istanbul": (180, false), "Europe/Minsk": (180, false),
            "Europe/Moscow": (180, false), "Atlantic/Azores": (-60, true),
        ]
        for city in ["Dublin", "Lisbon", "London", "Guernsey", "Jersey", "Isle_of_Man"] {
            zones["Europe/\(city)"] = (0, true)
        }
        for name in ["Atlantic/Canary", "Atlantic/Faroe", "Atlantic/Madeira"] { zones[name] = (0, true) }
        for city in [
            "Amsterdam", "Andorra", "Belgrade", "Berlin", "Bratislava", "Brussels", "Budapest", "Copenhagen",
            "Gibraltar",
            "Ljubljana", "Luxembourg", "Madrid", "Malta", "Monaco", "Oslo", "Paris", "Podgorica", "Prague", "Rome",
            "San_Marino", "Sarajevo", "Skopje", "Stockholm", "Tirane", "Vaduz", "Vatican", "Vienna", "Warsaw", "Zagreb",
            "Zurich",
        ] { zones["Europe/\(city)"] = (60, true) }
        for city in ["Athens", "Bucharest", "Helsinki", "Kyiv", "Mariehamn", "Riga", "Sofia", "Tallinn", "Vilnius"] {
            zones["Europe/\(city)"] = (120, true)
        }
        zones["Asia/Nicosia"] = (120, true)
        return zones
    }()

    /// `+01:00`, `-03:30`; at most 14 hours.
    private static func offset(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[3] == 0x3A,
            [1, 2, 4, 5].allSatisfy({ (0x30...0x39).contains(bytes[$0]) })
        else { return nil }
        func pair(_ at: Int) -> Int { Int(bytes[at] - 0x30) * 10 + Int(bytes[at + 1] - 0x30) }
        let minutes = pair(1) * 60 + pair(4)
        guard pair(4) < 60, minutes <= 14 * 60, minutes > 0 else { return nil }
        return bytes[0] == 0x2B ? minutes : -minutes
    }

    /// The minute of the week, from Monday 00:00.
    func minuteOfWeek(_ now: Timestamp) -> Int {
        let minutes = Self.floorDivide(now.milliseconds, 60_000)
        let local = minutes + Int64(offset) + (hasSummerTime && Self.isSummer(minutes) ? 60 : 0)
        // 1970-01-01 was a Thursday.
        let week = Int64(7 * WeekSpans.minutesOfDay)
        let fromMonday = (local + 3 * 1440) % week
        return Int(fromMonday < 0 ? fromMonday + week : fromMonday)
    }

    /// - Parameter minutes: since 1970 in UTC.
    private static func isSummer(_ minutes: Int64) -> Bool {
        let day = floorDivide(minutes, 1440)
        let year = civilYear(day)
        let start = lastSunday(year, month: 3) * 1440 + 60
        let end = lastSunday(year, month: 10) * 1440 + 60
        return minutes >= start && minutes < end
    }

    /// The day number of the last Sunday of a month of 31 days.
    private static func lastSunday(_ year: Int64, month: Int64) -> Int64 {
        let last = dayNumber(year, month, 31)
        // Thursday is 0: Sunday is 3.
        let weekday = ((last % 7) + 7) % 7
        return last - (weekday - 3 + 7) % 7
    }

    /// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilYear(_ day: Int64) -> Int64 {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // The years of the algorithm begin in March.
        return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }
}
