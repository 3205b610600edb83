// SPDX-License-Identifier: Apache-2.0

/// The operator's input as a message shows it: in back-quotes, at most 80 characters, nothing that moves a cursor.
package func quoted(_ input: String) -> String {
    var out = "`"
    var count = 0
    for scalar in input.unicodeScalars {
        guard count < 80 else {
            out += "…"
            break
        }
        count += 1
        switch scalar {
        case "`": out += "\\`"
        case "\n": out += "\\n"
        case "\t": out += "\\t"
        case _ where scalar.isHidden: out += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "`"
}

/// `` `a`, `b` or `c` `` for a message; at most `limit` of them.
package func quotedList(_ words: [String], limit: Int = 24, conjunction: String = "or") -> String {
    let shown = words.prefix(limit).map(quoted)
    if words.count > limit { return shown.joined(separator: ", ") + " …" }
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

/// ``one of `a` or `b` ``, and just `` `a` `` where there is only one.
func oneOf(_ words: [String]) -> String { (words.count > 1 ? "one of " : "") + quotedList(words) }

extension Unicode.Scalar {
    /// Control characters and those that reorder or hide text: a reader would not see what the gateway reads.
    package var isHidden: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0xAD, 0x061C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        case 0xFFF0...0xFFFB, 0xE0000...0xE0FFF: true
        default: false
        }
    }
}
