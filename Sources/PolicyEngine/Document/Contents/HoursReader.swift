// SPDX-License-Identifier: Apache-2.0

/// Reads `hours` of a tier.
enum HoursReader {
    static func hours(_ tier: MappingDecoder) -> WrittenRule<Hours>? {
        tier.written("hours") { value in value.mapping(hours) }
    }

    private static func hours(_ fields: MappingDecoder) -> Hours? {
        let zone = fields.required("zone", zone)
        let alert = fields.optional("alert_outside", spans)
        let refuse = fields.written("refuse_outside", spans)
        if !fields.has("alert_outside"), !fields.has("refuse_outside") {
            fields.fail(
                "\(quoted(fields.path)) has neither `alert_outside` nor `refuse_outside`",
                todo: "add one, for example `alert_outside: \"Mon-Fri 06:00-22:00\"`")
        }
        guard let zone else { return nil }
        return Hours(zone: zone, alertOutside: alert, refuseOutside: refuse?.value, refuseRule: refuse?.rule)
    }

    private static func zone(_ value: ValueDecoder) -> TimeZoneRule? {
        guard let text = value.text else { return nil }
        if let zone = TimeZoneRule(text) { return zone }
        let near = nearestName(to: text, in: TimeZoneRule.names)
        value.fail(
            "\(quoted(text)) is no time zone that this version knows",
            todo: near.map { "did you mean \(quoted($0))?" }
                ?? "write `UTC`, a zone of Europe like `Europe/Paris`, or an offset like `+09:00`")
        return nil
    }

    /// `Mon-Fri 06:00-22:00`, several with commas between them.
    private static func spans(_ value: ValueDecoder) -> WeekSpans? {
        guard let text = value.text else { return nil }
        var spans: [Range<Int>] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let words = part.split(separator: 0x20)
            guard words.count == 2, let days = days(words[0]), let times = times(words[1]) else {
                value.fail(
                    "\(quoted(String(decoding: Array(part.prefix(80)), as: UTF8.self))) in \(value.name) is no span of hours",
                    todo: "write it like `Mon-Fri 06:00-22:00`, from the earlier to the later")
                return nil
            }
            for day in days {
                let start = day * WeekSpans.minutesOfDay
                let span = start + times.lowerBound..<start + times.upperBound
                guard !spans.contains(where: { $0.overlaps(span) }) else {
                    value.fail(
                        "\(value.name) names some hours twice", todo: "write each hour of the week in one span only")
                    return nil
                }
                spans.append(span)
            }
        }
        return WeekSpans(spans)
    }

    private static let dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    private static func days(_ text: Substring.UTF8View) -> ClosedRange<Int>? {
        let days = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { word in
            dayNames.firstIndex { $0.utf8.elementsEqual(word) }
        }
        guard days.count <= 2, let first = days[0], let last = days[days.count - 1], first <= last else { return nil }
        return first...last
    }

    private static func times(_ text: Substring.UTF8View) -> Range<Int>? {
        let times = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(minute)
        guard times.count == 2, let start = times[0], let end = times[1], start < end else { return nil }
        return start..<end
    }

    /// `06:00`, up to `24:00`.
    private static func minute(_ text: Substring.UTF8View) -> Int? {
        let bytes = Array(text)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
            [0, 1, 3, 4].allSatisfy({ (0x30...0x39).contains(bytes[$0]) })
        else { return nil }
        let hour = Int(bytes[0] - 0x30) * 10 + Int(bytes[1] - 0x30)
        let minute = Int(bytes[3] - 0x30) * 10 + Int(bytes[4] - 0x30)
        guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
        return hour * 60 + minute
    }
}
