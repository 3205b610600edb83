// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Gives each server its tier and checks that it only narrows what its state may.
struct ServerCompiler {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let states: StateTiers
    let file: String
    let diagnostics: Diagnostics

    /// Own and listed servers sorted by the bytes of their names, then patterns.
    ///
    /// - Parameter unknown: the tier of servers that nothing assigns.
    func compile(unknown: Int) -> [CompiledServer] {
        let own = document.own
        let ownTier = tiers.first { $0.name == "own" }?.index ?? unknown
        var places: [ServerName: YAMLPlace] = [:]
        var compiled: [ServerName: CompiledServer] = [:]
        for server in own?.servers ?? [] {
            if let first = places.updateValue(server.place, forKey: server.value) {
                twice(server, first)
                continue
            }
            compiled[server.value] = CompiledServer(
                name: server.value, state: own?.state?.value, tier: ownTier, pins: nil, isOwn: true,
                place: server.place, source: .own(server.place))
        }
        var listed: [ServerName: YAMLPlace] = [:]
        var patterns: [ServerName: CompiledServer] = [:]
        for server in document.servers where server.isPattern {
            if let first = patterns[server.name.value] {
                twice(server.name, first.place, asPattern: true)
                continue
            }
            patterns[server.name.value] = foreign(server, ownTier: ownTier, unknown: unknown)
        }
        for server in document.servers where !server.isPattern {
            if let first = listed.updateValue(server.name.place, forKey: server.name.value) {
                twice(server.name, first)
                continue
            }
            if let mine = compiled[server.name.value] {
                compiled[server.name.value] = ownListed(server, mine)
            } else {
                compiled[server.name.value] = foreign(server, ownTier: ownTier, unknown: unknown)
            }
        }
        return sorted(compiled) + sorted(patterns)
    }

    private func sorted(_ servers: [ServerName: CompiledServer]) -> [CompiledServer] {
        servers.values.sorted { $0.name.text.utf8.lexicographicallyPrecedes($1.name.text.utf8) }
    }

    private func twice(_ name: Located<ServerName>, _ first: YAMLPlace, asPattern isPattern: Bool = false) {
        diagnostics.error(
            at: name.place,
            "the server \(quoted((isPattern ? "*." : "") + name.value.text)) is listed twice, first at \(first.line):\(first.column)",
            todo: "keep one of the two")
    }

    /// A server of ours that also stands under `servers`, for its keys.
    private func ownListed(_ server: ServerDefinition, _ mine: CompiledServer) -> CompiledServer {
        if let state = server.state, let own = mine.state, state != own {
            diagnostics.error(
                at: server.statePlace,
                "\(quoted(server.name.value.text)) stands under `self` of \(quoted(own.text)) and here has the state "
                    + quoted(state.text), todo: "correct one of the two")
        }
        if let tier = server.tier {
            diagnostics.error(
                at: tier.place, "\(quoted(server.name.value.text)) stands under `self`, so its tier is `own`",
                todo: "remove `tier:`")
        }
        return CompiledServer(
            name: mine.name, state: mine.state, tier: mine.tier, pins: server.pins, isOwn: true, place: mine.place,
            source: mine.source)
    }

    private func foreign(_ server: ServerDefinition, ownTier: Int, unknown: Int) -> CompiledServer {
        var tier = unknown
        var source = TierSource.unknown
        var bound: Int?
        if let state = server.state, let own = document.own?.state, state == own.value {
            (tier, source, bound) = (ownTier, .ownState(own.place), ownTier)
        } else if let state = server.state, let entry = states.byState[state] {
            (tier, source, bound) = (entry.tier, .assigned(subject: entry.subject, place: entry.place), entry.tier)
        }
        if let wanted = server.tier {
            if let found = tiers.first(where: { $0.name == wanted.value }) {
                check(found, wanted.place, of: server, within: bound)
                (tier, source) = (found.index, .server(wanted.place))
            } else {
                diagnostics.unknownTier(wanted, known: tiers.map(\.name))
            }
        }
        var compiled = CompiledServer(
            name: server.name.value, state: server.state, tier: tier, pins: server.pins, isOwn: false,
            place: server.name.place, source: source)
        compiled.isPattern = server.isPattern
        compiled.operator = server.operator
        compiled.onOverdue = server.onOverdue?.value ?? .refuse
        compiled.review = server.reviewBy.map { review in
            CompiledServer.Review(
                end: review.value, overdue: compiled.onOverdue,
                rule: RuleReference(id: "servers.\(compiled.text).review_by", file: file, place: review.place))
        }
        if let pin = server.pins?.values.first, let end = pin.notAfter {
            compiled.keysEnd = CompiledServer.Review(
                end: end, overdue: pin.onOverdue,
                rule: RuleReference(
                    id: "servers.\(compiled.text).keys.not_after", file: file, place: server.keysPlace))
        }
        check(server, tiers[tier])
        warn(of: compiled, server)
        return compiled
    }

