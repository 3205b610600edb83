// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What the key ring knows of one key at one moment.
package enum KeyLookup: Hashable, Sendable {
    case valid(VerifyKey)
    /// Past its validity, and nothing newer may be asked for at this moment.
    case expired
    /// The server lists it among its old keys: never for requests.
    case old
    /// On the deny list of the build or of the policy.
    case denylisted
    /// Fetching may help; `KeyRing.fetch`, then look again.
    case mustFetch
    /// The server's keys are known and this is none of them.
    case unknown
    /// The server's keys could not be fetched, and it is too early to ask again.
    case unavailable

    /// Why a request with such a key is refused; `nil` for the two cases in which it is not (yet).
    package var reason: ReasonCode? {
        switch self {
        case .valid, .mustFetch: nil
        case .expired: .authKeyExpired
        case .old: .authKeyOld
        case .denylisted: .keysDenylisted
        case .unknown: .authKeyUnknown
        case .unavailable: .keysUnavailable
        }
    }
}
