// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension Policy {
    package var validity: PolicyValidity {
        let terms = compiled.terms
        return PolicyValidity(
            notBefore: terms.notBefore?.value, expires: terms.expires?.value, onExpiry: terms.onExpiry)
    }

    /// Whether the policy has run out, under its circumstances: what `on_expiry` leaves of it decides. AC-101.
    package var isExpired: Bool { compiled.lapsed != nil }
}

extension CompiledPolicy {
    /// Refuses every server that `on_expiry` does not leave, after everything else that refuses it.
    static func afterExpiry(
        _ standing: Standing, of server: CompiledServer, _ lapsed: OnExpiry?, _ parts: Parts, _ expired: Verdict
    ) -> Standing {
        guard let lapsed, standing.refusal == nil else { return standing }
        let isOwn = server.isOwn || server.state?.text == parts.ownState
        if lapsed == .ownStateOnly, isOwn, parts.tiers[standing.tier].name == "own" { return standing }
        var refused = standing
        refused.refusal = expired
        return refused
    }

    /// Who names no server proves no state either: own-state servers need our keys, and nothing else unsigned.
    func refusalAfterExpiry(ofAnonymous endpointClass: EndpointClass) -> Verdict? {
        guard let lapsed else { return nil }
        let isMinimum = endpointClass == .keys || endpointClass == .discovery
        return lapsed == .ownStateOnly && isMinimum ? nil : expired
    }

    /// Who names no server has no state: only a lockdown of everybody touches him. One that refuses everything leaves the
    /// minimum, which those that it keeps need: our keys, and how we are reached.
    func refusalUnderLockdown(ofAnonymous endpointClass: EndpointClass) -> Verdict? {
        let isMinimum = endpointClass == .keys || endpointClass == .discovery
        let isKept = { (lockdown: CompiledLockdown) in self.anonymousTier.map(lockdown.keep.contains) ?? false }
        return lockdownsInForce.first { lockdown in
            !lockdown.takesState && !isKept(lockdown) && lockdown.refuses(endpointClass)
                && !(lockdown.classes == nil && isMinimum)
        }.map { .refused(.lockdown, by: $0.rule) }
    }
}
