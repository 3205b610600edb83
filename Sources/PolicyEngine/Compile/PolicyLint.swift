// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a policy says that is allowed and probably not meant.
struct PolicyLint {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let states: StateTiers
    let servers: [CompiledServer]
    let unknown: Int
    let anonymous: Int?

    func warn(_ diagnostics: Diagnostics) {
        unassignedGroups(diagnostics)
        emptyTiers(diagnostics)
        ownStateAssigned(diagnostics)
    }

    private func ownStateAssigned(_ diagnostics: Diagnostics) {
        guard let own = document.own?.state?.value.text else { return }
        for assignment in document.assignments where assignment.subject == own {
            diagnostics.warning(
                at: assignment.place, "`assign` names \(quoted(own)), the own state",
                meanwhile: "it has no effect, its servers are in tier `own`", todo: "remove the line")
        }
    }

    private func unassignedGroups(_ diagnostics: Diagnostics) {
        let required = Set(document.requirements.flatMap(\.subjects).map(\.value))
        for group in document.groups
        where !states.assignedGroups.contains(group.name) && !required.contains(group.name) {
            let loose = group.states.map(\.value).filter { state in
                states.byState[state] == nil && state != document.own?.state?.value
            }
            guard !loose.isEmpty else { continue }
            diagnostics.warning(
                at: group.place, "`assign` gives group \(quoted(group.name)) no tier",
                meanwhile:
                    "servers of \(quotedList(loose.map(\.text), conjunction: "and")) get the tier of unknown servers, "
                    + quoted(tiers[unknown].name), todo: "add \(quoted(group.name + ": TIER")) under `assign`")
        }
    }

    /// Tiers that no server can be in: the likely cause is a slip in `assign`.
    private func emptyTiers(_ diagnostics: Diagnostics) {
        var used: Set<Int> = [unknown]
        if let anonymous { used.insert(anonymous) }
        used.formUnion(states.byState.values.map(\.tier))
        used.formUnion(servers.map(\.tier))
        for list in document.lists { used.formUnion(tiers.filter { $0.name == list.tier.value }.map(\.index)) }
        used.formUnion(tiers.compactMap(\.downgradeTo))
        let bases = Set(tiers.compactMap(\.base))
        for tier in tiers where !used.contains(tier.index) && tier.name != "own" && !tier.isBlocked {
            guard let place = tier.place, !bases.contains(tier.name) else { continue }
            diagnostics.warning(
                at: place, "no state and no server is in tier \(quoted(tier.name))", meanwhile: "it has no effect",
                todo: "assign it, or remove it")
        }
    }
}

extension Policy {
    /// What will be lost if transactions that hold permitted and refused items are withheld whole (`mixed: withhold`).
    ///
    /// Homeservers put EDUs and events into one transaction; a tier that refuses some kinds of EDU so loses the rest.
    package var warningsIfMixedIsWithheld: [Diagnostic] {
        var warnings: [Diagnostic] = []
        let used = Set(compiled.servers.filter { !$0.isOwn }.map(\.tier)).union([compiled.unknownTier])
        for tier in compiled.tiers where used.contains(tier.index) && !tier.isBlocked {
            guard let place = tier.place, tier.allows(.send, .inbound) || tier.allows(.send, .outbound) else {
                continue
            }
            let refused = EDUType.allCases.filter { !tier.allows($0) }.map(\.rawValue)
            guard !refused.isEmpty else { continue }
            warnings.append(
                Diagnostic(
                    file: compiled.file, line: place.line, column: place.column,
                    what:
                        "tier \(quoted(tier.name)) refuses the EDU types \(quotedList(refused, conjunction: "and")) and `mixed` is `withhold`",
                    meanwhile:
                        "every transaction that holds one of them is withheld whole, its other EDUs are lost and its "
                        + "events wait until later ones cite them",
                    todo: "allow them in `edu:`, or choose another `mixed:` in the gateway's configuration"))
        }
        return warnings.inFileOrder
    }
}
