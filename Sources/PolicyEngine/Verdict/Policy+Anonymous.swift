// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

extension Policy {
    /// Decides a request that names no server, to an endpoint that asks for no credentials.
    ///
    /// The protocol leaves a server's own keys and its version open to all: peers that cannot read our keys drop our events.
    /// Everything else is refused.
    package func decideAnonymous(_ endpointClass: EndpointClass, _ direction: Direction) -> Verdict {
        switch endpointClass {
        case .discovery, .keys: .allowed(by: nil)
        default: .refused(.endpointRefused, by: nil)
        }
    }
}

extension Verdict {
    /// For endpoints that no policy can grant.
    package static let ungrantable = Verdict.refused(.endpointRefused, by: nil)
}
