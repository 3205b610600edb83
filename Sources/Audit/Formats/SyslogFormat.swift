// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// RFC 5424: what is a number or a text as structured data, the whole record as JSON behind it.
enum SyslogFormat {
    /// RFC 5612 keeps 32473 for examples: the project has no enterprise number of its own.
    static let structuredDataID = "entente@32473"
    /// "log audit".
    private static let facility = 13
    private static let longestName = 32

    static func line(_ fields: RecordFields) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(2 * fields.json.bytes.count + 512)
        line += head(fields)
        line += "[\(structuredDataID)".utf8
        fields.eachLeaf { object, key, value in
            guard fields.json.kind(value) != .array else { return }
            let start = line.count
            line.append(UInt8(ascii: " "))
            if let object {
                line += fields.name(object)
                line.append(UInt8(ascii: "."))
            }
            line += fields.name(key)
            guard isName(line[(start + 1)...]) else { return line.removeSubrange(start...) }
            line.append(UInt8(ascii: "="))
            line.append(UInt8(ascii: "\""))
            append(fields.plain(value), to: &line)
            line.append(UInt8(ascii: "\""))
        }
        line += "] ".utf8
        line += fields.json.bytes
        return line
    }

    /// PARAM-VALUE, section 6.3.3.
    private static func append(_ value: ArraySlice<UInt8>, to line: inout [UInt8]) {
        guard value.contains(where: isSpecial) else { return line += value }
        for byte in value {
            if isSpecial(byte) { line.append(UInt8(ascii: "\\")) }
            line.append(byte)
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "]")
    }

    /// A message whose text is a copy in another format; without structured data, which would say the same again.
    static func message(_ fields: RecordFields, text: [UInt8]) -> [UInt8] { head(fields) + Array("- ".utf8) + text }

    /// Up to the structured data.
    private static func head(_ fields: RecordFields) -> [UInt8] {
        let priority = facility * 8 + RecordSeverity(fields).syslog
        return Array(
            "<\(priority)>1 \(fields.time) \(name(fields.node, 255)) entente - \(name(fields.kind, 32)) ".utf8)
    }

    /// PRINTUSASCII of a bounded length; `-` where nothing is left.
    private static func name(_ text: String, _ limit: Int) -> String {
        let name = text.unicodeScalars.prefix(limit).map { (0x21...0x7E).contains($0.value) ? Character($0) : "_" }
        return name.isEmpty ? "-" : String(name)
    }

    /// PARAM-NAME, section 6.3.3.
    private static func isName(_ text: ArraySlice<UInt8>) -> Bool {
        (1...longestName).contains(text.count)
            && text.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3D && $0 != 0x5D && $0 != 0x22 }
    }
}
