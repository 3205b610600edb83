// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Looks up what `networks` and the tiers' `network` name.
struct NetworkCompiler {
    let document: PolicyDocument
    let file: String
    let diagnostics: Diagnostics

    func compile() -> CompiledNetworks {
        let closed = document.networks.filter { !$0.isInternet }.sorted { $0.name < $1.name }
        let internet = document.networks.first(where: \.isInternet)
        if let beyond = closed.dropFirst(NetworkDefinition.maxCount).first {
            diagnostics.error(
                at: beyond.place, "`networks` names more than \(NetworkDefinition.maxCount) networks",
                todo: "name fewer")
        }
        let definitions = [internet] + closed.prefix(NetworkDefinition.maxCount).map { $0 }
        refuseSharing(closed)
        let names = [NetworkDefinition.internet] + definitions.compactMap(\.self).filter { !$0.isInternet }.map(\.name)
        let all = definitions.enumerated().map { index, definition in
            CompiledNetworks.Network(
                name: names[index], listener: definition?.listener, resolver: definition?.resolver, ca: definition?.ca,
                rule: definition.map { network in
                    RuleReference(id: "networks.\(network.name).servers", file: file, place: network.serversPlace)
                }, carriers: carriers(of: definition, index, names))
        }
        return CompiledNetworks(all: all, own: own(definitions))
    }

    private func carriers(of definition: NetworkDefinition?, _ index: Int, _ names: [String]) -> NetworkSet {
        var carriers = NetworkSet(network: index)
        for name in definition?.relayedOver ?? [] {
            guard let other = names.firstIndex(of: name.value) else {
                diagnostics.unknownNetwork(name, known: names)
                continue
            }
            if other == index {
                diagnostics.error(
                    at: name.place, "network \(quoted(name.value)) is relayed over itself",
                    todo: "remove it, events come over their own network anyway")
            }
            carriers.insert(NetworkSet(network: other))
        }
        return carriers
    }

    /// What two networks share, one could be reached by through the other.
    private func refuseSharing(_ networks: [NetworkDefinition]) {
        let kinds: [(String, KeyPath<NetworkDefinition, Located<String>?>)] = [
            ("listener", \.listener), ("resolver", \.resolver), ("ca", \.ca),
        ]
        for (kind, path) in kinds {
            var owners: [String: String] = [:]
            for network in networks {
                guard let written = network[keyPath: path] else { continue }
                if let other = owners.updateValue(network.name, forKey: written.value) {
                    diagnostics.error(
                        at: written.place,
                        "networks \(quoted(other)) and \(quoted(network.name)) have the same \(kind), "
                            + quoted(written.value), todo: "give each network its own")
                }
            }
        }
    }

    /// Ours are on the Internet unless a network names them; one that a network names is there only, unless `internet`
    /// names it too.
    private func own(_ definitions: [NetworkDefinition?]) -> [NetworkSet] {
        let ours = document.own?.servers ?? []
        var sets = [NetworkSet](repeating: [], count: ours.count)
        for (index, definition) in definitions.enumerated() {
            var seen: Set<ServerName> = []
            for server in definition?.servers ?? [] {
                if !seen.insert(server.value).inserted {
                    diagnostics.error(
                        at: server.place, "\(quoted(server.value.text)) stands there twice", todo: "remove one")
                }
                guard let place = ours.firstIndex(where: { $0.value == server.value }) else {
                    let near = nearestName(to: server.value.text, in: ours.map(\.value.text))
                    diagnostics.error(
                        at: server.place, "\(quoted(server.value.text)) is not one of the servers under `self`",
                        todo: near.map { "did you mean \(quoted($0))?" }
                            ?? "add it to `self.servers`, or remove it here")
                    continue
                }
                sets[place].insert(NetworkSet(network: index))
            }
        }
        for (place, set) in sets.enumerated() {
            if set.isEmpty { sets[place] = .internet }
            guard set.indices.count > 1 else { continue }
            let names = set.indices.map { $0 == 0 ? NetworkDefinition.internet : definitions[$0]?.name ?? "" }
            diagnostics.warning(
                at: ours[place].place,
                "\(quoted(ours[place].value.text)) is served on the networks \(quotedList(names, conjunction: "and"))",
                meanwhile: "its rooms can hold servers of all of them, and the homeserver carries what it knows across",
                todo: "give each network a homeserver of its own, or let `rooms.other_servers` keep them apart")
        }
        return sets
    }

    /// Gives each tier its network: its own, else that of the tier that it is like, else the Internet.
    func place(_ tiers: [CompiledTier], on networks: CompiledNetworks) -> [CompiledTier] {
        let definitions = Dictionary(
            document.tiers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var placed = tiers
        for (index, tier) in tiers.enumerated() {
            let own = definitions[tier.name]?.network
            let inherited = tier.base.flatMap { definitions[$0]?.network }
            guard let name = own ?? inherited else { continue }
            guard let network = networks.index(named: name.value) else {
                if own != nil { diagnostics.unknownNetwork(name, known: networks.all.map(\.name)) }
                continue
            }
            let owner = own == nil ? tier.base ?? tier.name : tier.name
            placed[index].network = network
            placed[index].networkRule = RuleReference(id: "tiers.\(owner).network", file: file, place: name.place)
        }
        checkDowngrades(placed, definitions)
        warnOfEmpty(networks, placed)
        return placed
    }

    /// A review that is overdue must not move a server to another network.
    private func checkDowngrades(_ tiers: [CompiledTier], _ definitions: [String: TierDefinition]) {
        for tier in tiers {
            guard let lower = tier.downgradeTo.map({ tiers[$0] }), !lower.isBlocked, lower.network != tier.network,
                let written = definitions[tier.name]?.downgradeTo
            else { continue }
            diagnostics.error(
                at: written.place,
                "`downgrade_to` of \(quoted(tier.name)) names \(quoted(lower.name)), which is of another network",
                todo: "name a tier of the same network")
        }
    }

    private func warnOfEmpty(_ networks: CompiledNetworks, _ tiers: [CompiledTier]) {
        for definition in document.networks where !definition.isInternet {
            guard let index = networks.index(named: definition.name), !tiers.contains(where: { $0.network == index })
            else { continue }
            diagnostics.warning(
                at: definition.place, "no tier is of network \(quoted(definition.name))",
                meanwhile: "nobody is let in over it",
                todo: "write `network: \(definition.name)` in a tier, or remove it")
        }
    }
}

extension Diagnostics {
    func unknownNetwork(_ name: Located<String>, known: [String]) {
        let near = nearestName(to: name.value, in: known)
        error(
            at: name.place, "unknown network \(quoted(name.value))",
            todo: near.map { "did you mean \(quoted($0))?" }
                ?? "add it to `networks`, or write \(oneOf(known.sorted()))")
    }
}
