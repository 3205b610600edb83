// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

extension Policy {
    /// Decides a request that names no server, to an endpoint that asks for no credentials.
    ///
    /// It may what the tier of `assign.anonymous` may. Without that the minimum that the protocol needs: a server's own keys,
    /// as peers that cannot read them drop our events, and how it is reached.
    package func decideAnonymous(_ endpointClass: EndpointClass, _ direction: Direction) -> Verdict {
        if let refusal = compiled.refusalAfterExpiry(ofAnonymous: endpointClass) { return refusal }
        if let refusal = compiled.refusalUnderLockdown(ofAnonymous: endpointClass) { return refusal }
        if let tier = compiled.anonymousTier {
            return compiled.tiers[tier].endpoints[
                direction.index * EndpointClass.policyCount + endpointClass.policyIndex]
        }
        return switch endpointClass {
        case .discovery, .keys: .allowed(by: nil)
        default: .refused(.endpointRefused, by: nil)
        }
    }
}

extension Verdict {
    /// For endpoints that no policy can grant.
    package static let ungrantable = Verdict.refused(.endpointRefused, by: nil)
}
