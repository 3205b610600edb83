// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A compiled policy: immutable, so whoever holds it sees one policy, however often another is loaded. AC-96.
///
/// Copying costs one reference count.
package struct Policy: Sendable {
    let compiled: CompiledPolicy

    package var id: String { compiled.id }
    package var serial: Int64 { compiled.serial }
    package var mode: PolicyMode { compiled.mode }
    /// Of the bytes of the file.
    package var sha256: Digest { compiled.sha256 }
    /// Of what the policy means: the same for every order of its lines, whatever its comments, organisations and file name.
    package var contentHash: Digest { compiled.contentHash }
    package var ownState: String { compiled.ownState }
    package var ownServers: [ServerName] { compiled.ownServers }
    /// Whether requests without `destination` are refused. AC-02.
    package var requiresDestination: Bool { compiled.requiresDestination }
    package var warnings: [Diagnostic] { compiled.warnings }
    /// The number of servers under `servers`.
    package var serverCount: Int { compiled.servers.count }
    /// Every server that the policy lists or owns; for resolvers and prefetching, not for the request path.
    package var listedServers: [ServerName] { compiled.servers.map(\.name) }

    /// Whether `name` is one of our own, byte for byte.
    package func isOwn(_ name: ServerName) -> Bool {
        guard let index = compiled.table.index(of: name.text.utf8.span) else { return false }
        return compiled.servers[index].isOwn
    }

    /// Decides by the claimed name alone.
    ///
    /// - Parameter own: the server of ours that is asked; `nil`, or a name that is none of ours: the first one.
    package func admit(_ claimed: ServerName, at own: ServerName? = nil) -> Admission {
        let own = own.flatMap { name in compiled.ownServers.firstIndex { $0 == name } } ?? 0
        guard let index = compiled.table.index(of: claimed.text.utf8.span) else {
            if let verdict = compiled.refusalOfUnlisted(claimed) { return .refused(verdict) }
            return .admitted(
                Peer(server: claimed, state: nil, tier: compiled.unknownPeerTier, pair: compiled.unknownPair, own: own))
        }
        let standing = compiled.standings[index]
        if let refusal = standing.refusal { return .refused(refusal) }
        let tier = compiled.tiers[standing.tier]
        return .admitted(
            Peer(
                server: claimed, state: compiled.servers[index].state?.text,
                tier: Peer.Tier(name: tier.name, index: tier.index, policy: compiled.token), alert: standing.alert,
                pair: compiled.pair(index, own: own), own: own))
    }

    /// The same policy at another time or under other lockdowns; itself when nothing changes by that.
    package func under(_ circumstances: Circumstances) -> Policy {
        let current = compiled.circumstances
        if circumstances.lockdowns == current.lockdowns, let now = circumstances.now, let before = current.now,
            now >= before, compiled.nextChange.map({ now < $0 }) ?? true
        {
            return self
        }
        return circumstances == current ? self : Policy(compiled: compiled.under(circumstances))
    }

    /// The next instant at which a verdict may change by itself: a review that becomes overdue, an exception that ends.
    /// `nil`: none, or no time was given.
    package var nextChange: Timestamp? { compiled.nextChange }
    /// The time that its dates were compared with; `nil`: none.
    package var lookedAt: Timestamp? { compiled.circumstances.now }

    /// Whether every verdict is the same, because it is the same policy under the same circumstances.
    package func isSame(as other: Policy) -> Bool { compiled === other.compiled }

    /// What ended between two instants, by the ids of the rules: reviews that became overdue, exceptions that ended.
    package func datesReached(after first: Timestamp, by last: Timestamp) -> [String] {
        compiled.dates(after: first, by: last)
    }

    /// The lockdowns that the policy has prepared, by name.
    package var lockdownProfiles: [LockdownProfile] { compiled.lockdowns }

    /// The listed server that an unlisted name looks like; worth an alarm. AC-11, AC-12.
    package func resembled(by claimed: ServerName) -> ServerName? {
        guard compiled.table.index(of: claimed.text.utf8.span) == nil else { return nil }
        return compiled.lookAlikes.resembled(by: claimed).map { compiled.servers[$0.server].name }
    }

    /// Decides a request of a class. One look-up in a table, unless exceptions hold for some rooms only.
    ///
    /// - Parameter room: the room that the request names, if that is known.
    package func decide(
        _ peer: Peer, _ endpointClass: EndpointClass, _ direction: Direction, room: String? = nil
    ) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        return compiled.rows.verdict(peer.pair, endpointClass, direction, room: room)
    }

    /// Decides an event by its author's server, who must be admitted and have `send` in his own right, whoever delivers.
    ///
    /// - Parameters:
    ///   - server: the server of the event's `sender`; `nil` if the sender has none.
    ///   - eventType: tells what may be left in redacted form.
    package func decideAuthor(
        _ server: ServerName?, eventType: String, deliveredBy peer: Peer, _ direction: Direction
    ) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let server else { return .refused(.pduMalformed, by: nil) }
        return authorVerdict(server, near: peer, direction).forEvent(ofType: eventType)
    }

    private func authorVerdict(_ server: ServerName, near peer: Peer, _ direction: Direction) -> Verdict {
        if server == peer.server { return compiled.authorVerdict(peer.pair, direction) }
        if let index = compiled.table.index(of: server.text.utf8.span) {
            if let refusal = compiled.standings[index].refusal {
                return compiled.tiers[compiled.standings[index].tier].rules.judgeAuthor(refusal)
            }
            return compiled.authorVerdict(compiled.pair(index, own: peer.own), direction)
        }
        if let refusal = compiled.refusalOfUnlisted(server) {
            return compiled.tiers[compiled.unknownTier].rules.judgeAuthor(refusal)
        }
        return compiled.authorVerdict(compiled.unknownPair, direction)
    }

    /// Decides an EDU by its kind and the peer's tier. Kinds that the core does not know are refused. AC-75.
    package func decideEDU(_ kind: EDUKind, from peer: Peer, _ direction: Direction) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        return compiled.eduVerdicts[peer.tier.index * EDUType.policyCount + EDUType.policyIndex(kind)]
    }

    /// The keys that the policy pins for a server: exclusive when there are any, so none is fetched. `nil`: none pinned.
    package func pinnedKeys(of server: ServerName) -> [KeyID: PinnedKey]? {
        guard let index = compiled.table.index(of: server.text.utf8.span) else { return nil }
        return compiled.servers[index].pins
    }
}
