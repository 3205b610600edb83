// SPDX-License-Identifier: Apache-2.0

/// Text as it may stand in an element or a quoted attribute of HTML and XML.
enum Markup {
    /// - Parameter instead: what stands for a character that must not stand there itself; `nil`: it may.
    static func escaped(_ text: String, _ instead: (Unicode.Scalar) -> String?) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: if let other = instead(scalar) { out += other } else { out.unicodeScalars.append(scalar) }
            }
        }
        return out
    }
}
