// SPDX-License-Identifier: Apache-2.0

/// What a command answers with `--json`: one line, members in the order given.
enum JSONValue: Sendable {
    case object([(name: String, value: JSONValue)])
    case list([JSONValue])
    case text(String)
    case number(Int)
    case truth(Bool)
    case nothing

    static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .nothing }

    var line: String {
        var out = ""
        write(to: &out)
        return out
    }

    /// Two spaces a level, for files that people compare.
    var indented: String {
        var out = ""
        writeIndented(to: &out, "\n")
        return out
    }

    private func writeIndented(to out: inout String, _ newline: String) {
        let inner = newline + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            for (index, member) in members.enumerated() {
                out += (index == 0 ? "{" : ",") + inner
                Self.write(member.name, to: &out)
                out += ": "
                member.value.writeIndented(to: &out, inner)
            }
            out += newline + "}"
        case .list(let values) where !values.isEmpty:
            for (index, value) in values.enumerated() {
                out += (index == 0 ? "[" : ",") + inner
                value.writeIndented(to: &out, inner)
            }
            out += newline + "]"
        default: write(to: &out)
        }
    }

    /// Recurses as deep as commands nest their answers, which nothing that is read decides.
    private func write(to out: inout String) {
        switch self {
        case .object(let members):
            out += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { out += "," }
                Self.write(member.name, to: &out)
                out += ":"
                member.value.write(to: &out)
            }
            out += "}"
        case .list(let values):
            out += "["
            for (index, value) in values.enumerated() {
                if index > 0 { out += "," }
                value.write(to: &out)
            }
            out += "]"
        case .text(let text): Self.write(text, to: &out)
        case .number(let number): out += String(number)
        case .truth(let truth): out += truth ? "true" : "false"
        case .nothing: out += "null"
        }
    }

    /// Controls and what hides or turns text round are escaped: the line may be shown on a terminal.
    private static func write(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: out += "\\\""
            case 0x5C: out += "\\\\"
            case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
