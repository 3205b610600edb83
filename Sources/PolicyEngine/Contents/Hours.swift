// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Minutes of a week, counted from Monday 00:00 on the clock of a zone.
struct WeekSpans: Hashable, Sendable {
    /// Half-open, sorted, apart from each other.
    let spans: [Range<Int>]

    static let minutesOfDay = 1440

    /// - Parameter spans: apart from each other.
    init(_ spans: [Range<Int>]) { self.spans = spans.sorted { $0.lowerBound < $1.lowerBound } }

    func contains(_ minute: Int) -> Bool { spans.contains { $0.contains(minute) } }

    var canonical: String { spans.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",") }
}

/// `hours`: when traffic with a tier is expected.
struct Hours: Sendable {
    let zone: TimeZoneRule
    /// Outside of them traffic passes and is marked.
    let alertOutside: WeekSpans?
    /// Outside of them nothing passes.
    let refuseOutside: WeekSpans?
    let refuseRule: RuleReference?

    func judge(_ now: Timestamp) -> Finding? {
        let minute = zone.minuteOfWeek(now)
        if let refuseOutside, !refuseOutside.contains(minute) { return .refused(.hoursOutside, refuseRule) }
        if let alertOutside, !alertOutside.contains(minute) { return .alert(.hoursOutside) }
        return nil
    }

    var canonical: String {
        "\(zone.name) alert=\(alertOutside?.canonical ?? "none") refuse=\(refuseOutside?.canonical ?? "none")"
    }
}
