// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// The JSON Schema (draft 2020-12) of audit records, made of the shapes that stand beside their encoder.
enum RecordSchema {
    static var json: JSONValue {
        .object([
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("Entente audit record")),
            ("description", .text("One record of the audit log. docs/audit.md says what each member means.")),
            (
                "oneOf",
                .list(RecordShape.all.map { .object([("$ref", .text("#/$defs/\($0.kind)"))]) })
            ),
            ("$defs", .object(RecordShape.all.map { ($0.kind, definition(of: $0)) })),
        ])
    }

    private static func definition(of shape: RecordShape) -> JSONValue {
        object(
            shape.members,
            also: [
                ("kind", .object([("const", .text(shape.kind))])), ("v", .object([("const", .number(1))])),
            ])
    }

    private static func object(
        _ members: [RecordShape.Member], also fixed: [(name: String, value: JSONValue)] = []
    ) -> JSONValue {
        let properties = (members.map { ($0.name, value($0.value)) } + fixed).sorted { $0.0 < $1.0 }
        let required = (members.filter(\.isRequired).map(\.name) + fixed.map(\.name)).sorted()
        var written: [(name: String, value: JSONValue)] = [
            ("type", .text("object")), ("additionalProperties", .truth(false)),
            ("properties", .object(properties.map { (name: $0.0, value: $0.1) })),
        ]
        if !required.isEmpty { written.append(("required", .list(required.map { .text($0) }))) }
        return .object(written)
    }

    /// Recurses as deep as the shapes do.
    private static func value(_ value: RecordShape.Value) -> JSONValue {
        switch value {
        case .text(let limit): .object([("type", .text("string")), ("maxLength", .number(limit))])
        case .words(let words): .object([("enum", .list(words.map { .text($0) }))])
        case .integer: .object([("type", .text("integer"))])
        case .count: .object([("type", .text("integer")), ("minimum", .number(0))])
        case .digest: pattern("^[0-9a-f]{64}$")
        case .reference: pattern("^[0-9a-f]{32}$")
        case .base64: pattern("^[A-Za-z0-9+/]+$")
        case .time: pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$")
        case .object(let members): object(members)
        case .list(let element, let most):
            .object(
                [("type", .text("array")), ("items", self.value(element))]
                    + (most.map { [("maxItems", .number($0))] } ?? []))
        }
    }

    private static func pattern(_ expression: String) -> JSONValue {
        .object([("type", .text("string")), ("pattern", .text(expression))])
    }
}
