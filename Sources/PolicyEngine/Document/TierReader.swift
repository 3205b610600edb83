// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads one entry of `tiers`.
struct TierReader {
    let name: ValueDecoder
    let value: ValueDecoder

    private enum KeySource: String, CaseIterable { case pinnedOnly = "pinned_only" }
    private enum AuthorEffect: String, CaseIterable { case refuse }

    /// `nil` only if the entry has no usable name; a tier with faults is still a tier that others can name.
    func read() -> TierDefinition? {
        guard let text = name.policyName("tier") else { return nil }
        return value.mapping { tier(text, $0) } ?? TierDefinition(name: text, place: name.place)
    }

    private func tier(_ text: String, _ fields: MappingDecoder) -> TierDefinition {
        var tier = TierDefinition(name: text, place: name.place)
        tier.like = fields.optional("like") { value in value.text.map { Located(value: $0, place: value.place) } }
        let both: ClassList<EndpointClass>? = classes("may", of: fields, noun: "class")
        tier.inbound = direction("inbound", of: fields, both: both)
        tier.outbound = direction("outbound", of: fields, both: both)
        tier.edu = classes("edu", of: fields, noun: "EDU type")
        if fields.optional("keys", { $0.word(KeySource.self) }) != nil { tier.pinnedOnly = fields.keyPlace("keys") }
        if fields.optional("as_author", { $0.word(AuthorEffect.self) }) != nil {
            tier.asAuthor = fields.keyPlace("as_author")
        }
        fields.notImplemented([
            "downgrade_to", "in_room", "mode", "network",
        ])
        tier.rules = TierContentsReader.read(fields)
        return tier
    }

    private func direction(
        _ key: String, of fields: MappingDecoder, both: ClassList<EndpointClass>?
    ) -> DirectionDefinition {
        let written = fields.optional(key) { value in
            value.mapping { inner -> DirectionDefinition? in
                DirectionDefinition(
                    may: classes("may", of: inner, noun: "class"), refuse: classes("refuse", of: inner, noun: "class"))
            }
        }
        guard var written else { return DirectionDefinition(may: both, refuse: nil) }
        if let may = written.may, let both {
            value.diagnostics.error(
                at: may.place,
                "\(quoted(may.id)) is written beside \(quoted(both.id)), which says it for both directions",
                todo: "keep one of the two")
        }
        written.may = written.may ?? both
        return written
    }

    /// A list of words; a word that does not exist or stands there twice is reported and left out.
    private func classes<Element: RawRepresentable & CaseIterable & Hashable & Sendable>(
        _ key: String, of fields: MappingDecoder, noun: String
    ) -> ClassList<Element>? where Element.RawValue == String {
        guard let value = fields.value(key) else { return nil }
        var seen: Set<Element> = []
        let elements = value.lenientList { item -> Located<Element>? in
            guard let text = item.text else { return nil }
            guard let element = Element(rawValue: text) else {
                item.unknown(noun, text, of: Element.allCases.map(\.rawValue))
                return nil
            }
            guard seen.insert(element).inserted else {
                item.fail("\(quoted(text)) stands in \(value.name) twice", todo: "remove one of the two")
                return nil
            }
            return Located(value: element, place: item.place)
        }
        return elements.map { ClassList(id: value.path, place: fields.keyPlace(key), elements: $0) }
    }
}
