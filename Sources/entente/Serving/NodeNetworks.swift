// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import NIOPosix
internal import PolicyEngine
internal import Transport

/// A policy's closed networks on a node: what the one names and the other has.
struct NodeNetworks {
    let policy: Policy
    let configuration: Configuration

    /// Everything that the policy names and the configuration lacks, four parts and both places a line.
    func faults(meanwhile: String) -> [String] {
        let parts = configuration.networks
        let listeners = Set(configuration.listeners.compactMap(\.name))
        return policy.closedNetworks.flatMap { network -> [String] in
            var faults: [String] = []
            func want(_ need: Policy.Need, _ key: String, in known: some Collection<String>, at place: String) {
                guard !known.contains(need.name) else { return }
                let what = "\(need.place): network \(quoted(network.name)) has the \(key) \(quoted(need.name))"
                let todo = known.isEmpty ? "define it there" : "define it there, or name \(quotedList(known.sorted()))"
                faults.append("\(what), which \(place) does not define; \(meanwhile); \(todo)")
            }
            want(network.listener, "listener", in: listeners, at: parts.listenersPlace)
            want(network.resolver, "resolver", in: parts.resolvers.keys, at: parts.resolversPlace)
            want(network.trust, "ca", in: parts.trustStores.keys, at: parts.trustStoresPlace)
            return faults
        }
    }

    /// Listeners that no network of the policy has: nothing is served there.
    var warnings: [String] {
        let bound = Set(policy.closedNetworks.map(\.listener.name))
        return configuration.listeners.compactMap { listener in
            guard let name = listener.name, !bound.contains(name) else { return nil }
            return "\(configuration.networks.listenersPlace): listener \(quoted(name)) is of no network of the policy; "
                + "every request that comes over it is refused; give it to one under `networks`, or take its name away"
        }
    }

    /// What a listener makes connections from, with the authorities that the policy gives it.
    func tlsContext(of listener: ListenerSettings) throws -> TLSServerContext {
        let network = policy.closedNetworks.first { $0.listener.name == listener.name }
        guard let trust = network?.trust.name, let file = configuration.networks.trustStores[trust] else {
            return try listener.tlsContext(trust: nil)
        }
        return try listener.tlsContext(trust: (trust, file))
    }

    /// Whom to ask for keys on each closed network: its own resolver, rules, authorities and memory.
    func sources(
        _ group: MultiThreadedEventLoopGroup, _ threads: NIOThreadPool, _ logger: Logger
    ) throws -> [ServerAccess.Network: OriginKeySource] {
        var sources: [ServerAccess.Network: OriginKeySource] = [:]
        for network in policy.closedNetworks {
            guard let resolver = configuration.networks.resolvers[network.resolver.name],
                let file = configuration.networks.trustStores[network.trust.name]
            else { continue }
            let rules = EgressRules(
                addresses: AddressRules(exceptions: resolver.allowedAddresses), ports: resolver.allowedPorts)
            let context = try OriginKeys.tlsContext(file, key: "trust_stores.\(network.trust.name)")
            sources[
                ServerAccess.Network(name: network.name, resolver: network.resolver.name, trust: network.trust.name)] =
                OriginKeySource(
                    group: group,
                    resolver: SystemResolver(threads: threads, loop: group.next(), servers: resolver.servers),
                    rules: rules, context: { _ in context }, now: { WallClock.system.now },
                    report: { $0.report(to: logger) })
        }
        return sources
    }
}
