// SPDX-License-Identifier: Apache-2.0

/// A metric's name and labels in the form in which Prometheus reads them.
///
/// Prometheus, "Exposition formats", text format 0.0.4. Names and label names are mended to their grammar; values are
/// escaped. A label's value is one of our own words: nothing that a peer chose becomes one.
struct MetricKey: Hashable, Sendable {
    let name: String
    /// `a="b",c="d"`, sorted by name.
    let labels: String

    init(_ label: String, _ dimensions: [(String, String)]) {
        name = Self.name(label)
        labels = dimensions.map { (Self.name($0.0), $0.1) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    }

    /// `name{labels,extra}` with the braces only where there is something in them.
    func sample(_ suffix: String = "", _ extra: String = "") -> String {
        let all = labels.isEmpty ? extra : extra.isEmpty ? labels : labels + "," + extra
        return all.isEmpty ? name + suffix : "\(name)\(suffix){\(all)}"
    }

    private static func name(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !name.isEmpty:
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
