// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// All that a policy's rules can tell of a server: two servers with one profile get one verdict on everything.
///
/// A rule that looks at something new of a server adds it here, and nowhere else.
struct ServerProfile: Hashable, Sendable {
    let isOwn: Bool
    let refusal: ReasonCode?
    /// `nil`: not admitted.
    let tier: Int?
    /// Its tables with each server of ours: tier, exceptions and lockdowns.
    let pairs: [PairRows.Pair]
    /// Where it is: that decides with which of ours it may speak, and who may bring its events.
    let networks: NetworkSet
}

/// All that rules can tell of one of ours.
struct OwnProfile: Hashable, Sendable {
    let pairs: [PairRows.Pair]
    let networks: NetworkSet
}

extension Policy {
    func profile(of name: ServerName) -> ServerProfile {
        profile(isOwn: isOwn(name), networks(of: name)) { admit(name, at: $0) }
    }

    /// The profile of a server that would be listed with this state.
    func profile(ofNewServerOf state: CountryCode) -> ServerProfile {
        guard let name = try? PolicyQuestion.placeholder(for: state) else {
            return ServerProfile(isOwn: false, refusal: nil, tier: nil, pairs: [], networks: [])
        }
        let networks = NetworkSet(network: compiled.tiers[tier(ofNewServerOf: state)].network)
        return profile(isOwn: false, networks) { admit(name, asNewServerOf: state, at: $0) }
    }

    private func profile(
        isOwn: Bool, _ networks: NetworkSet, _ admit: (ServerName) -> Admission
    ) -> ServerProfile {
        var (pairs, tier, refusal): ([PairRows.Pair], Int?, ReasonCode?) = ([], nil, nil)
        for own in ownServers {
            switch admit(own) {
            case .admitted(let peer):
                pairs.append(peer.pair)
                tier = peer.tier.index
            case .refused(let verdict): refusal = verdict.reason
            }
        }
        return ServerProfile(isOwn: isOwn, refusal: refusal, tier: tier, pairs: pairs, networks: networks)
    }

    /// Every server that is listed by name, and one for each pattern.
    package var representatives: [ServerName] {
        compiled.servers.compactMap { $0.isPattern ? try? ServerName("any-server." + $0.name.text) : $0.name }
    }

    /// The rooms that exceptions name for these servers; empty where the room does not matter.
    func rooms(_ profile: ServerProfile) -> Set<String> {
        Set(
            profile.pairs.filter { $0.conditional >= 0 }.flatMap { pair in
                compiled.rows.conditionals[Int(pair.conditional)].flatMap { $0.rooms ?? [] }
            })
    }

    /// What of our servers exceptions can tell apart; `nil`: not one of ours.
    func ownProfile(_ name: ServerName) -> OwnProfile? {
        guard let index = ownServers.firstIndex(of: name) else { return nil }
        return OwnProfile(
            pairs: compiled.pairs(ofOwn: index)
                + compiled.newServers.sorted { $0.key < $1.key }.map { $0.value.pairs[index] },
            networks: compiled.networks.own[index])
    }

    /// The tier that a server is in, admitted or not.
    package func tierName(of name: ServerName, supposedState: CountryCode? = nil) -> String {
        if let supposedState { return compiled.tiers[tier(ofNewServerOf: supposedState)].name }
        guard let index = compiled.table.index(of: name.text.utf8.span) else {
            return compiled.tiers[compiled.unknownTier].name
        }
        return compiled.tiers[compiled.standings[index].tier].name
    }

    /// The state of a listed server.
    package func state(of name: ServerName) -> CountryCode? {
        compiled.table.index(of: name.text.utf8.span).flatMap { compiled.servers[$0].state }
    }
}
