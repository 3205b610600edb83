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

    private static func asker(_ direction: String?) -> String { direction == "outbound" ? "we" : "they" }

    private static func what(_ line: DisclosureLedger.Line) -> String {
        [line.method, line.path ?? line.endpointClass].compactMap { $0 }.joined(separator: " ")
    }

    /// What is counted of a line; what is nought in all lines of a table is left out of it.
    private static let counts: [(head: String, value: @Sendable (DisclosureLedger.Line) -> Int64)] = [
        ("requests", { $0.requests }),
        ("events passed", { $0.eventsPassed }),
        ("in answers", { $0.eventsAnswered }),
        ("IDs in answers", { $0.idsAnswered }),
        ("named", { $0.events }),
        ("asked for", { $0.named[.asked] ?? 0 }),
        ("rooms", { $0.rooms }),
        ("users", { $0.named[.target] ?? 0 }),
        ("files", { $0.named[.media] ?? 0 }),
        ("file bytes", { $0.fileBytes }),
    ]

    private func section(_ title: String, _ lines: [DisclosureLedger.Line]) -> [String] {
        guard !lines.isEmpty else { return [] }
        let counts = Self.counts.filter { count in lines.contains { count.value($0) != 0 } }
        let texts = ["who asked", "what", "verdict", "reason", "rule"]
        var table = TextTable(
            texts + counts.map(\.head) + ["records"], numbers: Set(texts.count..<texts.count + counts.count))
        for line in lines {
            table.add(
                [Self.asker(line.direction), Self.what(line), line.decision ?? "", line.reason ?? "", line.rule ?? ""]
                    + counts.map { String($0.value(line)) } + [Self.range(line.first, line.last)])
        }
        return ["", title] + table.lines
    }

    private func items(_ title: String, _ items: [DisclosureLedger.Item], _ unit: String?) -> [String] {
        guard !items.isEmpty else { return [] }
        var table = TextTable([title, "who asked", "requests"] + (unit.map { [$0] } ?? []), numbers: [2, 3])
        for item in items {
            table.add(
                [item.name, Self.asker(item.direction), String(item.requests)]
                    + (unit == nil ? [] : [String(item.count)]))
        }
        return [""] + table.lines
    }

    /// Everything, for programs.
    private static let columns: [(name: String, value: @Sendable (DisclosureLedger.Line) -> JSONValue)] = [
        ("flow", { .text($0.flow.rawValue) }),
        ("direction", { .optional($0.direction) }),
        ("method", { .optional($0.method) }),
        ("path_template", { .optional($0.path) }),
        ("endpoint_class", { .optional($0.endpointClass) }),
        ("decision", { .optional($0.decision) }),
        ("reason_code", { .optional($0.reason) }),
        ("rule_id", { .optional($0.rule) }),
        ("requests", { .number(Int($0.requests)) }),
        ("events_in", { .number(Int($0.eventsIn)) }),
        ("events_forwarded", { .number(Int($0.eventsPassed)) }),
        ("events_refused", { .number(Int($0.eventsRefused)) }),
        ("events_named", { .number(Int($0.events)) }),
        ("events_asked", { .number(Int($0.named[.asked] ?? 0)) }),
        ("rooms", { .number(Int($0.rooms)) }),
        ("users", { .number(Int($0.named[.target] ?? 0)) }),
        ("files", { .number(Int($0.named[.media] ?? 0)) }),
        ("first", { .number(Int($0.first)) }),
        ("last", { .number(Int($0.last)) }),
        ("events_answered", { .number(Int($0.eventsAnswered)) }),
        ("ids_answered", { .number(Int($0.idsAnswered)) }),
        ("file_bytes", { .number(Int($0.fileBytes)) }),
    ]

    var csv: [String] {
        [CSV.line(Self.columns.map(\.name))]
            + ledger.lines.map { line in CSV.line(Self.columns.map { $0.value(line) }) }
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
        let lines = ledger.lines.map { line in JSONValue.object(Self.columns.map { ($0.name, $0.value(line)) }) }
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
