// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

extension Policy {
    package var validity: PolicyValidity {
        let terms = compiled.terms
        return PolicyValidity(
            notBefore: terms.notBefore?.value, expires: terms.expires?.value, onExpiry: terms.onExpiry)
    }

    /// Whether this is what is left of a policy that has run out.
    package var isExpired: Bool { lapsed != nil }

    /// What the policy says from `now` until `nextChange`: itself, or what `on_expiry` leaves of it. AC-101.
    ///
    /// Ask the policy that was compiled; what has expired does not come back from its own remainder.
    package func inForce(at now: Timestamp) -> Policy {
        guard lapsed == nil, let expires = compiled.terms.expires, now >= expires.value else { return self }
        return Policy(compiled: compiled, lapsed: compiled.terms.onExpiry)
    }

    /// When `inForce` has to be asked again, by the clock of the world; `nil`: never.
    package var nextChange: Timestamp? { lapsed == nil ? compiled.terms.expires?.value : nil }

    // MARK: After expiry

    /// The refusal of everything that `on_expiry` does not leave; `nil` while the policy is in date.
    func refusalAfterExpiry(of peer: Peer) -> Verdict? {
        guard let lapsed else { return nil }
        let isOwn = peer.tier.name == "own" && peer.state == compiled.ownState
        return lapsed == .ownStateOnly && isOwn ? nil : compiled.expired
    }

    /// The same by a server's name.
    func refusalAfterExpiry(of server: ServerName) -> Verdict? {
        guard let lapsed else { return nil }
        guard lapsed == .ownStateOnly, let index = compiled.table.index(of: server.text.utf8.span) else {
            return compiled.expired
        }
        let listed = compiled.servers[index]
        let isOwn = listed.isOwn || listed.state?.text == compiled.ownState
        return isOwn && compiled.tiers[listed.tier].name == "own" ? nil : compiled.expired
    }

    /// Who names no server proves no state either: own-state servers need our keys, and nothing else unsigned.
    func refusalAfterExpiry(ofAnonymous endpointClass: EndpointClass) -> Verdict? {
        guard let lapsed else { return nil }
        let isMinimum = endpointClass == .keys || endpointClass == .discovery
        return lapsed == .ownStateOnly && isMinimum ? nil : compiled.expired
    }

    func afterExpiry(_ admission: Admission) -> Admission {
        guard lapsed != nil, case .admitted(let peer) = admission, let refusal = refusalAfterExpiry(of: peer) else {
            return admission
        }
        return .refused(refusal)
    }
}
