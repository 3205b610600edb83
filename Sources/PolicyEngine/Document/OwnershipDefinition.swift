// SPDX-License-Identifier: Apache-2.0

/// Who stands behind a server: `operator` of an entry of `servers`. What is not written is unknown.
struct OperatorDefinition: Sendable {
    let name: String?
    /// The state under whose law the operator is.
    let country: Located<CountryCode>?
    /// The state of whoever owns the operator.
    let ownerCountry: Located<CountryCode>?
    /// The state in which the machines stand.
    let hostingCountry: Located<CountryCode>?
}

/// What happens to a server whose review is overdue, or of which a requirement does not hold.
enum Overdue: String, CaseIterable, Hashable, Sendable {
    /// It keeps its tier; its records say so.
    case alert
    /// It gets the tier that its own names as `downgrade_to`.
    case downgrade
    case refuse
}

/// One entry of `require`: what must hold for every server that may anything at all.
struct RequirementDefinition: Sendable {
    enum Attribute: String, CaseIterable, Hashable, Sendable {
        case country
        case ownerCountry = "owner_country"
        case hostingCountry = "hosting_country"
    }

    let attribute: Attribute
    let place: YAMLPlace
    /// Groups and states.
    let subjects: [Located<String>]
    let exceptTiers: [Located<String>]
    /// The keys that lead to it, for example `require[0].owner_country`.
    let id: String
}

extension OperatorDefinition {
    func country(_ attribute: RequirementDefinition.Attribute) -> CountryCode? {
        switch attribute {
        case .country: country?.value
        case .ownerCountry: ownerCountry?.value
        case .hostingCountry: hostingCountry?.value
        }
    }
}
