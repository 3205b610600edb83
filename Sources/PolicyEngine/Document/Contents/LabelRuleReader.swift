// SPDX-License-Identifier: Apache-2.0

/// Reads `labels` of a tier.
enum LabelRuleReader {
    static func labels(_ tier: MappingDecoder) -> WrittenRule<LabelRule>? {
        tier.written("labels") { value in value.mapping(labels) }
    }

    private static func labels(_ fields: MappingDecoder) -> LabelRule? {
        let scheme = fields.required("scheme") { $0.word(LabelScheme.self) }
        let ceiling = fields.required("ceiling") { value -> WrittenRule<Int>? in
            guard let text = value.text, let scheme else { return nil }
            guard let level = scheme.level(text) else {
                value.unknown("level", text, of: scheme.levels)
                return nil
            }
            return WrittenRule(value: level, rule: value.rule(at: fields.keyPlace("ceiling")))
        }
        let missing = fields.writtenWord("missing", Answer.self)
        guard let scheme, let ceiling else { return nil }
        return LabelRule(
            scheme: scheme, ceiling: ceiling.value, ceilingRule: ceiling.rule, missing: missing?.value ?? .refuse,
            missingRule: missing?.rule
                ?? RuleReference(id: fields.path, file: fields.diagnostics.file, place: fields.place))
    }
}
