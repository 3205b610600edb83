// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The matrix for a terminal: a line for each class, a column for each state, two signs a cell: inbound, outbound.
struct MatrixText {
    let matrix: PolicyMatrix
    let policy: Policy
    let isColoured: Bool
    /// In characters.
    var width = 100

    var lines: [String] {
        var lines = [
            "policy \(policy.id), serial \(policy.serial), mode \(policy.mode.rawValue), own state \(policy.ownState), "
                + "sha256 \(policy.sha256.hex)"
        ]
        lines.append(policy.asOf)
        lines += policy.lockdownsInForce.map { "AS IF LOCKDOWN \($0.text) WERE IN FORCE" }
        lines += [
            "each cell: inbound (they ask us), then outbound (we ask them): "
                + "\(sign(.allowed)) allowed  \(sign(.refused)) refused  \(sign(.mixed)) mixed"
        ]
        var notes: [String] = []
        for row in matrix.rows {
            if case .organisation(let name) = row.subject { notes.append("\(label(row, notes.count)) is \(name.text)") }
        }
        notes += policy.serversWithEndedKeys.map {
            "\($0.text): its pinned keys have ended by then, nothing it signs counts"
        }
        for block in blocks { lines += [""] + table(block) }
        let unused = matrix.columns.indices.filter { !matrix.usedColumns.contains($0) }.map { matrix.columns[$0].text }
        if !unused.isEmpty { lines += ["", "refused to everybody: \(unused.joined(separator: ", "))"] }
        lines += notes.isEmpty ? [] : [""] + notes
        return lines
    }

    private struct Column {
        let row: PolicyMatrix.Row
        let label: String
        let group: String
    }

    /// As many columns side by side as fit.
    private var blocks: [[Column]] {
        var organisations = 0
        let columns = matrix.rows.map { row -> Column in
            let label = self.label(row, organisations)
            if case .organisation = row.subject { organisations += 1 }
            return Column(row: row, label: label, group: row.tiers.joined(separator: "+"))
        }
        let count = max(1, (width - 18) / 4)
        return stride(from: 0, to: columns.count, by: count).map { Array(columns[$0..<min($0 + count, columns.count)]) }
    }

    /// Two characters: a state's code, `o1` for the first organisation, `??` for what is not listed.
    private func label(_ row: PolicyMatrix.Row, _ organisations: Int) -> String {
        switch row.subject {
        case .state(let code): code.text
        case .organisation: "o\(organisations + 1)"
        case .unlisted: "??"
        }
    }

    private func table(_ block: [Column]) -> [String] {
        var groups = pad("tier")
        var index = 0
        while index < block.count {
            let name = block[index].group
            let count = block[index...].prefix { $0.group == name }.count
            let room = count * 4 - 1
            let shown = name.count > room ? String(name.prefix(max(1, room - 1))) + "…" : name
            groups += shown + String(repeating: "─", count: max(0, room - shown.count)) + " "
            index += count
        }
        var lines = [
            Paint.faint(groups, isColoured),
            Paint.bold(
                pad("") + block.map { $0.label + String(repeating: " ", count: max(1, 4 - $0.label.count)) }.joined(),
                isColoured),
        ]
        for column in matrix.usedColumns {
            lines.append(
                pad(matrix.columns[column].text)
                    + block.map { sign($0.row.cell(column, .inbound)) + sign($0.row.cell(column, .outbound)) }
                    .joined(separator: "  "))
        }
        return lines
    }

    private func pad(_ text: String) -> String { text + String(repeating: " ", count: max(1, 18 - text.count)) }

    private func sign(_ cell: PolicyMatrix.Cell) -> String {
        switch cell {
        case .allowed: Paint.green("●", isColoured)
        case .refused: Paint.red("·", isColoured)
        case .mixed: Paint.yellow("◐", isColoured)
        }
    }
}
