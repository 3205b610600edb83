// SPDX-License-Identifier: Apache-2.0

extension TrafficReport {
    func page(reach: String, log: String, date: String) -> String {
        let all = sums.reduce(into: Amount()) { $0.add($1) }
        let span = [months.first, months.last].compactMap { $0 }.map(Self.month)
        let period = Set(span).count == 1 ? span[0] : span.joined(separator: " to ")
        var body = "<header>\n<h1>What crossed the border, and what was refused</h1>\n"
        body += HTMLPage.facts([
            ("Log", log), ("Months, UTC", period.isEmpty ? "none" : period),
            ("Requests passed", Self.grouped(all.passed)),
            ("Requests refused", Self.grouped(all.refused)), ("Events passed", Self.grouped(all.events)),
            ("Generated", date),
        ])
        body += "</header>\n"
        if sums.isEmpty { body += "<p>Nothing was decided in this time.</p>\n" } else { body += charts }
        body +=
            "<footer>Made by <code>entente audit report</code> from an index of the log; \(HTMLPage.escaped(reach)). "
        body += "The log itself is what counts: <code>entente audit verify</code>.</footer>\n"
        return HTMLPage(title: "Border traffic \(period)", body: body, style: Self.style).text
    }

    private var charts: String {
        var out =
            "<h2>Requests by month</h2>\n<p class=\"legend\"><i class=\"p\"></i>passed <i class=\"r\"></i>refused</p>\n"
        out += BarChart(bars: byMonth(nil).map { ($0.name, $0.amount.passed, $0.amount.refused) }).svg
        out += "<h2>By pair of states</h2>\n<table class=\"pairs\"><thead><tr><th>Asked by</th><th>Asked</th>"
        out += "<th class=\"n\">Passed</th><th class=\"n\">Refused</th><th class=\"n\">Events passed</th>"
        out += "<th class=\"share\">Share refused</th><th>By month</th></tr></thead><tbody>\n"
        for (pair, amount) in pairs.prefix(Self.pairLimit) {
            out += "<tr><th>\(HTMLPage.escaped(pair.origin))</th><th>\(HTMLPage.escaped(pair.destination))</th>"
            out += [amount.passed, amount.refused, amount.events].map { "<td class=\"n\">\(Self.grouped($0))</td>" }
                .joined()
            let share = amount.all > 0 ? amount.refused * 1000 / amount.all : 0
            out += "<td class=\"share\">\(share / 10).\(share % 10) %</td><td>"
            out += Sparkline(values: byMonth(pair).map { ($0.amount.passed, $0.amount.refused) }).svg + "</td></tr>\n"
        }
        out += "</tbody></table>\n"
        if pairs.count > Self.pairLimit {
            out += "<p class=\"note\">\(pairs.count - Self.pairLimit) more pairs are in the CSV.</p>\n"
        }
        guard !reasons.isEmpty else { return out }
        let most = max(reasons[0].count, 1)
        out += "<h2>Why requests were refused</h2>\n<table class=\"reasons\"><tbody>\n"
        for reason in reasons.prefix(25) {
            out +=
                "<tr><th><code>\(HTMLPage.escaped(reason.name))</code></th><td class=\"n\">\(Self.grouped(reason.count))</td>"
            out += "<td><svg viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" class=\"bar\" aria-hidden=\"true\">"
            out += "<rect class=\"r\" width=\"\(max(1, reason.count * 100 / most))\" height=\"4\"/></svg></td></tr>\n"
        }
        return out + "</tbody></table>\n"
    }

    /// Thin spaces between groups of three digits.
    static func grouped(_ number: Int64) -> String {
        var out = ""
        let digits = String(number)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digit != "-" { out += "\u{2009}" }
            out.append(digit)
        }
        return out
    }

    private static let style = """
        :root { --pass: #2f6fb5; --refuse: #c2571a; --paper: #fff; color-scheme: light dark }
        @media screen and (prefers-color-scheme: dark) {
          :root { --ink: #e6eaf0; --soft: #9aa6b4; --line: #36414e; --pass: #6ea8e8; --refuse: #f0955c; --paper: #12171d }
          body { background: var(--paper) }
          html { background: var(--paper) } }
        svg text { fill: var(--soft); font: 7px "Source Sans 3", "Segoe UI", Arial, "Liberation Sans", sans-serif }
        svg .value { fill: var(--ink) }
        svg .axis { stroke: var(--line); stroke-width: .6 }
        .p { fill: var(--pass); background: var(--pass) }
        .r { fill: var(--refuse); background: var(--refuse) }
        .legend { margin: 0 0 1mm; font-size: 8.5pt; color: var(--soft) }
        .legend i { display: inline-block; width: 2.6mm; height: 2.6mm; margin: 0 1.2mm 0 3mm }
        .legend i:first-child { margin-left: 0 }
        .chart { display: block; width: 100%; height: auto; max-height: 70mm }
        .pairs th, .pairs td, .reasons th, .reasons td { text-align: left; padding: .7mm 2mm .7mm 0;
          border-bottom: .4pt solid var(--line); font-weight: 400; vertical-align: middle }
        .pairs thead th { font-size: 7.5pt; color: var(--soft); border-bottom: .9pt solid var(--ink) }
        .pairs tbody th { font-weight: 600 }
        .pairs .n, .reasons .n, .pairs .share { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
          padding-right: 4mm }
        .spark { width: 42mm; height: 6mm; display: block }
        .bar { width: 70mm; height: 2.6mm; display: block }

        """
}
