// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A server that the policy lets speak at all, by the name that it claims. Made only by `Policy.admit`.
///
/// Belongs to the policy that made it: a request keeps one policy and one peer from its first byte to its last.
package struct Peer: Hashable, Sendable {
    package let server: ServerName
    /// Its country code; `nil` for international organisations and servers that are not listed.
    package let state: String?
    package let tier: Tier
    /// Why somebody should look at the server, which is let in all the same.
    package var alert: ReasonCode?
    /// The tables of this server and the one of ours that it asks.
    let pair: PairRows.Pair
    /// Index of that one of ours.
    let own: Int
    /// Where the server is; more than one network only for one of ours.
    let networks: NetworkSet

    /// Whether a verdict depends on the room that a request names.
    package var dependsOnRoom: Bool { pair.conditional >= 0 }

    /// A tier of the compiled policy.
    package struct Tier: Hashable, Sendable {
        package let name: String
        let index: Int
        /// Of the policy that gave it. Any other policy refuses the peer: nothing is decided half under the old policy
        /// and half under the new. AC-96.
        let policy: UInt64
    }
}

/// Whether a server is let in by its claimed name alone, before any key is fetched. AC-14.
package enum Admission: Hashable, Sendable {
    case admitted(Peer)
    /// Unknown and blocked servers get the same answer; only the record knows the difference.
    case refused(Verdict)
}
