// SPDX-License-Identifier: Apache-2.0

import PolicyEngine

/// Who a server is: its entry, its tier at the moment, and why it may not speak at all.
extension ObviousEvaluator {
    /// Its own line under `servers`, else the closest pattern.
    func entry(of server: String) -> RandomPolicy.Server? {
        if let exact = policy.servers.first(where: { !$0.isPattern && $0.name == server }) { return exact }
        let patterns = policy.servers.filter { $0.isPattern && server.hasSuffix("." + $0.name) }
        return patterns.max { $0.name.utf8.count < $1.name.utf8.count }
    }

    /// The lists that name a server of which the policy itself does not say enough.
    func lists(naming server: String) -> [RandomPolicy.List] {
        guard !policy.own.contains(server) else { return [] }
        let written = entry(of: server)
        if let written, !written.isPattern { return [] }
        let naming = policy.lists.filter { $0.servers.contains(server) }
        return written == nil ? naming : naming.filter { $0.tier == "blocked" }
    }

    func state(of server: String) -> String? {
        if policy.own.contains(server) { return "FR" }
        let lists = lists(naming: server).sorted { $0.name < $1.name }
        guard !lists.isEmpty else { return entry(of: server)?.state }
        return (lists.first { $0.tier == "blocked" } ?? lists.first { !$0.isStale } ?? lists.first)?.state
    }

    func writtenTier(of entry: RandomPolicy.Server) -> String {
        if let tier = entry.tier { return tier }
        if entry.state == "FR" { return "own" }
        return entry.state.flatMap { policy.tierName(ofState: $0) } ?? policy.unknown ?? "blocked"
    }

    /// At the moment, so after a downgrade.
    func tierName(of server: String) -> String {
        let written = lastingTier(of: server)
        let isLate = overdue(server) != nil && onOverdue(server) == .downgrade
        guard isLate || (keysHaveEnded(of: server) == .downgrade) else { return written }
        return tier(written)?.downgradeTo ?? written
    }

    /// Whatever the day.
    private func lastingTier(of server: String) -> String {
        if policy.own.contains(server) { return "own" }
        let lists = lists(naming: server)
        if !lists.isEmpty { return listedTier(lists) }
        return entry(of: server).map(writtenTier) ?? policy.unknown ?? "blocked"
    }

    private func listedTier(_ lists: [RandomPolicy.List]) -> String {
        if lists.contains(where: { $0.tier == "blocked" }) { return "blocked" }
        let agree = Set(lists.map { "\($0.tier) \($0.state ?? "none")" }).count == 1
        return agree && lists.contains { !$0.isStale } ? lists[0].tier : "blocked"
    }

    /// Why somebody should have looked at the server before now.
    private func overdue(_ server: String) -> ReasonCode? {
        guard !policy.own.contains(server) else { return nil }
        let isListed = !lists(naming: server).isEmpty
        let written = isListed ? nil : entry(of: server)
        guard isListed || written != nil else { return nil }
        if let review = written?.review, moment.isPast(review) { return .reviewOverdue }
        let name = lastingTier(of: server)
        let isKept = policy.requirements.allSatisfy { requirement in
            if name == "blocked" || name == "own" || requirement.exceptTiers.contains(name) { return true }
            let country = requirement.attribute == .owner ? written?.owner : written?.hosting
            return country.map(requirement.states.contains) ?? false
        }
        return isKept ? nil : .ownerChanged
    }

    /// What follows from the end of its pinned keys, if that has come. That they count no more is said by whoever verifies.
    private func keysHaveEnded(of server: String) -> RandomPolicy.Overdue? {
        guard !policy.own.contains(server), lists(naming: server).isEmpty, let written = entry(of: server),
            let end = written.keyEnd, moment.isPast(end)
        else { return nil }
        return written.onKeyOverdue ?? .refuse
    }

    private func onOverdue(_ server: String) -> RandomPolicy.Overdue {
        (lists(naming: server).isEmpty ? entry(of: server)?.onOverdue : nil) ?? .refuse
    }

    /// Why a server may not speak at all.
    func refusal(of server: String) -> ReasonCode? {
        let lists = lists(naming: server)
        let isOwn = policy.own.contains(server)
        let written = isOwn || !lists.isEmpty ? nil : entry(of: server)
        let isKnown = isOwn || written != nil || !lists.isEmpty
        if !isKnown, let imitation = imitation(server) { return imitation }
        if lastingTier(of: server) == "blocked" {
            let isStale = !lists.isEmpty && !lists.contains { $0.tier == "blocked" } && lists.allSatisfy(\.isStale)
            let agree = Set(lists.map { "\($0.tier) \($0.state ?? "none")" }).count == 1
            if isStale, agree { return .originListStale }
            return isKnown ? .originBlocked : .originUnknown
        }
        let isPinned =
            written?.isPinned == true || policy.servers.contains { isOwn && $0.name == server && $0.isPinned }
        func wantsPins(_ name: String) -> Bool {
            let tier = tier(name)
            return tier?.pinnedOnly == true || tier?.like.flatMap { self.tier($0)?.pinnedOnly } == true
        }
        // What the tier is for good goes before what came over the server.
        if wantsPins(lastingTier(of: server)), !isPinned, lastingTier(of: server) == tierName(of: server) {
            return isKnown ? .keysUnavailable : .originUnknown
        }
        if let overdue = overdue(server), onOverdue(server) == .refuse { return overdue }
        let name = tierName(of: server)
        if name == "blocked" { return .originBlocked }
        if wantsPins(name), !isPinned { return .keysUnavailable }
        return nil
    }

    /// The profiles in force that touch a server.
    func lockdowns(on server: String) -> [RandomPolicy.Lockdown] {
        moment.lockdowns.compactMap { inForce in
            guard let profile = policy.lockdowns.first(where: { $0.name == inForce.profile }),
                !profile.keep.contains(tierName(of: server))
            else { return nil }
            return !profile.takesState || inForce.state == state(of: server) ? profile : nil
        }
    }

    func lockdown(_ question: Question) -> Ruling? {
        let speaks = lockdowns(on: question.peer).contains { $0.refuse?.contains(question.endpointClass) ?? true }
        return speaks ? .refused(.lockdown) : nil
    }

    /// Another spelling of a listed name, one that looks like it, an internationalised name, or an address.
    private func imitation(_ server: String) -> ReasonCode? {
        let host = String(server.lowercased().prefix { $0 != ":" })
        let names = policy.own + policy.servers.filter { !$0.isPattern }.map(\.name) + policy.lists.flatMap(\.servers)
        if names.contains(host) { return .originLookalike }
        if host.allSatisfy({ $0.isNumber || $0 == "." }) { return .originIPLiteral }
        func shape(_ text: String) -> String { text.replacing("1", with: "l").replacing("0", with: "o") }
        if names.contains(where: { shape($0) == shape(host) }) { return .originHomograph }
        return host.hasPrefix("xn--") || host.contains(".xn--") ? .originHomograph : nil
    }
}
