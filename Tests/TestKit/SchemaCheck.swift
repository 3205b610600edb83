// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Holds JSON against a JSON Schema, as far as `entente schema --record` uses the language: anything else in it is a fault.
package struct SchemaCheck: @unchecked Sendable {
    /// Of values that nobody changes: what makes the whole `Sendable`.
    private let root: [String: Any]

    /// That of records, read once.
    package static let records = Result { try SchemaCheck() }

    package struct NoSchema: Error {}

    /// - Parameter path: below the project's root.
    package init(_ path: String = "docs/audit-record.schema.json") throws {
        try self.init(Data(contentsOf: Shared.projectRoot.appending(path: path)))
    }

    package init(_ schema: Data) throws {
        guard let root = try JSONSerialization.jsonObject(with: schema) as? [String: Any] else { throw NoSchema() }
        self.root = root
    }

    /// What is wrong with a record; empty: nothing.
    package func faults(of record: [UInt8]) -> [String] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(record)) as? [String: Any] else {
            return ["no object"]
        }
        // `oneOf` over kinds: the one of this kind says more than that none fits.
        guard let kind = object["kind"] as? String, let kinds = root["$defs"] as? [String: Any],
            let one = kinds[kind] as? [String: Any]
        else { return ["no such kind: \(object["kind"] ?? "none")"] }
        return faults(of: object, one, at: kind)
    }

    private func faults(of value: Any, _ schema: [String: Any], at place: String) -> [String] {
        var found: [String] = []
        for (word, wanted) in schema.sorted(by: { $0.key < $1.key }) {
            switch word {
            case "type": if !Self.isOf(wanted as? String ?? "", value) { found.append("\(place): no \(wanted)") }
            case "const": if !Self.isSame(value, wanted) { found.append("\(place): not \(wanted)") }
            case "enum":
                let isOne = (wanted as? [Any] ?? []).contains { Self.isSame(value, $0) }
                if !isOne { found.append("\(place): \(value) is no word of the list") }
            case "pattern":
                if !Self.hasForm(value as? String ?? "", wanted as? String ?? "") {
                    found.append("\(place): \(value) has another form")
                }
            case "maxLength":
                if (value as? String ?? "").unicodeScalars.count > wanted as? Int ?? 0 {
                    found.append("\(place): too long")
                }
            case "minimum":
                if (value as? NSNumber)?.decimalValue ?? -1 < Decimal(wanted as? Int ?? 0) {
                    found.append("\(place): too small")
                }
            case "maxItems":
                if (value as? [Any] ?? []).count > wanted as? Int ?? 0 { found.append("\(place): too many") }
            case "items":
                for (index, item) in (value as? [Any] ?? []).enumerated() {
                    found += faults(of: item, wanted as? [String: Any] ?? [:], at: "\(place)[\(index)]")
                }
            case "required":
                for name in wanted as? [String] ?? [] where (value as? [String: Any])?[name] == nil {
                    found.append("\(place): no \(name)")
                }
            case "properties": break
            case "additionalProperties":
                let known = schema["properties"] as? [String: Any] ?? [:]
                for (name, inner) in value as? [String: Any] ?? [:] {
                    if let shape = known[name] as? [String: Any] {
                        found += faults(of: inner, shape, at: "\(place).\(name)")
                    } else {
                        found.append("\(place): \(name) is not in the schema")
                    }
                }
            default: found.append("\(place): the schema says \(word), which is not looked at")
            }
        }
        return found
    }

    /// The few patterns that the schema has, by hand: thousands of records are looked at. Another one is a fault.
    private static func hasForm(_ text: String, _ pattern: String) -> Bool {
        let bytes = Array(text.utf8)
        func isHex(_ count: Int) -> Bool {
            bytes.count == count && bytes.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        switch pattern {
        case "^[0-9a-f]{64}$": return isHex(64)
        case "^[0-9a-f]{32}$": return isHex(32)
        case "^[A-Za-z0-9+/]+$":
            return !bytes.isEmpty
                && bytes.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
                    default: false
                    }
                }
        case #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"#:
            let form = Array("0000-00-00T00:00:00.000000Z".utf8)
            return bytes.count == form.count
                && zip(bytes, form).allSatisfy { $1 == 48 ? (48...57).contains($0) : $0 == $1 }
        default: return false
        }
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "string": value is String
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "integer": value is NSNumber && "\(value)".allSatisfy { $0.isNumber || $0 == "-" }
        default: false
        }
    }

    private static func isSame(_ a: Any, _ b: Any) -> Bool { (a as? NSObject) == (b as? NSObject) }
}
