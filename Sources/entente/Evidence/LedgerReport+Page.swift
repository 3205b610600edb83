// SPDX-License-Identifier: Apache-2.0

internal import AuditIndex

extension LedgerReport {
    /// To print on A4: what left and arrived, by path, verdict and rule, with the numbers of the records that say so.
    func page(_ period: String, reach: String, log: String, date: String) -> String {
        let passed = ledger.lines.filter(Self.passed)
        let refused = ledger.lines.filter { !Self.passed($0) }
        var body = "<header>\n<h1>What was exchanged with \(HTMLPage.escaped(party.text))</h1>\n"
        body += HTMLPage.facts([
            ("Log", log), ("Period, UTC", period), ("Requests passed", Self.sum(passed)),
            ("Requests refused", Self.sum(refused)), ("Generated", date),
        ])
        body += "</header>\n"
        for (flow, title) in [
            (DisclosureLedger.Flow.left, "Left to it"), (.arrived, "Arrived from it"), (.both, "Both ways"),
        ] { body += section(title, passed.filter { $0.flow == flow }) }
        body += section("Refused", refused) + refusals
        body +=
            items("EDUs by type", ledger.edus, "Items")
            + items("Events by their author's server", ledger.authors, "Events")
        body += items("Its events that others brought", ledger.relays, "Events")
        for note in notes { body += "<p class=\"note\">\(HTMLPage.escaped(note)).</p>\n" }
        if ledger.lines.isEmpty && ledger.relays.isEmpty { body += "<p>Nothing is recorded.</p>\n" }
        body +=
            "<footer>Made by <code>entente audit ledger</code> from an index of the log; \(HTMLPage.escaped(reach)). "
        body +=
            "The log itself is what counts: <code>entente audit prove</code> proves each record by its number.</footer>\n"
        return HTMLPage(title: "Exchange with \(party.text)", body: body, style: Self.style).text
    }

    private static func sum(_ lines: [DisclosureLedger.Line]) -> String {
        TrafficReport.grouped(lines.reduce(0) { $0 + $1.requests })
    }

    private func section(_ title: String, _ lines: [DisclosureLedger.Line]) -> String {
        table(
            title, ["Asked by", "What", "Why", "By which rule"], ["Requests", "Events", "IDs", "Rooms", "Records"],
            lines.map { line in
                (
                    [
                        line.direction == "outbound" ? "us" : "them",
                        [line.method, line.path ?? line.endpointClass].compactMap { $0 }.joined(separator: " "),
                        line.reason ?? "–", line.rule ?? "–",
                    ],
                    [
                        TrafficReport.grouped(line.requests),
                        // Joins and invitations carry one, and count none; at some levels what is counted is not named.
                        TrafficReport.grouped(max(line.eventsPassed + line.eventsAnswered, line.events)),
                        TrafficReport.grouped(line.idsAnswered),
                        TrafficReport.grouped(line.rooms),
                        Self.range(line.first, line.last),
                    ]
                )
            })
    }

    private var refusals: String {
        table(
            "Refused events and EDUs", ["Type", "Author's server", "Why", "By which rule"], ["How many", "Records"],
            ledger.refusals.map { item in
                (
                    [item.type ?? "–", item.author ?? "–", item.reason ?? "–", item.rule ?? "–"],
                    [TrafficReport.grouped(item.count), Self.range(item.first, item.last)]
                )
            })
    }

    private func items(_ title: String, _ items: [DisclosureLedger.Item], _ unit: String) -> String {
        table(
            title, ["Asked by", "Which"], ["Requests", unit],
            items.map { item in
                (
                    [item.direction == "outbound" ? "us" : "them", item.name],
                    [TrafficReport.grouped(item.requests), TrafficReport.grouped(item.count)]
                )
            })
    }

    private func table(
        _ title: String, _ texts: [String], _ numbers: [String], _ rows: [(texts: [String], numbers: [String])]
    ) -> String {
        guard !rows.isEmpty else { return "" }
        var out = "<h2>\(title)</h2>\n<table class=\"ledger\"><thead><tr>"
        out += texts.map { "<th>\($0)</th>" }.joined() + numbers.map { "<th class=\"n\">\($0)</th>" }.joined()
        out += "</tr></thead><tbody>\n"
        for row in rows {
            out += "<tr>" + row.texts.map { "<td>\(HTMLPage.escaped($0))</td>" }.joined()
            out += row.numbers.map { "<td class=\"n\">\($0)</td>" }.joined() + "</tr>\n"
        }
        return out + "</tbody></table>\n"
    }

    private static let style = """
        .ledger { font-size: 8pt }
        .ledger th, .ledger td { text-align: left; padding: .6mm 2mm .6mm 0; border-bottom: .4pt solid var(--line);
          font-weight: 400; vertical-align: top; overflow-wrap: anywhere }
        .ledger thead th { font-size: 7.5pt; color: var(--soft); border-bottom: .9pt solid var(--ink) }
        .ledger tr { break-inside: avoid }
        .ledger .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-left: 2mm }

        """
}
