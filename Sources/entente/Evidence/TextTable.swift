// SPDX-License-Identifier: Apache-2.0

/// Columns for people. Cells are escaped here.
struct TextTable {
    let heads: [String]
    private(set) var rows: [[String]] = []
    /// Columns of numbers stand at their right edge.
    var numbers: Set<Int> = []

    init(_ heads: [String], numbers: Set<Int> = []) {
        self.heads = heads
        self.numbers = numbers
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map { visible($0) }) }

    var lines: [String] {
        var widths = heads.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        return ([heads] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                line += numbers.contains(column) ? gap + cell + "  " : cell + gap + "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
