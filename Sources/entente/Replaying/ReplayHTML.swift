// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import PolicyEngine

/// The answer as a printed page, for those who sign the policy.
struct ReplayHTML {
    let report: ReplayReport
    let date: String

    var text: String {
        let title = "What serial \(report.policy.serial) would have changed"
        let conclusionClass = report.tally.isLoosened ? "bad" : report.tally.isTightened ? "good" : ""
        let remarks = report.remarks
        return HTMLPage(
            title: "\(report.policy.id) \(report.policy.serial) on a log",
            body: "<header>\n<h1>\(title)</h1>\n" + HTMLPage.facts(report.facts + [("Generated", date)])
                + "</header>\n<p class=\"conclusion \(conclusionClass)\">\(escaped(report.conclusion))</p>\n"
                + table(.loosened, "Newly allowed") + table(.tightened, "Newly refused")
                + (remarks.isEmpty ? "" : "<h2>Beside that</h2>\n<ul>\n" + items(remarks) + "</ul>\n")
                + "<footer>Made by <code>entente replay</code> from \(report.tally.decisions) decisions. Records hold "
                + "references, not contents: what depends on contents is not judged.</footer>\n",
            style: ComparisonHTML.style
        ).text
    }

    private func items(_ lines: [String]) -> String { lines.map { "<li>\(escaped($0))</li>\n" }.joined() }

    private func table(_ effect: PolicyDiff.Effect, _ title: String) -> String {
        let changes = report.tally.changes.filter { $0.effect == effect }
        guard !changes.isEmpty else { return "" }
        var out = "<h2>\(title)</h2>\n<table class=\"diff \(effect == .loosened ? "bad" : "good")\"><thead><tr>"
        out += "<th class=\"who\">State, tier</th><th class=\"way\">Direction</th><th>What, how often</th>"
        out += "<th class=\"why\">Rule then → rule now</th></tr></thead>\n"
        for change in changes {
            out += "<tbody><tr><td class=\"who\">\(escaped(ReplayReport.state(change))), "
            out += "\(escaped(ReplayReport.tier(change)))</td><td>\(change.direction.rawValue)</td>"
            out += "<td>\(escaped(change.item.text)): \(ReplayReport.amount(change))</td>"
            out += "<td><code>\(escaped(ReplayReport.rules(change)))</code></td></tr>"
            out += "<tr class=\"example\"><td></td><td colspan=\"3\"><code>"
            out += change.examples.map { escaped(ReplayReport.example($0)) }.joined(separator: "<br>")
            out += "</code></td></tr></tbody>\n"
        }
        return out + "</table>\n"
    }

    private func escaped(_ text: String) -> String { HTMLPage.escaped(text) }
}
