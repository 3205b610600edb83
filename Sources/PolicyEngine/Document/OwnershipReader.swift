// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `operator` of a server and the entries of `require`.
enum OwnershipReader {
    static func readOperator(_ value: ValueDecoder) -> OperatorDefinition? {
        value.mapping { fields in
            OperatorDefinition(
                name: fields.optional("name", ServerReader.plainText), country: country("country", fields),
                ownerCountry: country("owner_country", fields), hostingCountry: country("hosting_country", fields))
        }
    }

    private static func country(_ key: String, _ fields: MappingDecoder) -> Located<CountryCode>? {
        fields.optional(key) { value in value.countryCode.map { Located(value: $0, place: value.place) } }
    }

    /// One entry holds one or more attributes; each is a requirement of its own.
    static func readRequirements(_ value: ValueDecoder) -> [RequirementDefinition]? {
        value.mapping { fields in
            let exempt = fields.optional("except_tier", default: []) { $0.lenientList(locatedText) } ?? []
            let written = RequirementDefinition.Attribute.allCases.compactMap { attribute in
                fields.value(attribute.rawValue).map { (attribute, $0) }
            }
            if written.isEmpty {
                fields.fail(
                    "\(value.name) requires nothing",
                    todo:
                        "write \(oneOf(RequirementDefinition.Attribute.allCases.map(\.rawValue))) with `{ in: [GROUP] }`"
                )
            }
            return written.compactMap { attribute, value in
                requirement(attribute, value, exempt)
            }
        }
    }

    private static func requirement(
        _ attribute: RequirementDefinition.Attribute, _ value: ValueDecoder, _ exempt: [Located<String>]
    ) -> RequirementDefinition? {
        value.mapping { fields in
            guard let subjects = fields.required("in", { $0.lenientList(locatedText) }) else { return nil }
            if subjects.isEmpty {
                value.fail("\(value.name) can hold for no server", todo: "name groups or states under `in`")
            }
            return RequirementDefinition(
                attribute: attribute, place: value.place, subjects: subjects, exceptTiers: exempt, id: value.path)
        }
    }

    static func locatedText(_ value: ValueDecoder) -> Located<String>? {
        value.text.map { Located(value: $0, place: value.place) }
    }
}
