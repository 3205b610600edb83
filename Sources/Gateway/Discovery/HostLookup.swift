// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import Transport

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
    /// - Parameters:
    ///   - isService: whether an SRV record named the host, which must then be no alias.
    ///   - isWritten: whether the policy and no peer names the port.
    ///   - ranges: the addresses have to be within one of these; empty: within any.
    package func dials(
        to host: String, port: UInt16, isService: Bool = false, isWritten: Bool = false, within ranges: [IPNetwork] = []
    ) async throws(DiscoveryFault) -> [Dial] {
        guard isWritten || rules.ports.contains(port) else { throw .refusedPort(host: host, port: port) }
        if let literal = IPAddress(host) { return [try check(literal, host: host, port: port, ranges)] }
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
                dials.append(try check(address, host: host, port: port, ranges))
            } catch {
                refused = refused ?? error
            }
        }
        if dials.isEmpty { throw refused ?? .unresolved(host: host, .none) }
        return dials
    }

    private func check(
        _ address: IPAddress, host: String, port: UInt16, _ ranges: [IPNetwork]
    ) throws(DiscoveryFault) -> Dial {
        let isWithin = ranges.isEmpty || ranges.contains { $0.contains(address.unmapped) }
        guard isWithin else { throw .outside(host: host, address) }
        if let refusal = rules.addresses.refusal(of: address) {
            throw .refusedAddress(host: host, address, refusal)
        }
        return Dial(address: address, port: port)
    }
}
