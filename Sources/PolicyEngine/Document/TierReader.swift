// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads one entry of `tiers`.
struct TierReader {
    let name: ValueDecoder
    let value: ValueDecoder

    private enum KeySource: String, CaseIterable { case pinnedOnly = "pinned_only" }

    /// `nil` only if the entry has no usable name; a tier with faults is still a tier that others can name.
    func read() -> TierDefinition? {
        guard let text = name.policyName("tier") else { return nil }
        return value.mapping { tier(text, $0) } ?? TierDefinition(name: text, place: name.place)
    }

    private func tier(_ text: String, _ fields: MappingDecoder) -> TierDefinition {
        var tier = TierDefinition(name: text, place: name.place)
        tier.like = fields.optional("like") { value in value.text.map { Located(value: $0, place: value.place) } }
        let both: ClassList<EndpointClass>? = ClassListReader.read("may", of: fields, noun: "class")
        tier.inbound = direction("inbound", of: fields, both: both)
        tier.outbound = direction("outbound", of: fields, both: both)
        tier.edu = ClassListReader.read("edu", of: fields, noun: "EDU type")
        if fields.optional("keys", { $0.word(KeySource.self) }) != nil { tier.pinnedOnly = fields.keyPlace("keys") }
        tier.downgradeTo = fields.optional("downgrade_to", OwnershipReader.locatedText)
        tier.isShadowed = fields.optional("mode") { $0.word(PolicyMode.self) } == .shadow
        tier.network = fields.optional("network") { value in
            value.policyName("network").map { Located(value: $0, place: value.place) }
        }
        tier.rules = TierContentsReader.read(fields)
        fields.misplaced("refuse", todo: "write it under `inbound:` or `outbound:`, a refusal has a direction")
        return tier
    }

    private func direction(
        _ key: String, of fields: MappingDecoder, both: ClassList<EndpointClass>?
    ) -> DirectionDefinition {
        let written = fields.optional(key) { value in
            value.mapping { inner -> DirectionDefinition? in
                DirectionDefinition(
                    may: ClassListReader.read("may", of: inner, noun: "class"),
                    refuse: ClassListReader.read("refuse", of: inner, noun: "class"))
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
}
