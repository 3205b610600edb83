// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A lockdown that the policy has prepared.
package struct LockdownProfile: Sendable {
    package let name: String
    /// Whether it has to be told a state.
    package let takesState: Bool
    package let tightenNeeds: Int
    package let loosenNeeds: Int
    /// How long it may last.
    package let longest: Duration
    let keep: Set<Int>
    /// Their names, sorted.
    let keptTiers: [String]
    let classes: Set<EndpointClass>?
    let rule: RuleReference

    func inForce(_ lockdown: LockdownInForce) -> CompiledLockdown {
        CompiledLockdown(keep: keep, state: lockdown.state, takesState: takesState, classes: classes, rule: rule)
    }
}

extension LockdownProfile {
    init(_ definition: LockdownDefinition, _ tiers: TierLookup, file: String) {
        name = definition.name
        takesState = definition.takesState
        tightenNeeds = definition.tightenNeeds
        loosenNeeds = definition.loosenNeeds
        longest = definition.longest
        keep = tiers.indices(of: definition.keep)
        keptTiers = definition.keep.map(\.value).sorted()
        classes = definition.refuse.map { Set($0.elements.map(\.value)) }
        rule = RuleReference(id: "lockdown.\(definition.name)", file: file, place: definition.place)
    }
}
