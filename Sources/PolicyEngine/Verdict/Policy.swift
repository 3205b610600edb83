// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A compiled policy: immutable, so whoever holds it sees one policy, however often another is loaded. AC-96.
///
/// Copying costs one reference count.
package struct Policy: Sendable {
    let compiled: CompiledPolicy
    /// Set when the policy has run out: what is left of it.
    var lapsed: OnExpiry?

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
    package func admit(_ claimed: ServerName) -> Admission {
        if let admission = admit(listed: claimed.text.utf8.span) { return admission }
        if let verdict = compiled.refusalOfUnlisted(claimed) { return .refused(verdict) }
        return afterExpiry(.admitted(Peer(server: claimed, state: nil, tier: compiled.unknownPeerTier)))
    }

    /// The same for bytes that have not been made a name yet, if they are the name of a listed server.
    package func admit(listed claimed: Span<UInt8>) -> Admission? {
        compiled.table.index(of: claimed).map { afterExpiry(compiled.admissions[$0]) }
    }

    /// The listed server that an unlisted name looks like; worth an alarm. AC-11, AC-12.
    package func resembled(by claimed: ServerName) -> ServerName? {
        guard compiled.table.index(of: claimed.text.utf8.span) == nil else { return nil }
        return compiled.lookAlikes.resembled(by: claimed).map { compiled.servers[$0.server].name }
    }

    /// Decides a request of a class. One look-up in a table.
    package func decide(_ peer: Peer, _ endpointClass: EndpointClass, _ direction: Direction) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        if let refusal = refusalAfterExpiry(of: peer) { return refusal }
        let row = peer.tier.index * 2 + direction.index
        return compiled.endpointVerdicts[row * EndpointClass.policyCount + endpointClass.policyIndex]
    }

    /// Decides an event by its author's server, who must be admitted and have `send` in his own right, whoever delivers.
    ///
    /// - Parameters:
    ///   - server: the server of the event's `sender`; `nil` if the sender has none.
    ///   - eventType: not looked at yet; the rules on types will be.
    package func decideAuthor(
        _ server: ServerName?, eventType: String, deliveredBy peer: Peer, _ direction: Direction
    ) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let server else { return .refused(.pduMalformed, by: nil) }
        if let refusal = refusalAfterExpiry(of: server) { return refusal }
        if server == peer.server { return compiled.authorVerdicts[peer.tier.index * 2 + direction.index] }
        if let index = compiled.table.index(of: server.text.utf8.span) {
            return compiled.authors[index * 2 + direction.index]
        }
        if let verdict = compiled.refusalOfUnlisted(server) { return .refused(.pduAuthorDenied, by: verdict.rule) }
        return compiled.authorVerdicts[compiled.unknownTier * 2 + direction.index]
    }

    /// Decides an EDU by its kind and the peer's tier. Kinds that the core does not know are refused. AC-75.
    package func decideEDU(_ kind: EDUKind, from peer: Peer, _ direction: Direction) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        if let refusal = refusalAfterExpiry(of: peer) { return refusal }
        return compiled.eduVerdicts[peer.tier.index * EDUType.policyCount + EDUType.policyIndex(kind)]
    }

    /// The keys that the policy pins for a server: exclusive when there are any, so none is fetched. `nil`: none pinned.
    package func pinnedKeys(of server: ServerName) -> [KeyID: PinnedKey]? {
        guard let index = compiled.table.index(of: server.text.utf8.span) else { return nil }
        return compiled.servers[index].pins
    }
}
