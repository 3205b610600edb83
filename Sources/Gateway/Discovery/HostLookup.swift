// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import Transport

/// Turns a host into checked addresses. What it returns is what is connected to: nothing is resolved again.
package struct HostLookup: Sendable {
    package let resolver: any NameResolver
    package let rules: EgressRules

    package init(resolver: any NameResolver, rules: EgressRules) {
        self.resolver = resolver
        self.rules = rules
    }

    /// The addresses of `host` that may be connected to on `port`; never empty.
    ///
    /// - Parameter isService: whether an SRV record named the host, which must then be no alias.
    package func dials(
        to host: String, port: UInt16, isService: Bool = false
    ) async throws(DiscoveryFault) -> [Dial] {
        guard rules.ports.contains(port) else { throw .refusedPort(host: host, port: port) }
        if let literal = IPAddress(host) { return [try check(literal, host: host, port: port)] }
        guard !NumericHost.isLookalike(host) else { throw .lookalike }
        let resolved: ResolvedHost
        do {
            resolved = try await resolver.addresses(of: host)
        } catch {
            throw .unresolved(host: host, error)
        }
        if isService, resolved.isAlias { throw .alias(host: host) }
        var dials: [Dial] = []
        var refused: DiscoveryFault?
        for address in resolved.addresses {
            do {
                dials.append(try check(address, host: host, port: port))
            } catch {
                refused = refused ?? error
            }
        }
        if dials.isEmpty { throw refused ?? .unresolved(host: host, .none) }
        return dials
    }

    private func check(_ address: IPAddress, host: String, port: UInt16) throws(DiscoveryFault) -> Dial {
        if let refusal = rules.addresses.refusal(of: address) {
            throw .refusedAddress(host: host, address, refusal)
        }
        return Dial(address: address, port: port)
    }
}
