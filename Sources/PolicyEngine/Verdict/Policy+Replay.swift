// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What asking recorded requests again has to know of a policy beside its verdicts.
extension Policy {
    /// Every instant at which a verdict may change by itself, sorted.
    package var instantsOfChange: [Timestamp] { compiled.instantsOfChange }

    /// The rooms that exceptions name.
    package var roomsOfExceptions: Set<String> {
        Set(compiled.rows.conditionals.flatMap { $0.flatMap { $0.rooms ?? [] } })
    }

    /// Whether what an event holds may refuse it, whose author is not refused for himself.
    package func looksIntoEvents(by author: ServerName, deliveredBy peer: Peer, _ direction: Direction) -> Bool {
        guard peer.tier.policy == compiled.token else { return false }
        if direction == .outbound, compiled.tiers[peer.tier.index].contents.concernsEvents { return true }
        // Whoever an event is about may be a user of any server.
        return contents(of: author, near: peer).concernsEvents || refusesUsers
    }

    /// Whether a request may be refused for the user who asks, or who is asked about.
    package var refusesUsers: Bool { compiled.tiers.contains { !$0.rules.users.isEmpty } }

    /// Whether a message to a device may be refused that may come as such.
    package func looksIntoToDevice(from peer: Peer) -> Bool {
        peer.tier.policy == compiled.token && compiled.tiers[peer.tier.index].contents.concernsToDevice
    }

    /// Whether the peer's tier has hours.
    package func hasHours(_ peer: Peer) -> Bool {
        peer.tier.policy == compiled.token && compiled.tiers[peer.tier.index].rules.hours != nil
    }
}

extension Verdict {
    /// A signature by a key that is not among those that the policy pins.
    package static let unpinnedKey = Verdict.refused(.authKeyUnknown, by: nil)
    /// A signature by a pinned key after its end.
    package static let endedKey = Verdict.refused(.authKeyExpired, by: nil)
}
