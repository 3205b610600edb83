// SPDX-License-Identifier: Apache-2.0

internal import AuditIndex

/// A ledger as it is printed.
struct LedgerReport {
    let ledger: DisclosureLedger
    let party: DisclosureLedger.Party

    func lines(_ period: String) -> [String] {
        var out = ["\(visible(party.text)), \(visible(period))"]
        for (flow, title) in [
            (DisclosureLedger.Flow.left, "LEFT TO IT"), (.arrived, "ARRIVED FROM IT"), (.both, "BOTH WAYS"),
        ] {
            let lines = ledger.lines.filter { $0.flow == flow && Self.passed($0) }
            out += section(title, lines)
        }
        out += section("REFUSED", ledger.lines.filter { !Self.passed($0) })
        if !ledger.refusals.isEmpty {
            var table = TextTable(
                ["refused events and EDUs", "author", "reason", "rule", "how many", "records"], numbers: [4])
            for item in ledger.refusals {
                table.add([
                    item.type ?? "–", item.author ?? "–", item.reason ?? "", item.rule ?? "", String(item.count),
                    Self.range(item.first, item.last),
                ])
            }
            out += [""] + table.lines
        }
        out +=
            items("EDUs by type", ledger.edus, "items")
            + items("events by the author's server", ledger.authors, "events")
        out += items("its events that others brought", ledger.relays, "events")
        out += items("rooms, by reference", ledger.rooms, nil)
        out += notes
        if ledger.lines.isEmpty && ledger.relays.isEmpty { out.append("nothing is recorded") }
        return out
    }

    /// What the lists do not show.
    var notes: [String] {
        var notes: [String] = []
        if ledger.omitted > 0 {
            notes.append("\(ledger.omitted) more items are only counted: their records had no room for them")
        }
        for list in DisclosureLedger.List.allCases where ledger.cut.contains(list) {
            notes.append(
                "of \(Self.title(list)) only the first \(DisclosureLedger.limit) are shown: ask for a shorter period to see the others"
            )
        }
        return notes
    }

    private static func title(_ list: DisclosureLedger.List) -> String {
        switch list {
        case .requests: "the kinds of requests"
        case .refusals: "refused events and EDUs"
        case .edus: "EDUs by type"
        case .authors: "the authors' servers"
        case .rooms: "the rooms"
        case .relays: "those who brought its events"
        }
    }

    static func passed(_ line: DisclosureLedger.Line) -> Bool { line.decision == "allow" || line.decision == "partial" }

    static func range(_ first: Int64, _ last: Int64) -> String { first == last ? "\(first)" : "\(first)–\(last)" }

    private static func count(_ line: DisclosureLedger.Line, _ what: NamedThing) -> String {
        String(line.named[what] ?? 0)
    }

    private func section(_ title: String, _ lines: [DisclosureLedger.Line]) -> [String] {
        guard !lines.isEmpty else { return [] }
        var table = TextTable(
            [
                "who asked", "what", "verdict", "reason", "rule", "requests", "events passed", "in answers", "named",
                "asked for", "rooms", "users", "files", "file bytes", "records",
            ], numbers: [5, 6, 7, 8, 9, 10, 11, 12, 13])
        for line in lines {
            table.add([
                line.direction == "outbound" ? "we" : "they",
                [line.method, line.path ?? line.endpointClass].compactMap { $0 }.joined(separator: " "),
                line.decision ?? "", line.reason ?? "", line.rule ?? "", String(line.requests),
                String(line.eventsPassed), String(line.eventsAnswered), String(line.events), Self.count(line, .asked),
                Self.count(line, .room),
                Self.count(line, .target), Self.count(line, .media), String(line.fileBytes),
                Self.range(line.first, line.last),
            ])
        }
        return ["", title] + table.lines
    }

