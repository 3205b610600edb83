// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a server's own entry makes of its tier at a moment: its review, what `require` wants of it, a lockdown.
struct Standing: Sendable {
    /// After a downgrade.
    var tier: Int
    /// Why the server is not admitted at all.
    var refusal: Verdict?
    /// Why its records say that somebody should look.
    var alert: ReasonCode?
}

/// Finds the standing of every server.
struct StandingJudge {
    let tiers: [CompiledTier]
    let requirements: [CompiledRequirement]
    let lockdowns: [CompiledLockdown]
    let circumstances: Circumstances
    let file: String

    func standing(of server: CompiledServer) -> Standing {
        var standing = Standing(tier: server.tier, refusal: nil, alert: nil)
        if !server.isOwn {
            if let review = server.review, circumstances.isPast(review.end) {
                apply(review.overdue, .reviewOverdue, by: review.rule, &standing, from: server.tier)
            }
            // Keys that are overdue and `refuse` are no keys any more: nothing that they sign is proved.
            if let keys = server.keysEnd, keys.overdue != .refuse, circumstances.isPast(keys.end) {
                apply(keys.overdue, .keysOverdue, by: keys.rule, &standing, from: server.tier)
            }
            for requirement in requirements where !requirement.holds(for: server, tiers[server.tier]) {
                let overdue = server.review?.overdue ?? server.onOverdue
                apply(overdue, .ownerChanged, by: requirement.rule, &standing, from: server.tier)
            }
        }
        let tier = tiers[standing.tier]
        if let refusal = tier.refusal(isPinned: server.pins != nil) {
            // What the server's tier is for good says more than what came over it.
            standing.refusal =
                standing.tier == server.tier
                ? refused(server, by: tier, refusal)
                : standing.refusal ?? .refused(refusal.reason, by: refusal.rule)
        }
        if standing.refusal == nil, !server.isOwn {
            standing.refusal = lockdowns.lazy.compactMap { $0.refusal(of: server.state, tier: tier) }.first
        }
        return standing
    }

    private func refused(_ server: CompiledServer, by tier: CompiledTier, _ refusal: Verdict) -> Verdict {
        // A list that blocks says more than the tier that it blocks with.
        if tier.isBlocked, case .lists = server.source {
            return .refused(server.refusal ?? refusal.reason, by: server.rule(inFile: file))
        }
        return .refused(refusal.reason, by: refusal.rule ?? server.rule(inFile: file))
    }

    /// Of several, the strictest counts: refuse, then downgrade, then alert.
    private func apply(
        _ overdue: Overdue, _ reason: ReasonCode, by rule: RuleReference, _ standing: inout Standing, from tier: Int
    ) {
        standing.alert = standing.alert ?? reason
        switch overdue {
        case .alert: break
        case .downgrade:
            // INVARIANT: the compiler refuses `downgrade` in tiers without `downgrade_to`.
            // Once: two grounds do not put a server down twice.
            if let lower = tiers[tier].downgradeTo { standing.tier = lower }
        case .refuse: standing.refusal = standing.refusal ?? .refused(reason, by: rule)
        }
    }
}

/// What one `require` entry wants.
struct CompiledRequirement: Sendable {
    let attribute: RequirementDefinition.Attribute
    let states: Set<CountryCode>
    let exceptTiers: Set<Int>
    let rule: RuleReference

    /// Servers that may nothing anyway, and those of the own state, need to fulfil nothing. What is unknown does not fulfil.
    func holds(for server: CompiledServer, _ tier: CompiledTier) -> Bool {
        if tier.isBlocked || tier.name == "own" || exceptTiers.contains(tier.index) { return true }
        guard let country = server.operator?.country(attribute) else { return false }
        return states.contains(country)
    }
}

/// A lockdown profile in force, with its argument.
struct CompiledLockdown: Sendable {
    let keep: Set<Int>
    /// The only state that it touches; `nil`: all.
    let state: CountryCode?
    let takesState: Bool
    /// `nil`: everything.
    let classes: Set<EndpointClass>?
    let rule: RuleReference

    func touches(_ state: CountryCode?, _ tier: CompiledTier) -> Bool {
        if keep.contains(tier.index) { return false }
        return !takesState || state == self.state
    }

    /// The refusal of a server whom nothing is left.
    func refusal(of state: CountryCode?, tier: CompiledTier) -> Verdict? {
        classes == nil && touches(state, tier) ? .refused(.lockdown, by: rule) : nil
    }

    func refuses(_ endpointClass: EndpointClass) -> Bool { classes?.contains(endpointClass) ?? true }
}
