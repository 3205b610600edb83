// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What was sealed in one record, for a person or a program.
struct OpenedRecord {
    let sequence: UInt64
    let clear: [UInt8]

    /// Deeper than this nothing is taken apart.
    private static let depth = 8

    /// One line; `clear` is the object that was sealed, or its bytes in base64 if it is none.
    var json: String {
        guard (try? JSONDocument(reading: clear)) != nil, let text = String(validating: clear, as: UTF8.self) else {
            return #"{"clear_base64":"\#(Base64.encode(clear))","seq":\#(sequence)}"#
        }
        return #"{"clear":\#(TailLine.safe(text)),"seq":\#(sequence)}"#
    }

    /// Number, field and value, a row for each value.
    var rows: [[String]] {
        guard let document = try? JSONDocument(reading: clear) else {
            return [["\(sequence)", "base64", Base64.encode(clear)]]
        }
        var rows: [[String]] = []
        add(document.root, "", Self.depth, document, &rows)
        return rows.map { ["\(sequence)"] + $0 }
    }

    private func add(
        _ node: JSONDocument.Node, _ path: String, _ depth: Int, _ document: JSONDocument, _ rows: inout [[String]]
    ) {
        switch document.kind(node) {
        case .object where depth > 0:
            for (key, value) in document.members(of: node) {
                let name = document.string(key) ?? "?"
                add(value, path.isEmpty ? name : "\(path).\(name)", depth - 1, document, &rows)
            }
        case .array where depth > 0:
            for (index, value) in document.elements(of: node).enumerated() {
                add(value, "\(path)[\(index)]", depth - 1, document, &rows)
            }
        case .string: rows.append([path, document.string(node) ?? "?"])
        case .true: rows.append([path, "true"])
        case .false: rows.append([path, "false"])
        default: rows.append([path, document.integer(node).map { String($0) } ?? "…"])
        }
    }
}
