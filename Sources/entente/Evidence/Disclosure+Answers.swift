// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import AuditIndex

extension Disclosure {
    private static let columns: [(name: String, value: @Sendable (Disclosure) -> JSONValue)] = [
        ("seq", { .number(Int($0.record.sequence)) }),
        ("time", { .text(RecordTime.text(microseconds: $0.record.time)) }),
        ("what", { .text($0.what.word) }),
        ("ref", { .text($0.reference) }),
        ("flow", { .optional($0.flow?.rawValue) }),
        ("direction", { .optional($0.record.direction) }),
        ("origin", { .optional($0.record.origin) }),
        ("origin_authenticated", { .truth($0.record.isProved) }),
        ("destination", { .optional($0.record.destination) }),
        ("method", { .optional($0.record.method) }),
        ("path_template", { .optional($0.record.path) }),
        ("endpoint_class", { .optional($0.record.endpointClass) }),
        ("decision", { .optional($0.record.decision) }),
        ("reason_code", { .optional($0.record.reason) }),
        ("rule_id", { .optional($0.record.rule) }),
        ("file_type", { .optional($0.fileType) }),
        ("file_bytes", { $0.fileBytes.map { .number(Int($0)) } ?? .nothing }),
    ]

    static var csvHeads: [String] { columns.map(\.name) }

    var json: String { JSONValue.object(Self.columns.map { ($0.name, $0.value(self)) }).line }

    var csv: String { CSV.line(Self.columns.map { $0.value(self) }) }

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
