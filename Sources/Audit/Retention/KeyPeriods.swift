// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// A day, UTC.
package struct CalendarDay: Hashable, Comparable, Sendable {
    /// Since 1970-01-01.
    package let number: Int

    package static let microseconds: Int64 = 86_400_000_000
    /// The years 0 to 9999, as records have them.
    private static let range = -719_528...2_932_896

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: Self.microseconds)
        let day = Int(remainder < 0 ? quotient - 1 : quotient)
        number = min(max(day, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Only as `text` writes it.
    package init?(_ text: String) {
        guard text.utf8.count == 10, let time = RecordTime.microseconds("\(text)T00:00:00.000000Z".utf8.span) else {
            return nil
        }
        self.init(microseconds: time)
        guard self.text == text else { return nil }
    }

    /// As `2026-11-21`.
    package var text: String { String(AuditTime.text(microseconds: start).prefix(10)) }
    package var start: Int64 { Int64(number) * Self.microseconds }
    /// When the next one begins.
    package var end: Int64 { start + Self.microseconds }

    package static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.number < b.number }
}

/// A month, UTC.
package struct CalendarMonth: Hashable, Comparable, Sendable {
    /// Twelve for each year from year 0 on, and the months before it.
    package let number: Int

    private init(number: Int) { self.number = number }

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        let (year, month, _) = RFC3339Clock.civil(day: CalendarDay(microseconds: microseconds).number)
        number = year * 12 + month - 1
    }

    /// Only as `text` writes it.
    package init?(_ text: String) {
        guard text.utf8.count == 7, let day = CalendarDay("\(text)-01") else { return nil }
        self.init(microseconds: day.start)
    }

    package var next: CalendarMonth { CalendarMonth(number: number + 1) }
    package var previous: CalendarMonth { CalendarMonth(number: number - 1) }

    /// As `2026-11`.
    package var text: String {
        func padded(_ value: Int, _ digits: Int) -> String {
            String(repeating: "0", count: max(digits - String(value).count, 0)) + String(value)
        }
        return "\(padded(number / 12, 4))-\(padded(number % 12 + 1, 2))"
    }

    /// When the next one begins, in microseconds since 1970-01-01T00:00:00Z.
    package var end: Int64 { CalendarDay("\(next.text)-01")?.start ?? .max }

    package static func < (a: CalendarMonth, b: CalendarMonth) -> Bool { a.number < b.number }
}

/// The name of a file of keys: a period, a dot, what the records are about.
enum KeyFileName {
    static func text(_ period: String, _ recordClass: AuditTerms.RecordClass) -> String {
        "\(period).\(recordClass.rawValue)"
    }

    /// `nil` for other files.
    static func read(_ name: String) -> (period: String, recordClass: AuditTerms.RecordClass)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let recordClass = AuditTerms.RecordClass(rawValue: String(parts[1])) else { return nil }
        return (String(parts[0]), recordClass)
    }
}

/// A file of keys that is there.
struct KeptFile<Period> {
    let name: String
    let period: Period
    let recordClass: AuditTerms.RecordClass
}

extension KeyFiles {
    /// The files of keys that are there, those of the oldest period first; other files are passed over.
    ///
    /// - Parameter read: `nil` for what names no such period.
    func kept<Period>(_ read: (String) -> Period?) throws(KeyFileFault) -> [KeptFile<Period>] {
        try locating("") { () throws(DiskFailure) in try names() }.compactMap { name in
            KeyFileName.read(name).flatMap { parts in
                read(parts.period).map { KeptFile(name: name, period: $0, recordClass: parts.recordClass) }
            }
        }
    }
}
