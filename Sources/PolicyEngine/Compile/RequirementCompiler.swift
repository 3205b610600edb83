// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Looks up the states and tiers of `require`.
struct RequirementCompiler {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let file: String
    let diagnostics: Diagnostics

    func compile() -> [CompiledRequirement] {
        let groups = GroupLookup(document.groups, diagnostics)
        let compiled = document.requirements.map { requirement in
            let states = requirement.subjects.flatMap { subject in
                groups.states(of: subject.value, at: subject.place, in: "`require`") ?? []
            }
            return CompiledRequirement(
                attribute: requirement.attribute, states: Set(states),
                exceptTiers: TierLookup(tiers, diagnostics).indices(of: requirement.exceptTiers),
                rule: RuleReference(
                    id: "require.\(requirement.attribute.rawValue)", file: file, place: requirement.place))
        }
        // The first that does not hold is named in records: which that is must not depend on the order of lines.
        return compiled.sorted { $0.order < $1.order }
    }
}

extension CompiledRequirement {
    fileprivate var order: String {
        let tiers = exceptTiers.sorted().map(String.init).joined(separator: ",")
        return "\(attribute.rawValue) \(states.map(\.text).sorted().joined(separator: ",")) \(tiers)"
    }
}

/// The tiers that a list of words means.
struct TierLookup {
    let tiers: [CompiledTier]
    let diagnostics: Diagnostics

    init(_ tiers: [CompiledTier], _ diagnostics: Diagnostics) {
        self.tiers = tiers
        self.diagnostics = diagnostics
    }

    func indices(of names: [Located<String>]) -> Set<Int> {
        var indices: Set<Int> = []
        for name in names {
            guard let tier = tiers.first(where: { $0.name == name.value }) else {
                diagnostics.unknownTier(name, known: tiers.map(\.name))
                continue
            }
            indices.insert(tier.index)
        }
        return indices
    }
}
