// SPDX-License-Identifier: Apache-2.0

/// A table of what was decided, its columns as wide as what is in them.
struct DemoTable {
    struct Row {
        let who: String
        let asks: String
        let decision: String
        let status: Int
        let record: String
        let why: String

        var passed: Bool { decision == "allow" }
    }

    /// Whether to use a terminal's colours.
    let isColoured: Bool
    private(set) var rows: [Row] = []

    init(isColoured: Bool) { self.isColoured = isColoured }

    mutating func append(_ row: Row) { rows.append(row) }

    func render() -> String {
        let titles = ["", "WHO", "ASKS", "ANSWER", "RECORD", "WHY"]
        let cells = rows.map { row in
            [row.passed ? "✔" : "✘", row.who, row.asks, "\(row.status) \(row.decision)", row.record, row.why]
        }
        var widths = titles.map(\.count)
        for line in cells {
            for (column, cell) in line.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        var lines = [styled(line(titles, widths), "1")]
        var last = ""
        for (row, cells) in zip(rows, cells) {
            // A state's scenes stand together.
            if !last.isEmpty, last != row.who { lines.append("") }
            last = row.who
            lines.append(styled(line(cells, widths), row.passed ? "32" : "31"))
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            text += "  " + cell
            if column < cells.count - 1 { text += String(repeating: " ", count: widths[column] - cell.count) }
        }
        return text
    }

    private func styled(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
