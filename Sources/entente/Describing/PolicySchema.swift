// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// The JSON Schema (draft 2020-12) of policy files, for editors. Made from what the readers ask for.
///
/// It helps while writing; what it lets through, `entente check` may still refuse.
enum PolicySchema {
    static var json: JSONValue {
        let shapes = Policy.shapes
        var members: [(name: String, value: JSONValue)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("Entente policy")),
            ("description", .text("Who may exchange what with whom. The reference is docs/policy.md.")),
        ]
        if case .object(let top) = value(at: "", in: shapes) { members += top }
        return .object(members)
    }

    private static func value(at place: String, in shapes: [String: ShapeRecorder.Shape]) -> JSONValue {
        let inner = place.isEmpty ? "" : place + "."
        guard let shape = shapes[place] else { return .object([]) }
        var choices: [JSONValue] = []
        if shape.isMapping { choices.append(mapping(shape, inner, shapes)) }
        if shape.hasFreeKeys {
            choices.append(
                .object([("type", .text("object")), ("additionalProperties", value(at: inner + "*", in: shapes))]))
        }
        if shape.isList {
            choices.append(.object([("type", .text("array")), ("items", value(at: place + "[]", in: shapes))]))
        }
        // Where something special is read, text is only how it is written.
        let special = shape.kinds.subtracting([.text])
        choices += (special.isEmpty ? shape.kinds : special).map(scalar).sorted { $0.line < $1.line }
        guard choices.count > 1 else { return choices.first ?? .object([]) }
        return .object([("anyOf", .list(choices))])
    }

    private static func mapping(
        _ shape: ShapeRecorder.Shape, _ inner: String, _ shapes: [String: ShapeRecorder.Shape]
    ) -> JSONValue {
        let keys = shape.keys.keys.sorted()
        var members: [(name: String, value: JSONValue)] = [
            ("type", .text("object")), ("additionalProperties", .truth(false)),
            ("properties", .object(keys.map { ($0, value(at: inner + $0, in: shapes)) })),
        ]
        let required = keys.filter { shape.keys[$0] == true }
        if !required.isEmpty { members.append(("required", .list(required.map { .text($0) }))) }
        return .object(members)
    }

    private static func scalar(_ kind: ShapeRecorder.Kind) -> JSONValue {
        switch kind {
        case .text: .object([("type", .text("string"))])
        case .boolean: .object([("type", .text("boolean"))])
        case .integer(let range):
            .object(
                [("type", .text("integer")), ("minimum", .number(Int(range.lowerBound)))]
                    + (range.upperBound == .max ? [] : [("maximum", .number(Int(range.upperBound)))]))
        case .words(let words): .object([("enum", .list(words.map { .text($0) }))])
        case .duration: pattern("^[0-9]+(ms|s|min|h|d)$")
        case .byteCount: pattern("^[0-9]+([KMG]i)?B$")
        case .date: pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$")
        // Editors that read YAML 1.1 take a plain NO for false; the gateway takes it for Norway.
        case .country: .object([("anyOf", .list([pattern("^([A-Z]{2}|none)$"), .object([("const", .truth(false))])]))])
        case .serverName: pattern("^[0-9a-z.:\\[\\]*-]+$")
        }
    }

    private static func pattern(_ expression: String) -> JSONValue {
        .object([("type", .text("string")), ("pattern", .text(expression))])
    }
}