    /// `downgrade` needs a tier to go to; `on_overdue` needs something that can be overdue.
    private func check(_ server: ServerDefinition, _ tier: CompiledTier) {
        if server.pins?.values.first?.onOverdue == .downgrade, tier.downgradeTo == nil {
            diagnostics.error(
                at: server.keysPlace,
                "\(quoted(server.name.value.text)) is to be downgraded once its keys are overdue, and its tier "
                    + "\(quoted(tier.name)) has no `downgrade_to`",
                todo: "add `downgrade_to: TIER` to \(quoted(tier.name)), or write `on_overdue: refuse`")
        }
        guard let overdue = server.onOverdue else {
            if let review = server.reviewBy {
                diagnostics.warning(
                    at: review.place, "\(quoted(server.name.value.text)) has `review_by:` and no `on_overdue:`",
                    meanwhile: "it is refused once the review is overdue",
                    todo: "write \(oneOf(Overdue.allCases.map { "on_overdue: \($0.rawValue)" }))")
            }
            return
        }
        if overdue.value == .downgrade, tier.downgradeTo == nil {
            diagnostics.error(
                at: overdue.place,
                "\(quoted(server.name.value.text)) is to be downgraded, and its tier \(quoted(tier.name)) has no `downgrade_to`",
                todo: "add `downgrade_to: TIER` to \(quoted(tier.name)), or write `on_overdue: refuse`")
        }
        if server.reviewBy == nil, document.requirements.isEmpty {
            diagnostics.warning(
                at: overdue.place, "nothing of \(quoted(server.name.value.text)) can be overdue",
                meanwhile: "`on_overdue:` has no effect", todo: "add `review_by:`, or remove it")
        }
    }

    /// A server's own tier must allow nothing that its state's tier does not allow.
    private func check(_ tier: CompiledTier, _ place: YAMLPlace, of server: ServerDefinition, within bound: Int?) {
        guard let bound, tiers[bound].index != tier.index else { return }
        guard let excess = tier.firstExcess(over: tiers[bound]) else { return }
        diagnostics.error(
            at: place,
            "tier \(quoted(tier.name)) of \(quoted(server.name.value.text)) \(excess), which \(quoted(tiers[bound].name)), "
                + "the tier of its state \(quoted(server.state?.text ?? "none")), does not allow",
            todo: "give the server a narrower tier, a server may only narrow what its state may")
    }

    private func warn(of server: CompiledServer, _ definition: ServerDefinition) {
        let tier = tiers[server.tier]
        if case .unknown = server.source {
            let who = server.state.map { "the state \(quoted($0.text)) of" } ?? "the international organisation behind"
            diagnostics.warning(
                at: definition.name.place, "no tier is assigned to \(who) \(quoted(server.name.text))",
                meanwhile: "it gets the tier of unknown servers, \(quoted(tier.name))",
                todo: "assign its state a tier, or give the server one")
        }
        if let pinnedOnly = tier.pinnedOnly, server.pins == nil, !tier.isBlocked {
            diagnostics.warning(
                at: definition.name.place,
                "\(quoted(server.name.text)) has no `keys:`, and \(quoted(pinnedOnly.id)) is `pinned_only`",
                meanwhile: "the server is refused", todo: "pin its keys, or put it into another tier")
        }
    }
}

extension CompiledTier {
    /// What this tier allows and `bound` does not, for a message; `nil` if it is within `bound`.
    func firstExcess(over bound: CompiledTier) -> String? {
        for direction in Direction.allCases {
            for endpointClass in EndpointClass.inTableOrder
            where allows(endpointClass, direction) && !bound.allows(endpointClass, direction) {
                return "allows \(quoted(endpointClass.rawValue)) \(direction.rawValue)"
            }
        }
        for type in EDUType.allCases where allows(type) && !bound.allows(type) {
            return "allows the EDU type \(quoted(type.rawValue))"
        }
        if pinnedOnly == nil, bound.pinnedOnly != nil, !isBlocked { return "allows keys that are not pinned" }
        return firstExcessOfContents(over: bound)
    }
}
