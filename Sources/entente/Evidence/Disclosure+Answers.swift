// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import AuditIndex

extension Disclosure {
    private var fields: [(name: String, value: JSONValue)] {
        [
            ("seq", .number(Int(record.sequence))), ("time", .text(RecordTime.text(microseconds: record.time))),
            ("what", .text(what.word)), ("ref", .text(reference)), ("flow", .optional(flow?.rawValue)),
            ("direction", .optional(record.direction)), ("origin", .optional(record.origin)),
            ("origin_authenticated", .truth(record.isProved)), ("destination", .optional(record.destination)),
            ("method", .optional(record.method)), ("path_template", .optional(record.path)),
            ("endpoint_class", .optional(record.endpointClass)), ("decision", .optional(record.decision)),
            ("reason_code", .optional(record.reason)), ("rule_id", .optional(record.rule)),
            ("file_type", .optional(fileType)), ("file_bytes", fileBytes.map { .number(Int($0)) } ?? .nothing),
        ]
    }

    static let csvHeads = [
        "seq", "time", "what", "ref", "flow", "direction", "origin", "origin_authenticated", "destination", "method",
        "path_template", "endpoint_class", "decision", "reason_code", "rule_id", "file_type",
        "file_bytes",
    ]

    var json: String { JSONValue.object(fields).line }

    var csv: String {
        CSV.line(
            fields.map { field in
                switch field.value {
                case .text(let text): text
                case .number(let number): String(number)
                case .truth(let truth): truth ? "true" : "false"
                default: ""
                }
            })
    }

    /// A line for people.
    var text: String {
        let who = record.isProved ? record.origin : record.origin.map { $0 + "?" }
        let path = [record.method, record.path].compactMap { $0 }.joined(separator: " ")
        let words: [String?] = [
            String(record.sequence), RecordTime.text(microseconds: record.time), reference, what.word,
            flow?.rawValue ?? "-", who, path, record.decision, record.reason, record.rule,
            fileType, fileBytes.map { "\($0) bytes" },
        ]
        return words.compactMap { $0 }.map { visible($0) }.joined(separator: "  ")
    }
}
