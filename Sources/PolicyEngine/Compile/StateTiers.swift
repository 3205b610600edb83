// SPDX-License-Identifier: Apache-2.0

/// Which tier `assign` gives each state, and by which line.
struct StateTiers: Sendable {
    struct Entry: Sendable {
        let tier: Int
        let subject: String
        let place: YAMLPlace
    }

    private(set) var byState: [CountryCode: Entry] = [:]
    /// The names of groups that `assign` names.
    private(set) var assignedGroups: Set<String> = []

    /// Reports unknown groups and tiers, and states that are given two tiers.
    init(_ document: PolicyDocument, tiers: [CompiledTier], diagnostics: Diagnostics) {
        let groups = GroupLookup(document.groups, diagnostics)
        var conflicts: Set<CountryCode> = []
        // By name, not by line: the order of lines means nothing.
        for assignment in document.assignments.sorted(by: { $0.subject < $1.subject }) {
            assignedGroups.insert(assignment.subject)
            guard
                let states = groups.states(
                    of: assignment.subject, at: assignment.place, in: "`assign`", or: ["unknown"])
            else { continue }
            guard let tier = tiers.first(where: { $0.name == assignment.tier.value }) else {
                diagnostics.unknownTier(assignment.tier, known: tiers.map(\.name))
                continue
            }
            if tier.name == "own" {
                diagnostics.warning(
                    at: assignment.tier.place, "`assign.\(assignment.subject)` puts other states into tier `own`",
                    meanwhile: "their servers may what the own state's may",
                    todo: "make a tier for them if that is not meant")
            }
            for state in states {
                let entry = Entry(tier: tier.index, subject: assignment.subject, place: assignment.place)
                guard let earlier = byState[state] else {
                    byState[state] = entry
                    continue
                }
                guard earlier.tier != tier.index, conflicts.insert(state).inserted else { continue }
                diagnostics.error(
                    at: assignment.place,
                    "state \(quoted(state.text)) gets tier \(quoted(tier.name)) by \(quoted(assignment.subject)) and tier "
                        + "\(quoted(tiers[earlier.tier].name)) by \(quoted(earlier.subject)) at \(earlier.place.line):"
                        + "\(earlier.place.column)",
                    todo: "take it out of one of the two")
            }
        }
    }
}
