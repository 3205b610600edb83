// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import NIOPosix
internal import Transport

/// Puts together what fetches other servers' keys: resolver, rules of egress, TLS, discovery.
enum OriginKeys {
    static func source(
        _ settings: FederationSettings, _ group: MultiThreadedEventLoopGroup, _ threads: NIOThreadPool, _ logger: Logger
    ) throws -> OriginKeySource {
        let rules = EgressRules(
            addresses: AddressRules(exceptions: try settings.allowedAddresses.map(network)),
            ports: Set(settings.allowedPorts.map { UInt16(clamping: $0) }),
            allowsIPLiterals: settings.allowsIPLiterals)
        let context = try tlsContext(settings)
        let fetching = TLSFetcher(group: group, rules: rules.addresses) { _ in context }
        let lookup = HostLookup(resolver: SystemResolver(threads: threads, loop: group.next()), rules: rules)
        let locator = ServerLocator(
            lookup: lookup, wellKnown: WellKnownClient(lookup: lookup, fetching: fetching),
            now: { WallClock.system.now }, report: { $0.report(to: logger) })
        return OriginKeySource(locator: locator, fetching: fetching, now: { WallClock.system.now })
    }

    private static func network(_ text: String) throws -> IPNetwork {
        guard let network = IPNetwork(text) else {
            throw StartFailure(
                description: "`\(text)` in `allow_addresses` is no address range; the gateway does not start; "
                    + "write it like `10.20.0.0/16`")
        }
        return network
    }

    private static func tlsContext(_ settings: FederationSettings) throws -> TLSClientContext {
        do {
            var tls = TLSClientConfiguration()
            if let file = settings.rootsFile { tls.roots = .pem(try FileBytes.read(file, limit: 1 << 20)) }
            return try TLSClientContext(tls)
        } catch {
            throw StartFailure(
                description:
                    "\(settings.rootsFile ?? "the system's authorities"): \(error); the gateway does not start; "
                    + "check `federation.roots`")
        }
    }
}
