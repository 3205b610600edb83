// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine
internal import Synchronization
internal import Transport

/// Finds the way to a server: performs what `ServerDiscovery` asks for, within the rules, and remembers well-known answers.
///
/// Bounded in time by its parts: one well-known question (`WellKnownClient.timeout`), two SRV lookups, and the
/// addresses of at most `maxHosts` hosts.
package final class ServerLocator: Sendable {
    /// SRV targets that are looked up.
    package static let maxHosts = 4
    /// Addresses that a route has at most.
    package static let maxDials = 8

    private struct State {
        var wellKnown = WellKnownCache()
        var places: DelegationMemory
    }

    private let lookup: HostLookup
    private let wellKnown: WellKnownClient
    private let now: @Sendable () -> Timestamp
    private let report: @Sendable (DiscoveryEvent) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - hold: milliseconds that a changed delegation rests before it is used; 0 only reports it.
    ///   - report: called from any thread.
    package init(
        lookup: HostLookup, wellKnown: WellKnownClient, hold: Int64 = 0, now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        self.lookup = lookup
        self.wellKnown = wellKnown
        self.now = now
        self.report = report
        state = Mutex(State(places: DelegationMemory(hold: hold)))
    }

    /// - Parameter access: what the policy says of the way; the network is the one that this locator is made for.
    package func route(
        to server: ServerName, along access: ServerAccess = ServerAccess()
    ) async throws(DiscoveryFault) -> ServerRoute {
        let ranges = try Self.ranges(access)
        if let place = access.place { return try await route(to: server, at: place, within: ranges) }
        if server.isIPLiteral, !lookup.rules.allowsIPLiterals { throw .ipLiteral }
        var discovery = ServerDiscovery(of: server)
        var isService = false
        while true {
            switch discovery.step {
            case .ask(.wellKnown(let host)):
                discovery.wellKnownAnswered(await delegation(of: host))
            case .ask(.srv(let owner)):
                let records = (try? await lookup.resolver.services(owner)) ?? []
                isService = !records.isEmpty
                discovery.srvAnswered(records)
            case .unavailable(.looksLikeAddress):
                throw .lookalike
            case .unavailable(.declaredAbsent):
                throw .declaredAbsent
            case .unavailable(.noUsableRecord):
                throw .noUsableRecord
            case .found(let location):
                try notice(server, at: location.hostHeader)
                return try await route(server, location, isService: isService, within: ranges)
            }
        }
    }

    /// What the well-known of `host` says, from memory or asked for now; `nil` when it says nothing.
    private func delegation(of host: String) async -> ServerName? {
        let last: ServerName?
        switch state.withLock({ $0.wellKnown.lookUp(host, now: now()) }) {
        case .fresh(let delegated): return delegated
        case .refresh(let delegated): last = delegated
        case .ask(let before): last = before
        }
        guard let name = try? ServerName(host) else { return nil }
        do {
            let answer = try await wellKnown.ask(name, now: now())
            state.withLock { $0.wellKnown.answered(host, answer.delegated, keepFor: answer.seconds, now: now()) }
            return answer.delegated
        } catch {
            state.withLock { $0.wellKnown.failed(host, now: now()) }
            report(.wellKnownUnused(host: host, because: error))
            return last
        }
    }

    private func notice(_ server: ServerName, at name: String) throws(DiscoveryFault) {
        let now = now()
        switch state.withLock({ $0.places.observe(server, at: name, now: now) }) {
        case .first, .unchanged: return
        case .changed(let old, let until):
            report(.delegationChanged(server: server, old: old, new: name))
            if now < until { throw .delegationHeld(old: old, new: name, until: until) }
        case .held(let old, let until): throw .delegationHeld(old: old, new: name, until: until)
        }
    }

    /// A range that cannot be compared with would let everything through.
    private static func ranges(_ access: ServerAccess) throws(DiscoveryFault) -> [IPNetwork] {
        let ranges = access.ranges.compactMap { IPNetwork($0.text) }
        guard ranges.count == access.ranges.count else { throw .noUsableRecord }
        return ranges
    }

    /// The way that the policy fixes: nothing that the server publishes is asked. A host with a name is a delegation, an
    /// address is only where to find the server itself.
    private func route(
        to server: ServerName, at place: DialledPlace, within ranges: [IPNetwork]
    ) async throws(DiscoveryFault) -> ServerRoute {
        let dials: [Dial]
        do {
            dials = try await lookup.dials(to: place.host, port: place.port, isWritten: true, within: ranges)
        } catch {
            report(.placeRefused(server: server, because: error))
            throw error
        }
        return ServerRoute(
            dials: Array(dials.prefix(ServerLocator.maxDials)),
            hostHeader: place.isAddress ? server.text : "\(place.host):\(place.port)",
            certificateName: place.isAddress ? server.bareHost : place.host)
    }

    private func route(
        _ server: ServerName, _ location: ServerLocation, isService: Bool, within ranges: [IPNetwork]
    ) async throws(DiscoveryFault) -> ServerRoute {
        var dials: [Dial] = []
        var fault: DiscoveryFault?
        for place in location.dial.prefix(ServerLocator.maxHosts) {
            do {
                switch place {
                case .address(let text, let port): dials += try await lookup.dials(to: text, port: port, within: ranges)
                case .host(let host, let port):
                    dials += try await lookup.dials(to: host, port: port, isService: isService, within: ranges)
                }
            } catch {
                report(.placeRefused(server: server, because: error))
                fault = fault ?? error
            }
        }
        guard !dials.isEmpty else { throw fault ?? .noUsableRecord }
        let certificateName =
            switch location.certificateName {
            case .dns(let name), .ip(let name): name
            }
        return ServerRoute(
            dials: Array(dials.prefix(ServerLocator.maxDials)), hostHeader: location.hostHeader,
            certificateName: certificateName)
    }
}
