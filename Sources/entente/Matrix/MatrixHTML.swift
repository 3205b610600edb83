// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The matrix as an annex to an agreement: a printed page, readable without colours.
struct MatrixHTML {
    let matrix: PolicyMatrix
    let policy: Policy
    /// When it was made, as the caller says.
    let date: String

    var text: String {
        HTMLPage(
            title: "\(policy.id), serial \(policy.serial): who may exchange what",
            body: header + legend + table("Requests", classes) + table("Ephemeral data, with transactions", edus)
                + notes
                + footer,
            style: Self.style
        ).text
    }

    private var used: [Int] { matrix.usedColumns }
    private var classes: [Int] { used.filter { $0 < matrix.classCount } }
    private var edus: [Int] { used.filter { $0 >= matrix.classCount } }

    private var header: String {
        "<header>\n<h1>Who may exchange what with \(escaped(policy.ownState))</h1>\n"
            + HTMLPage.facts(
                [
                    ("Policy", policy.id), ("Serial", String(policy.serial)), ("Mode", policy.mode.rawValue),
                    ("Generated", date), ("Dates", policy.asOf),
                    ("Own servers", policy.ownServers.map(\.text).joined(separator: ", ")),
                    ("SHA-256 of the file", policy.sha256.hex),
                ] + policy.lockdownsInForce.map { ("As if this lockdown were in force", $0.text) }) + "</header>\n"
    }

    private var legend: String {
        """
        <p class="legend"><span class="pair"><i class="k i">◂</i> inbound: they ask us</span>
        <span class="pair"><i class="k o">▸</i> outbound: we ask them</span>
        <span class="pair">\(mark(.allowed)) allowed</span><span class="pair">\(mark(.refused)) refused</span>
        <span class="pair">\(mark(.mixed)) mixed: its servers, or ours, differ</span></p>

        """
    }

    private func table(_ title: String, _ columns: [Int]) -> String {
        guard !columns.isEmpty else { return "" }
        var out = "<h2>\(escaped(title))</h2>\n<table class=\"matrix\"><thead><tr><th class=\"who\">State</th>"
        out += "<th class=\"count\">Servers</th>"
        for column in columns {
            let name = matrix.columns[column].text.replacing("EDU ", with: "").replacing("_", with: " ")
            out += "<th class=\"name\" colspan=\"2\"><span>\(escaped(name))</span></th>"
        }
        out += "</tr><tr class=\"ways\"><th></th><th></th>"
        out += columns.map { _ in "<th class=\"f\">◂</th><th>▸</th>" }.joined() + "</tr></thead>\n"
        var group = ""
        for row in matrix.rows {
            let name = row.tiers.joined(separator: ", ")
            if name != group || row.subject == .unlisted {
                group = name
                out += "<tbody><tr class=\"tier\"><th colspan=\"\(columns.count * 2 + 2)\">"
                out += row.subject == .unlisted ? "everybody else, tier \(escaped(name))" : "tier \(escaped(name))"
                out += "</th></tr></tbody>\n"
            }
            out += "<tbody><tr><th class=\"who\">\(escaped(row.subject.text))</th>"
            out += "<td class=\"count\">\(row.servers.isEmpty ? "–" : String(row.servers.count))</td>"
            for column in columns {
                out += cell(row.cell(column, .inbound), "f") + cell(row.cell(column, .outbound), "")
            }
            out += "</tr></tbody>\n"
        }
        return out + "</table>\n"
    }

    private func cell(_ cell: PolicyMatrix.Cell, _ more: String) -> String {
        let (name, sign) = Self.look(cell)
        return "<td class=\"\(name)\(more.isEmpty ? "" : " " + more)\">\(sign)</td>"
    }

    private func mark(_ cell: PolicyMatrix.Cell) -> String {
        let (name, sign) = Self.look(cell)
        return "<i class=\"k \(name)\">\(sign)</i>"
    }

    private static func look(_ cell: PolicyMatrix.Cell) -> (String, String) {
        switch cell {
        case .allowed: ("y", "●")
        case .refused: ("n", "×")
        case .mixed: ("m", "◐")
        }
    }

    private var notes: String {
        let unused = matrix.columns.indices.filter { !used.contains($0) }.map { matrix.columns[$0].text }
        var out = ""
        if !unused.isEmpty {
            out +=
                "<p class=\"note\"><b>Refused to everybody, in both directions:</b> \(escaped(unused.joined(separator: ", "))).</p>\n"
        }
        let ended = policy.serversWithEndedKeys.map(\.text)
        if !ended.isEmpty {
            out +=
                "<p class=\"note\"><b>Pinned keys have ended by then, nothing they sign counts:</b> \(escaped(ended.joined(separator: ", "))).</p>\n"
        }
        return out
            + "<p class=\"note\">A state without servers (–) shows what a server of it would be allowed once it is listed with "
            + "its keys. What is not shown is refused.</p>\n"
    }

    private var footer: String {
        "<footer>Made by <code>entente explain --matrix</code> from the file with the hash above; the file is what counts.</footer>\n"
    }

    private func escaped(_ text: String) -> String { HTMLPage.escaped(text) }

    private static let style = """
        .legend { display: flex; flex-wrap: wrap; gap: 1mm 6mm; margin: 0; font-size: 8.5pt; color: var(--soft) }
        .legend .pair { display: inline-flex; align-items: center; gap: 1.5mm }
        .k { display: inline-flex; width: 4.2mm; height: 4.2mm; align-items: center; justify-content: center;
          font-style: normal; font-size: 7.5pt; border-radius: .6mm }
        .matrix { table-layout: fixed; font-size: 8.5pt }
        .matrix th { font-weight: 500; text-align: left; padding: 0 1mm }
        .matrix .who { width: 24mm; overflow-wrap: anywhere; font-weight: 600; line-height: 1.15 }
        .matrix .count { width: 12mm; text-align: right; padding-right: 2mm; color: var(--soft) }
        .matrix .name { height: 22mm; vertical-align: bottom; padding: 0 }
        .matrix .name span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap;
          margin-left: calc(50% - .6em); padding-top: 1mm }
        .matrix thead .who, .matrix thead .count { vertical-align: bottom; font-size: 8.5pt; font-weight: 500; color: var(--soft) }
        .matrix .ways th { font-size: 8pt; line-height: 1.2; text-align: center; color: var(--soft); padding: 0;
          border-bottom: .9pt solid var(--ink) }
        .matrix .tier th { padding: 1.8mm 1mm .5mm; font-size: 7pt; letter-spacing: .05em; text-transform: uppercase;
          color: var(--soft); border-bottom: .5pt solid var(--line) }
        .matrix td { text-align: center; padding: 0; height: 4.6mm; font-size: 7.5pt; line-height: 1; border-bottom: .3pt solid #fff }
        .matrix td.f { border-left: 1.2mm solid #fff }
        .matrix td.count { font-size: 8.5pt }
        .y { background: var(--yes-bg); color: var(--yes) }
        .n { background: #f1f3f5; color: var(--no); font-size: 7pt }
        .m { background: var(--mixed-bg); color: var(--mixed) }
        @media print { .matrix tbody { break-inside: avoid } }

        """
}
