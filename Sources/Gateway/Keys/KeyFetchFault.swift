// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// Why a server's keys could not be had. Told to the operator, never to a peer.
package enum KeyFetchFault: Error, Hashable, Sendable {
    /// No way to the server was found.
    case discovery(DiscoveryFault)
    /// Every address failed; the last failure.
    case exchange(FetchFault)
    case status(Int)
    /// The answer is no key document that proves itself: why, in short.
    case invalid(String)
    /// A key of the built-in deny list is in the document.
    case denylisted
    case timeout
    /// A new policy reaches the server otherwise; what came over the old way does not count.
    case rerouted
    /// The gateway is stopping.
    case stopped

    /// Whether the server did answer, with something that proves nothing.
    package var isInvalidDocument: Bool {
        switch self {
        case .invalid, .denylisted, .exchange(.tooLarge): true
        case .discovery, .exchange, .status, .timeout, .rerouted, .stopped: false
        }
    }

    package var reason: ReasonCode {
        switch self {
        case .discovery(let fault): fault.reason
        case .exchange(.refusedAddress): .outSSRF
        case .exchange(.pinMismatch): .tlsPinMismatch
        case .exchange(.tooLarge), .invalid: .keysResponseInvalid
        case .exchange, .status, .timeout, .rerouted, .stopped: .keysUnavailable
        case .denylisted: .keysDenylisted
        }
    }
}

/// Why no fetch was started.
package enum KeyFetchRefusal: Hashable, Sendable {
    /// The policy pins this server's keys.
    case pinned
    case tooSoon(until: Timestamp)
    /// Too many fetches or askers are waiting.
    case overload
}
