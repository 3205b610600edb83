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
        let context = try tlsContext(settings.rootsFile, key: "federation.roots")
        return OriginKeySource(
            group: group, resolver: SystemResolver(threads: threads, loop: group.next()), rules: rules,
            context: { _ in context }, now: { WallClock.system.now }, report: { $0.report(to: logger) })
    }

    private static func network(_ text: String) throws -> IPNetwork {
        guard let network = IPNetwork(text) else {
            throw StartFailure(
                description: "`\(text)` in `allow_addresses` is no address range; the gateway does not start; "
                    + "write it like `10.20.0.0/16`")
        }
        return network
    }

    /// - Parameters:
    ///   - file: of authorities; `nil`: the system's.
    ///   - key: where the configuration names it.
    static func tlsContext(_ file: String?, key: String) throws -> TLSClientContext {
        do {
            var tls = TLSClientConfiguration()
            if let file { tls.roots = .pem(try FileBytes.read(file, limit: 1 << 20)) }
            return try TLSClientContext(tls)
        } catch {
            throw StartFailure(
                description:
                    "\(file ?? "the system's authorities"): \(error); they are not used; check `\(key)`")
        }
    }
}
