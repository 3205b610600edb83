// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

extension Policy {
    /// A closed network, by what the node's configuration must have for it.
    package struct NetworkNeeds: Sendable {
        package let name: String
        package let listener: Need
        package let resolver: Need
        package let trust: Need
    }

    /// A name that the node's configuration must know.
    package struct Need: Hashable, Sendable {
        package let name: String
        /// `file:line:column`.
        package let place: String
    }

    /// The closed networks, sorted by name.
    package var closedNetworks: [NetworkNeeds] {
        compiled.networks.all.compactMap { network in
            guard let listener = network.listener, let resolver = network.resolver, let ca = network.ca else {
                return nil
            }
            func need(_ written: Located<String>) -> Need {
                Need(name: written.value, place: "\(compiled.file):\(written.place.line):\(written.place.column)")
            }
            return NetworkNeeds(
                name: network.name, listener: need(listener), resolver: need(resolver), trust: need(ca))
        }
    }

    /// The network whose requests come over a listener, for records; `nil` where the policy has no closed networks, or
    /// gives the listener to none.
    package func networkName(ofListener listener: String?) -> String? {
        guard compiled.networks.areWritten else { return nil }
        return compiled.networks.index(ofListener: listener).map { compiled.networks.all[$0].name }
    }

    /// Decides by the listener whether one of ours is served there at all.
    package func decideNetwork(ofOwn own: ServerName, on listener: String?) -> Verdict {
        let place = compiled.ownServers.firstIndex { $0 == own } ?? 0
        guard let network = compiled.networks.index(ofListener: listener),
            compiled.networks.own[place].contains(NetworkSet(network: network))
        else { return .refused(.networkMismatch, by: compiled.networks.rule(ofOwn: place)) }
        return .allowed(by: nil)
    }

    /// Decides by the listener whether the peer is where it should be.
    package func decideNetwork(of peer: Peer, on listener: String?) -> Verdict {
        decide(peer, on: compiled.networks.index(ofListener: listener))
    }

    /// The same by the network's name.
    package func decideNetwork(of peer: Peer, over network: String) -> Verdict {
        decide(peer, on: compiled.networks.index(named: network))
    }

    private func decide(_ peer: Peer, on network: Int?) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let network, peer.networks.contains(NetworkSet(network: network)),
            compiled.networks.own[peer.own].contains(NetworkSet(network: network))
        else {
            return .refused(
                .networkMismatch,
                by: compiled.tiers[peer.tier.index].networkRule ?? compiled.networks.rule(ofOwn: peer.own))
        }
        return .allowed(by: nil)
    }

    func networks(of name: ServerName) -> NetworkSet {
        compiled.table.index(of: name.text.utf8.span).map(compiled.networks(ofServer:)) ?? compiled.networksOfUnlisted
    }

    /// Who delivers adds nothing: an author of another network is refused unless that network's `relayed_over` names this one.
    func refusal(ofAuthorOn networks: NetworkSet, listed server: Int?, broughtBy peer: Peer) -> Verdict? {
        guard !compiled.networks.mayCarry(networks, over: peer.networks) else { return nil }
        let tier = compiled.tiers[server.map { compiled.standings[$0].tier } ?? compiled.unknownTier]
        return .refused(.networkAuthor, by: tier.networkRule ?? compiled.tiers[peer.tier.index].networkRule)
    }

    /// How a server may be reached. Total: what is not listed is reached as its tier's network says.
    package func access(to server: ServerName) -> ServerAccess {
        var access = ServerAccess()
        let index = compiled.table.index(of: server.text.utf8.span)
        let tier = compiled.tiers[index.map { compiled.standings[$0].tier } ?? compiled.unknownTier]
        let network = compiled.networks.all[tier.network]
        if let resolver = network.resolver, let trust = network.ca {
            access.network = ServerAccess.Network(name: network.name, resolver: resolver.value, trust: trust.value)
        }
        guard let connect = index.flatMap({ compiled.servers[$0].connect }) else { return access }
        access.place = connect.host.map { host in
            DialledPlace(
                host: host.value, port: connect.port ?? 8448, isAddress: AddressBits(host.value) != nil)
        }
        access.pins = Set(connect.pins)
        access.ranges = connect.ranges
        return access
    }

    /// Why what a connection shows is not the peer's: a certificate of another network, name or key, or another place.
    func refusal(
        ofCertificate channel: ChannelFacts, _ demand: WrittenRule<CertificateDemand>?, of peer: Peer
    ) -> Verdict? {
        let connect =
            compiled.hasConnects
            ? compiled.table.index(of: peer.server.text.utf8.span).flatMap { compiled.servers[$0].connect } : nil
        if let connect, connect.checksSource,
            !connect.ranges.contains(where: { range in channel.source.map(range.contains) ?? false })
        {
            return .refused(.networkChanged, by: connect.rangesRule)
        }
        let isRequired = demand?.value == .required
        if isRequired {
            let ca = compiled.networks.all[compiled.tiers[peer.tier.index].network].ca?.value
            guard channel.hasClientCertificate, ca == nil || ca == channel.trust else {
                return .refused(.tlsClientCertificate, by: demand?.rule)
            }
            let hosts = [peer.server.host, connect?.host?.value].compactMap(\.self)
            guard hosts.contains(where: { CertificateNames.hold($0, in: channel.certificateNames) }) else {
                return .refused(.channelMismatch, by: demand?.rule)
            }
        }
        if let connect, !connect.pins.isEmpty, channel.hasClientCertificate {
            guard let key = channel.certificateKey, connect.pins.contains(key) else {
                return .refused(.tlsPinMismatch, by: connect.pinsRule)
            }
        }
        return nil
    }
}

extension CompiledPolicy {
    /// One of ours is where `networks` says, any other server where its tier is.
    func networks(ofServer index: Int) -> NetworkSet {
        guard servers[index].isOwn, let own = ownServers.firstIndex(of: servers[index].name) else {
            return NetworkSet(network: tiers[standings[index].tier].network)
        }
        return networks.own[own]
    }

    var networksOfUnlisted: NetworkSet { NetworkSet(network: tiers[unknownTier].network) }

    /// Refuses servers that share no network with the one of ours that they ask.
    func refusal(of networks: NetworkSet, tier: Int, at own: Int) -> Verdict? {
        guard self.networks.own.indices.contains(own), networks.isDisjoint(with: self.networks.own[own]) else {
            return nil
        }
        return .refused(.networkMismatch, by: tiers[tier].networkRule ?? self.networks.rule(ofOwn: own))
    }
}
