// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads one entry of `exceptions`. Both ends, a reason, an end and who approved it must be written.
enum ExceptionReader {
    static func read(_ value: ValueDecoder) -> ExceptionDefinition? { value.mapping(exception) }

    private static func exception(_ fields: MappingDecoder) -> ExceptionDefinition? {
        let id = fields.required("id") { value in
            value.policyName("exception").map { Located(value: $0, place: value.place) }
        }
        let between = fields.required("between", ends)
        let directions = fields.optional("direction", default: .both) { $0.word(ExceptionDefinition.Directions.self) }
        let allow: ClassList<EndpointClass>? = ClassListReader.read("allow", of: fields, noun: "class")
        let refuse: ClassList<EndpointClass>? = ClassListReader.read("refuse", of: fields, noun: "class")
        let rooms = fields.optional("rooms") { $0.lenientList(room) }
        let until = fields.required("until") { $0.end }
        let reason = fields.required("reason", ServerReader.plainText)
        let ticket = fields.optional("ticket", ServerReader.plainText)
        let approvedBy = fields.required("approved_by") { $0.lenientList(OwnershipReader.locatedText) }
        let media = fields.section("media", MediaRulesReader.media) ?? MediaRules()
        let mode = fields.optional("mode", default: .enforce) { $0.word(PolicyMode.self) } ?? .enforce
        if !fields.has("allow"), !fields.has("refuse"), !fields.has("media") {
            fields.fail("\(name(id)) changes nothing", todo: "add `allow:` or `refuse:` with classes, or `media:`")
        }
        if fields.has("media"), fields.has("rooms") {
            fields.diagnostics.error(
                at: fields.keyPlace("media"),
                "requests for media do not name a room, and \(name(id)) holds for some rooms only",
                todo: "write two exceptions, one with `rooms:` and one with `media:`")
        }
        if let approvedBy, approvedBy.isEmpty {
            fields.fail("\(name(id)) was approved by nobody", todo: "name who did under `approved_by:`")
        }
        if let rooms, rooms.isEmpty, let value = fields.value("rooms"), value.isEmptyList {
            fields.fail("\(name(id)) names no room", todo: "list rooms, or remove `rooms:` for all")
        }
        guard let id, let between, let directions, let until, let reason, let approvedBy else { return nil }
        return ExceptionDefinition(
            id: id, between: between, directions: directions, allow: allow, refuse: refuse,
            media: media.renamed("exceptions.\(id.value).media"), isShadowed: mode == .shadow, rooms: rooms,
            until: until,
            reason: reason, ticket: ticket, approvedBy: approvedBy)
    }

    private static func name(_ id: Located<String>?) -> String {
        id.map { "the exception \(quoted($0.value))" } ?? "this exception"
    }

    /// Two ends; whether one of them is ours is looked up later.
    private static func ends(_ value: ValueDecoder) -> [Located<ExceptionDefinition.End>]? {
        guard let ends = value.lenientList(end) else { return nil }
        if case .sequence(let nodes) = value.node.content, nodes.count != 2 {
            value.fail(
                "\(value.name) names \(nodes.count) instead of two ends",
                todo: "name a server or state of ours, and one of others")
            return nil
        }
        return ends.count == 2 ? ends : nil
    }

    private static func end(_ value: ValueDecoder) -> Located<ExceptionDefinition.End>? {
        guard let text = value.text else { return nil }
        if text.utf8.count == 2 {
            return value.countryCode.map { Located(value: .state($0), place: value.place) }
        }
        return value.serverName.map { Located(value: .server($0), place: value.place) }
    }

    private static func room(_ value: ValueDecoder) -> Located<RoomID>? {
        guard let text = value.text else { return nil }
        guard let room = try? RoomID(text) else {
            value.fail("\(quoted(text)) is no room id", todo: "write it like `!abc:example.org`, in quotes")
            return nil
        }
        return Located(value: room, place: value.place)
    }
}
