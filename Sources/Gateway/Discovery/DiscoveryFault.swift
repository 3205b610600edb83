// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine
package import Transport

/// Why no way to a server was found. Told to the operator, never to a peer.
package enum DiscoveryFault: Error, Hashable, Sendable {
    /// The server is named by an address, and the operator does not allow that.
    case ipLiteral
    /// A host that a resolver may read as an address.
    case lookalike
    case unresolved(host: String, ResolutionFault)
    case refusedAddress(host: String, IPAddress, AddressRules.Refusal)
    case refusedPort(host: String, port: UInt16)
    /// The address is not among those that the policy gives for the server.
    case outside(host: String, IPAddress)
    /// The server is on a network that this node has nothing for. The Internet is never asked instead.
    case noNetwork(String)
    /// An SRV record leads to an alias (RFC 2782 forbids it).
    case alias(host: String)
    /// An SRV record says that there is no server.
    case declaredAbsent
    case noUsableRecord
    /// The server has moved, and the operator wants new places to rest before they are used.
    case delegationHeld(old: String, new: String, until: Timestamp)

    package var reason: ReasonCode {
        switch self {
        case .ipLiteral: .originIPLiteral
        case .lookalike, .refusedAddress: .outSSRF
        case .refusedPort: .outPort
        case .delegationHeld: .discoveryChanged
        case .outside: .networkChanged
        case .noNetwork, .unresolved, .alias, .declaredAbsent, .noUsableRecord: .discoveryInvalid
        }
    }
}

/// Why a well-known answer was not used; discovery goes on without it.
package enum WellKnownFault: Error, Hashable, Sendable {
    /// The host of the question or of a redirect leads nowhere that may be connected to.
    case discovery(DiscoveryFault)
    case exchange(FetchFault)
    case status(Int)
    /// A redirect to somewhere that is not `https`, a loop, too many, or one that cannot be read.
    case redirect(String)
    /// No JSON object with a server name as `m.server`.
    case invalid

    package var reason: ReasonCode {
        switch self {
        case .discovery(let fault): fault.reason
        case .exchange(.refusedAddress): .outSSRF
        case .redirect: .discoveryRedirect
        case .exchange, .status, .invalid: .discoveryInvalid
        }
    }
}

/// What the operator should hear of discovery.
package enum DiscoveryEvent: Hashable, Sendable {
    /// A known server is now reached under another name. An alarm.
    case delegationChanged(server: ServerName, old: String, new: String)
    /// The well-known answer of a host was not used. Mostly harmless: many servers have none.
    case wellKnownUnused(host: String, because: WellKnownFault)
    /// One of the places that a server names is refused by the rules; others may still be used.
    case placeRefused(server: ServerName, because: DiscoveryFault)
}
