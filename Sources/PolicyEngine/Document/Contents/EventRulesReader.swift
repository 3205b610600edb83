// SPDX-License-Identifier: Apache-2.0

/// Reads `events`, `encryption` and `to_device` of a tier.
enum EventRulesReader {
    /// In which list a type is written: some types fit into one only.
    private enum List {
        case messages, state, any, toDevice
    }

    static func events(_ fields: MappingDecoder) -> EventRules {
        EventRules(
            types: selection("types", of: fields, .messages),
            stateTypes: selection("state_types", of: fields, .state),
            refuseTypes: selection("refuse_types", of: fields, .any),
            unknownTypes: fields.writtenWord("unknown_types", Answer.self))
    }

    static func encryption(_ fields: MappingDecoder) -> EncryptionRules {
        let rules = EncryptionRules(
            messages: fields.writtenWord("messages", EncryptionRules.Demand.self),
            algorithms: fields.writtenWords("algorithms", "algorithm", EncryptionAlgorithm.self))
        if let messages = rules.messages, messages.value == .required, let list = rules.algorithms,
            list.elements.isEmpty, case .sequence(let nodes)? = fields.value("algorithms")?.node.content, nodes.isEmpty
        {
            fields.fail(
                "\(quoted(fields.path)) requires encryption and allows no algorithm, so no message could pass",
                todo: "list `megolm` or `mls` in `algorithms`")
        }
        return rules
    }

    static func toDevice(_ fields: MappingDecoder) -> ToDeviceRules {
        ToDeviceRules(
            types: selection("types", of: fields, .toDevice),
            max: fields.written("max") { $0.byteLimit(upTo: 65_536, "the largest EDU") })
    }

    private static func selection(_ key: String, of fields: MappingDecoder, _ list: List) -> EventSelection? {
        fields.optional(key) { value in
            value.distinctList({ selector($0, list) }, text: \.text).map { EventSelection($0) }
        }
    }

    private static func selector(_ item: ValueDecoder, _ list: List) -> EventSelector? {
        guard let text = item.text else { return nil }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x60 && $0 != 0x22 && $0 != 0x2C }
        guard isPlain, text.utf8.count <= 255 else {
            item.fail(
                "\(quoted(text)) is no event type",
                todo: "write at most 255 printable ASCII signs without spaces, commas and quotes")
            return nil
        }
        if text.utf8.contains(UInt8(ascii: "*")) { return prefix(text, item) }
        if !text.utf8.contains(UInt8(ascii: ".")) { return family(text, item, list) }
        return type(text, item, list)
    }

    private static func prefix(_ text: String, _ item: ValueDecoder) -> EventSelector? {
        let stem = text.utf8.dropLast()
        guard text.utf8.last == UInt8(ascii: "*"), stem.last == UInt8(ascii: "."), stem.count > 1,
            stem.first != UInt8(ascii: "."), !stem.contains(UInt8(ascii: "*"))
        else {
            item.fail(
                "\(quoted(text)) is no pattern of event types",
                todo: "write `*` once, after the last dot: `org.example.*`")
            return nil
        }
        return .prefix(String(decoding: Array(stem), as: UTF8.self))
    }

    private static func family(_ text: String, _ item: ValueDecoder, _ list: List) -> EventSelector? {
        guard list != .toDevice, let family = EventFamily(rawValue: text) else {
            let families = list == .toDevice ? [] : EventFamily.allCases.map(\.rawValue)
            let near = nearestName(to: text, in: families + (list == .toDevice ? ToDeviceRules.known : EventTypes.all))
            item.fail(
                list == .toDevice
                    ? "\(quoted(text)) is no event type"
                    : "\(quoted(text)) is neither an event type nor a family of them",
                todo: near.map { "did you mean \(quoted($0))?" }
                    ?? (families.isEmpty ? "write a type like `m.room.encrypted`" : "write \(oneOf(families.sorted()))")
            )
            return nil
        }
        if list == .state, !family.hasState {
            item.fail("\(quoted(text)) are never state", todo: "write it in `types`, or remove it")
            return nil
        }
        return .family(family)
    }

    private static func type(_ text: String, _ item: ValueDecoder, _ list: List) -> EventSelector? {
        if list == .toDevice {
            guard !text.utf8.starts(with: "m.".utf8) || ToDeviceRules.known.contains(text) else {
                return unknown(text, item, among: ToDeviceRules.known)
            }
            return .type(text)
        }
        let isState = EventTypes.state.contains(text)
        let isMessage = EventTypes.messages.contains(text)
        guard isState || isMessage || !text.utf8.starts(with: "m.".utf8) else {
            return unknown(text, item, among: EventTypes.all)
        }
        if list == .messages, isState {
            item.fail("\(quoted(text)) is state", todo: "write it in `state_types`, which lists state alone")
            return nil
        }
        if list == .state, isMessage {
            item.fail("\(quoted(text)) is never state", todo: "write it in `types`")
            return nil
        }
        return .type(text)
    }

    /// A type under `m.` that no specification has is a slip; who means one of tomorrow writes a pattern.
    private static func unknown(_ text: String, _ item: ValueDecoder, among known: [String]) -> EventSelector? {
        let near = nearestName(to: text, in: known)
        item.fail(
            "unknown event type \(quoted(text))",
            todo: near.map { "did you mean \(quoted($0))?" } ?? "correct it, or write a pattern like `m.example.*`")
        return nil
    }
}