    private func items(_ title: String, _ items: [DisclosureLedger.Item], _ unit: String?) -> [String] {
        guard !items.isEmpty else { return [] }
        var table = TextTable([title, "who asked", "requests"] + (unit.map { [$0] } ?? []), numbers: [2, 3])
        for item in items {
            table.add(
                [item.name, item.direction == "outbound" ? "we" : "they", String(item.requests)]
                    + (unit == nil ? [] : [String(item.count)]))
        }
        return [""] + table.lines
    }

    var csv: [String] {
        let heads = [
            "flow", "direction", "method", "path_template", "endpoint_class", "decision", "reason_code", "rule_id",
            "requests", "events_in", "events_forwarded", "events_refused", "events_named", "events_asked", "rooms",
            "users", "files", "first", "last", "events_answered", "ids_answered", "file_bytes",
        ]
        return [CSV.line(heads)] + ledger.lines.map(Self.csv)
    }

    private static func csv(_ line: DisclosureLedger.Line) -> String {
        let texts: [String?] = [
            line.flow.rawValue, line.direction, line.method, line.path, line.endpointClass, line.decision, line.reason,
            line.rule,
        ]
        let numbers: [Int64] = [
            line.requests, line.eventsIn, line.eventsPassed, line.eventsRefused, line.events, line.named[.asked] ?? 0,
            line.rooms, line.named[.target] ?? 0, line.named[.media] ?? 0, line.first, line.last,
            line.eventsAnswered, line.idsAnswered, line.fileBytes,
        ]
        return CSV.line(texts.map { $0 ?? "" } + numbers.map { String($0) })
    }

    func json(_ index: LogIndex) -> JSONValue {
        func list(_ items: [DisclosureLedger.Item]) -> JSONValue {
            .list(
                items.map {
                    .object([
                        ("direction", .optional($0.direction)), ("name", .text($0.name)),
                        ("requests", .number(Int($0.requests))), ("count", .number(Int($0.count))),
                    ])
                })
        }
        let lines = ledger.lines.map { line in
            JSONValue.object([
                ("flow", .text(line.flow.rawValue)), ("direction", .optional(line.direction)),
                ("method", .optional(line.method)), ("path_template", .optional(line.path)),
                ("endpoint_class", .optional(line.endpointClass)), ("decision", .optional(line.decision)),
                ("reason_code", .optional(line.reason)), ("rule_id", .optional(line.rule)),
                ("requests", .number(Int(line.requests))), ("events_in", .number(Int(line.eventsIn))),
                ("events_forwarded", .number(Int(line.eventsPassed))),
                ("events_refused", .number(Int(line.eventsRefused))),
                ("rooms", .number(Int(line.rooms))), ("events_named", .number(Int(line.events))),
                ("events_asked", .number(Int(line.named[.asked] ?? 0))),
                ("users", .number(Int(line.named[.target] ?? 0))), ("files", .number(Int(line.named[.media] ?? 0))),
                ("first", .number(Int(line.first))),
                ("last", .number(Int(line.last))), ("events_answered", .number(Int(line.eventsAnswered))),
                ("ids_answered", .number(Int(line.idsAnswered))), ("file_bytes", .number(Int(line.fileBytes))),
            ])
        }
        let refusals = ledger.refusals.map { item in
            JSONValue.object([
                ("direction", .optional(item.direction)), ("type", .optional(item.type)),
                ("author", .optional(item.author)), ("reason", .optional(item.reason)),
                ("rule_id", .optional(item.rule)),
                ("count", .number(Int(item.count))), ("first", .number(Int(item.first))),
                ("last", .number(Int(item.last))),
            ])
        }
        return .object([
            ("party", .text(party.text)), ("indexed_to", .number(Int(index.last))), ("requests", .list(lines)),
            ("refused_items", .list(refusals)), ("edus", list(ledger.edus)), ("authors", list(ledger.authors)),
            ("brought_by_others", list(ledger.relays)), ("rooms", list(ledger.rooms)),
            ("items_only_counted", .number(Int(ledger.omitted))),
            ("cut", .list(DisclosureLedger.List.allCases.filter(ledger.cut.contains).map { .text($0.rawValue) })),
        ])
    }
}
