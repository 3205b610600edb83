// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// A comparison as a printed page, for those who sign the new policy.
struct ComparisonHTML {
    let comparison: PolicyComparison
    let date: String

    var text: String {
        let (old, new) = (comparison.old, comparison.new)
        let header =
            "<header>\n<h1>What changes from serial \(old.serial) to serial \(new.serial)</h1>\n"
            + HTMLPage.facts([
                ("Old", "\(old.id), \(old.serial)"), ("New", "\(new.id), \(new.serial)"), ("Generated", date),
                ("Dates", comparison.asOf),
                ("SHA-256, old", old.sha256.hex), ("SHA-256, new", new.sha256.hex),
            ]) + "</header>\n<p class=\"conclusion \(conclusionClass)\">\(escaped(comparison.conclusion))</p>\n"
        return HTMLPage(
            title: "\(old.id) \(old.serial) → \(new.id) \(new.serial)",
            body: header + table(.loosened, "Newly allowed") + table(.tightened, "Newly refused") + rest
                + "<footer>Made by <code>entente diff</code>: \(comparison.diff.cellCount) cells compared, every way to be "
                + "judged by either policy.</footer>\n",
            style: Self.style
        ).text
    }

    private var conclusionClass: String {
        comparison.diff.isLoosened ? "bad" : comparison.diff.isTightened ? "good" : ""
    }

    private func table(_ effect: PolicyDiff.Effect, _ title: String) -> String {
        let lines = comparison.diff.lines.filter { $0.effect == effect }
        guard !lines.isEmpty else { return "" }
        var out = "<h2>\(title)</h2>\n<table class=\"diff \(effect == .loosened ? "bad" : "good")\"><thead><tr>"
        out +=
            "<th class=\"who\">Whom</th><th class=\"way\">Direction</th><th>What</th><th class=\"why\">By which rule</th>"
        out += "</tr></thead>\n"
        for line in lines {
            out += "<tbody><tr><td class=\"who\">\(escaped(line.subjects.text))</td>"
            out += "<td>\(line.direction.rawValue)\(escaped(PolicyComparison.own(line)))</td>"
            out += "<td>\(line.items.map(escaped).joined(separator: ", "))</td>"
            out += "<td><code>\(escaped(PolicyComparison.ground(line)))</code></td></tr>"
            if let example = line.example {
                out += "<tr class=\"example\"><td></td><td colspan=\"3\"><code>"
                out += "\(escaped(comparison.command(example)))</code></td></tr>"
            }
            out += "</tbody>\n"
        }
        return out + "</table>\n"
    }

    private var rest: String {
        let diff = comparison.diff
        var items: [String] = []
        if !diff.serversAdded.isEmpty { items.append("Servers added: " + names(diff.serversAdded)) }
        if !diff.serversRemoved.isEmpty { items.append("Servers removed: " + names(diff.serversRemoved)) }
        items += comparison.grouped(diff.stateChanges).map { "Tier of \($0)" }
        items += diff.settings.map { ($0.effect == .neutral ? "" : $0.effect.rawValue + ": ") + $0.text }
        guard !items.isEmpty else { return "" }
        return "<h2>Beside that</h2>\n<ul>\n" + items.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
    }

    private func names(_ servers: [ServerName]) -> String { servers.map(\.text).joined(separator: ", ") }

    private func escaped(_ text: String) -> String { HTMLPage.escaped(text) }

    static let style = """
        .conclusion { font-size: 11pt; font-weight: 600; margin: 0 0 2mm; padding: 2mm 3mm; background: #f1f3f5;
          border-left: 1.2mm solid var(--soft) }
        .conclusion.bad { background: var(--bad-bg); border-color: var(--bad); color: var(--bad) }
        .conclusion.good { background: var(--yes-bg); border-color: var(--yes); color: var(--yes) }
        .diff { font-size: 9pt }
        .diff th { text-align: left; font-size: 7pt; letter-spacing: .05em; text-transform: uppercase; font-weight: 500;
          color: var(--soft); padding: 0 3mm 1mm 0 }
        .diff.bad thead th { border-bottom: 1pt solid var(--bad) }
        .diff.good thead th { border-bottom: 1pt solid var(--yes) }
        .diff td { vertical-align: top; padding: 1.6mm 3mm .4mm 0; overflow-wrap: anywhere }
        .diff .who { width: 46mm; font-weight: 600 }
        .diff .way { width: 22mm }
        .diff .why { width: 52mm }
        .diff .example td { padding: 0 0 1.6mm; border-bottom: .5pt solid var(--line); color: var(--soft) }
        .diff .example code { font-size: 7pt }
        .diff tbody { break-inside: avoid }
        ul { margin: 0; padding-left: 5mm }

        """
}
