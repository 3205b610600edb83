// SPDX-License-Identifier: Apache-2.0

/// Lines of RFC 4180 that a spreadsheet cannot take for formulas, and a terminal not for commands.
enum CSV {
    static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") }

    /// A cell for each value; empty for nothing, and for what is more than a value.
    static func line(_ values: [JSONValue]) -> String {
        line(
            values.map { value in
                switch value {
                case .text(let text): text
                case .number(let number): String(number)
                case .truth(let truth): truth ? "true" : "false"
                case .nothing, .object, .list: ""
                }
            })
    }

    /// A text that begins as a formula gets an apostrophe before it. OWASP, "CSV Injection".
    static func cell(_ text: String) -> String {
        var safe = visible(text)
        if let first = safe.unicodeScalars.first(where: { !$0.properties.isWhitespace }),
            ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "|", "%"].contains(first)
        {
            safe = "'" + safe
        }
        guard safe.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "'" || $0 == ";" || $0 == " " })
        else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
