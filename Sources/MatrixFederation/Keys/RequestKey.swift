// SPDX-License-Identifier: Apache-2.0

/// What is known of a server's key when a request signed by it arrives.
package enum RequestKey: Hashable, Sendable {
    case valid(VerifyKey)
    /// Listed as current, but its validity has ended.
    case expired(since: Timestamp)
    /// Listed as old: may have signed events, never requests.
    case old(since: Timestamp)
    /// The server does not list it.
    case unknown
    /// Another key under an identifier that is known with certainty; nothing may be believed.
    case conflicting
    /// Its secret part is public, or the policy denies it.
    case denylisted
    /// The server's key document cannot be used.
    case responseInvalid
    /// The server's key document could not be had.
    case unavailable
}
