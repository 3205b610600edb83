// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Lockdowns that are prepared: what officers could refuse with them, and what it takes. Less of both is loosened.
extension SettingChanges {
    var lockdownTerms: [PolicyDiff.Setting] {
        let before = Dictionary(old.lockdownProfiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(new.lockdownProfiles.map(\.name))
        let gone = old.lockdownProfiles.filter { !names.contains($0.name) }.map {
            PolicyDiff.Setting(
                effect: .loosened, text: "lockdown.\($0.name) is not prepared any more: it \($0.meaning)")
        }
        return gone
            + new.lockdownProfiles.flatMap { profile -> [PolicyDiff.Setting] in
                guard let was = before[profile.name] else {
                    return [
                        .init(effect: .tightened, text: "lockdown.\(profile.name) is new: it \(profile.meaning)")
                    ]
                }
                return change(was, profile)
            }
    }

    private func change(_ was: LockdownProfile, _ becomes: LockdownProfile) -> [PolicyDiff.Setting] {
        let key = "lockdown.\(was.name)"
        var found: [PolicyDiff.Setting] = []
        func number(_ name: String, _ first: Int, _ last: Int, moreIs: PolicyDiff.Effect) {
            guard first != last else { return }
            let other = moreIs == .loosened ? PolicyDiff.Effect.tightened : .loosened
            found.append(.init(effect: last > first ? moreIs : other, text: "\(key).\(name): \(first) → \(last)"))
        }
        // Whoever needs more hands to shut shuts later.
        number("tighten_needs", was.tightenNeeds, becomes.tightenNeeds, moreIs: .loosened)
        number("loosen_needs", was.loosenNeeds, becomes.loosenNeeds, moreIs: .tightened)
        if was.longest != becomes.longest {
            found.append(
                .init(
                    effect: becomes.longest > was.longest ? .tightened : .loosened,
                    text: "\(key).max: \(was.longestText) → \(becomes.longestText)"))
        }
        if was.takesState != becomes.takesState {
            let text =
                becomes.takesState ? "it touches one state, no longer all" : "it touches all, no longer one state"
            found.append(
                .init(effect: becomes.takesState ? .loosened : .tightened, text: "\(key).argument: \(text)"))
            return found
        }
        guard was.classes != becomes.classes || was.keptTiers != becomes.keptTiers else { return found }
        return found + reach(was)
    }

    /// What it would refuse more or less: both policies are asked everything with the profile in force.
    private func reach(_ profile: LockdownProfile) -> [PolicyDiff.Setting] {
        // A profile for one state is tried on each server with the server's own.
        let states: [CountryCode?] = profile.takesState ? Set(old.namedStates + new.namedStates).sorted() : [nil]
        var found: [PolicyDiff.Setting] = []
        for state in states {
            let inForce = [LockdownInForce(profile: profile.name, state: state)]
            let (first, last) = (old.under(lockdowns: inForce), new.under(lockdowns: inForce))
            let atoms = PolicyAtoms([old, new, first, last])
            guard atoms.cellCount <= PolicyAtoms.maxCells else {
                return [Self.untold("lockdown.\(profile.name): it refuses other classes, or keeps other tiers")]
            }
            var gathering = LineGathering(old: first, new: last, atoms: atoms, base: (old, new))
            for (index, server) in atoms.servers.enumerated() {
                for (group, own) in atoms.own.enumerated() {
                    for direction in Direction.allCases {
                        gathering.compare(server, index, own: own.first, group, direction)
                    }
                }
            }
            let with = state.map { "lockdown.\(profile.name):\($0.text)" } ?? "lockdown.\(profile.name)"
            found += gathering.lines.map { line in
                let own = line.own.isEmpty ? "" : " with \(line.own.map(\.text).joined(separator: ", "))"
                return .init(
                    effect: line.effect,
                    text: "\(with) would refuse \(line.effect == .loosened ? "no longer" : "now"): "
                        + "\(line.items.joined(separator: ", ")) \(line.direction.rawValue), \(line.subjects.text)\(own)"
                )
            }
            found += nameless(with, first, last)
        }
        return found
    }

    /// Requests that name no server.
    private func nameless(_ with: String, _ first: Policy, _ last: Policy) -> [PolicyDiff.Setting] {
        func isChanged(_ was: Policy, _ becomes: Policy, _ endpointClass: EndpointClass) -> Bool? {
            let (was, becomes) = (
                was.decideAnonymous(endpointClass, .inbound), becomes.decideAnonymous(endpointClass, .inbound)
            )
            return was.isAllowed == becomes.isAllowed ? nil : becomes.isAllowed
        }
        return [true, false].compactMap { isLoosened in
            let classes = EndpointClass.inTableOrder.filter {
                isChanged(first, last, $0) == isLoosened && isChanged(old, new, $0) == nil
            }
            guard !classes.isEmpty else { return nil }
            return .init(
                effect: isLoosened ? .loosened : .tightened,
                text: "\(with) would refuse \(isLoosened ? "no longer" : "now"): "
                    + "\(classes.map(\.rawValue).joined(separator: ", ")) inbound, requests that name no server")
        }
    }
}
