// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `assert`: a list of `never: { … }`.
enum AssertionReader {
    static func read(_ value: ValueDecoder) -> [Assertion] {
        value.lenientList { entry in
            entry.mapping { fields in
                _ = fields.optional("because") { $0.text }
                return fields.required("never") { never in never.mapping { conditions($0, never) } }
            }
        } ?? []
    }

    private static func conditions(_ fields: MappingDecoder, _ never: ValueDecoder) -> Assertion? {
        var assertion = Assertion(place: never.place, text: never.oneLine)
        assertion.directions = fields.optional("direction", words(Direction.self, "direction"))
        assertion.tiers = fields.optional("tier", texts)
        assertion.states = fields.optional("state", texts)
        assertion.servers = fields.optional("server") { value in oneOrMore(value) { $0.serverName }.map { Set($0) } }
        assertion.classes = fields.optional("class", words(EndpointClass.self, "class"))
        assertion.edus = fields.optional("edu", words(EDUType.self, "EDU type"))
        assertion.authorTiers = fields.optional("author_tier", texts)
        assertion.eventTypes = fields.optional("event_type") { value in
            oneOrMore(value) { $0.text }.map { Set($0) }
        }
        assertion.roomEncrypted = fields.optional("room_encrypted", \.boolean)
        assertion.otherServersTiers = fields.optional("other_servers_tier", texts)
        if case .mapping(let entries) = never.node.content, entries.isEmpty {
            never.fail("`never` has no condition, so nothing could be allowed", todo: "add a condition such as `tier:`")
        }
        checkTogether(assertion, never)
        return assertion
    }

    /// Conditions that no request can fulfil together would make a proof of nothing.
    private static func checkTogether(_ assertion: Assertion, _ never: ValueDecoder) {
        if assertion.edus != nil, assertion.isAboutEvents {
            never.fail(
                "`never` speaks of an EDU and of an event at once, which nothing is",
                todo: "write two assertions")
        }
        if assertion.isAboutRooms {
            if assertion.edus != nil {
                never.fail(
                    "`never` speaks of an EDU and of a room, and no EDU is judged by its room",
                    todo: "write two assertions")
            }
            let strangers = (assertion.classes ?? []).filter { $0.roomOccasion == nil }.map(\.rawValue).sorted()
            if !strangers.isEmpty {
                never.fail(
                    "`never` speaks of a room and of \(quotedList(strangers, conjunction: "and")), which is about none",
                    todo:
                        "keep to \(oneOf(EndpointClass.allCases.filter { $0.roomOccasion != nil }.map(\.rawValue).sorted()))"
                )
            }
        }
        guard assertion.edus != nil || assertion.isAboutEvents, let classes = assertion.classes else { return }
        if !classes.contains(.send) {
            never.fail(
                "`never` speaks of \(assertion.edus == nil ? "events" : "EDUs") and of classes that carry none",
                todo: "remove `class:`, they come with `send`")
        }
    }

    private static func texts(_ value: ValueDecoder) -> [Located<String>]? {
        oneOrMore(value) { item in item.text.map { Located(value: $0, place: item.place) } }
    }

    private static func words<Word: RawRepresentable & CaseIterable & Hashable>(
        _ type: Word.Type, _ noun: String
    ) -> (ValueDecoder) -> Set<Word>? where Word.RawValue == String {
        { value in
            oneOrMore(value) { item -> Word? in
                item.note(.words(type.allCases.map(\.rawValue)))
                guard let text = item.text else { return nil }
                if let word = Word(rawValue: text) { return word }
                item.unknown(noun, text, of: type.allCases.map(\.rawValue))
                return nil
            }.map { Set($0) }
        }
    }

    /// One value or a list of them.
    private static func oneOrMore<Element>(_ value: ValueDecoder, _ read: (ValueDecoder) -> Element?) -> [Element]? {
        // Whoever asks what may be written here hears of both forms.
        if value.diagnostics.shapes != nil { _ = value.lenientList(read) }
        guard case .sequence(let nodes) = value.node.content else { return read(value).map { [$0] } }
        if nodes.isEmpty {
            value.fail("\(value.name) is an empty list, which nothing fits", todo: "name something, or remove it")
        }
        return value.lenientList(read)
    }
}

extension ValueDecoder {
    /// The value in flow style, for messages; at most 120 characters.
    var oneLine: String {
        let text = Self.flow(node)
        return text.count > 120 ? text.prefix(119) + "…" : text
    }

    /// As deep as the reader of YAML lets documents be.
    private static func flow(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, _): text
        case .sequence(let nodes): "[" + nodes.map(flow).joined(separator: ", ") + "]"
        case .mapping(let entries): "{ " + entries.map { "\($0.key): \(flow($0.value))" }.joined(separator: ", ") + " }"
        }
    }
}
