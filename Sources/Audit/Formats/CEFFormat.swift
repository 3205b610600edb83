// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// ArcSight's Common Event Format, version 0. Keys of its dictionary where it has them, `entente…` for the rest.
enum CEFFormat {
    /// A list that is longer than this, as JSON, is left out, and `ententeOmitted` names it. Bytes.
    private static let listLimit = 4000

    static func line(_ fields: RecordFields) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(fields.json.bytes.count + 512)
        line += "CEF:0|Entente|Entente|".utf8
        line += header(fields.integer("v").map { "\($0)" } ?? "1")
        line += header(fields.text("reason_code") ?? fields.kind)
        line += header([fields.kind, fields.text("decision")].compactMap { $0 }.joined(separator: " "))
        line += "\(RecordSeverity(fields).cef)|rt=\(fields.milliseconds)".utf8
        var omitted: [String] = []
        for leaf in fields.leaves where !isInHeader(leaf.path) {
            let value = fields.plain(leaf.value)
            if value.isEmpty { continue }
            if value.count > listLimit {
                omitted.append(leaf.path)
            } else if leaf.path == "direction" {
                line += " deviceDirection=\(value.elementsEqual("inbound".utf8) ? 0 : 1)".utf8
            } else if let name = dictionary[leaf.path] {
                line += " \(name)=".utf8
                line += extended(value)
            } else if let (name, label) = custom[leaf.path] {
                line += " \(name)Label=\(label) \(name)=".utf8
                line += extended(value)
            } else {
                line += " \(ownName(leaf.path))=".utf8
                line += extended(value)
            }
        }
        if !omitted.isEmpty { line += " ententeOmitted=\(omitted.map(ownName).joined(separator: ","))".utf8 }
        return line
    }

    private static func isInHeader(_ path: String) -> Bool { path == "time" || path == "v" }

    private static let dictionary = [
        "decision": "act", "destination.server": "dhost", "explain": "msg", "http.bytes_in": "in",
        "http.bytes_out": "out", "kind": "cat", "method": "requestMethod", "node": "dvchost",
        "origin.authenticated": "shost", "path_template": "request", "reason_code": "reason", "seq": "externalId",
        // Pseudonyms, of one month and class of records.
        "subject": "suid", "target": "duid",
    ]

    /// The numbered fields, which every receiver has a column for.
    private static let custom = [
        "rule_id": ("cs1", "rule_id"), "origin.claimed": ("cs2", "origin.claimed"),
        "origin.state": ("cs3", "origin.state"), "destination.state": ("cs4", "destination.state"),
        "policy.sha256": ("cs5", "policy.sha256"), "room": ("cs6", "room"), "http.status": ("cn1", "http.status"),
        "policy.serial": ("cn2", "policy.serial"),
    ]

    /// `tls.peer_spki` is `ententeTlsPeerSpki`.
    private static func ownName(_ path: String) -> String {
        var name = "entente"
        var isStart = true
        for byte in path.utf8.prefix(64) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z") where isStart:
                name.unicodeScalars.append(Unicode.Scalar(byte - 0x20))
                isStart = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
                isStart = false
            default: isStart = true
            }
        }
        return name
    }

    /// A field of the header and the bar behind it.
    private static func header(_ text: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.string(text, limit: 128)
        var field = escaped(writer.bytes.dropFirst().dropLast(), UInt8(ascii: "|"))
        field.append(UInt8(ascii: "|"))
        return field
    }

    private static func extended(_ value: ArraySlice<UInt8>) -> [UInt8] { escaped(value, UInt8(ascii: "=")) }

    private static func escaped(_ text: ArraySlice<UInt8>, _ special: UInt8) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for byte in text {
            if byte == UInt8(ascii: "\\") || byte == special { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        return bytes
    }
}
