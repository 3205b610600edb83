// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import NIOCore
import Synchronization
import Transport

/// Names, SRV records and web answers from tables, and a list of what was asked. No socket, no clock.
final class FakeNetwork: NameResolver, Fetching {
    struct World: Sendable {
        var addresses: [String: [String]] = [:]
        var aliases: Set<String> = []
        var services: [String: [SRVRecord]] = [:]
        /// By `https://host[:port]/path`.
        var web: [String: Result<FetchAnswer, FetchFault>] = [:]
        var milliseconds = KeyFixtures.start.milliseconds
        var monotonic: Int64 = 0
        /// How much time each fetch takes.
        var fetchSeconds: Int64 = 0

        var lookups: [String] = []
        var requests: [FetchRequest] = []
        var events: [DiscoveryEvent] = []
    }

    private let state: Mutex<World>

    init(_ change: (inout World) -> Void = { _ in }) {
        var world = World()
        change(&world)
        state = Mutex(world)
    }

    var world: World { state.withLock { $0 } }

    func change(_ body: (inout World) -> Void) { state.withLock { body(&$0) } }

    func addresses(of host: String) async throws(ResolutionFault) -> ResolvedHost {
        let (texts, isAlias) = state.withLock { world in
            world.lookups.append(host)
            return (world.addresses[host], world.aliases.contains(host))
        }
        guard let texts else { throw .none }
        return ResolvedHost(addresses: texts.compactMap { IPAddress($0) }, isAlias: isAlias)
    }

    func services(_ name: String) async throws(ResolutionFault) -> [SRVRecord] {
        state.withLock { world in
            world.lookups.append(name)
            return world.services[name] ?? []
        }
    }

    func get(_ request: FetchRequest) async throws(FetchFault) -> FetchAnswer {
        let answer = state.withLock { world in
            world.requests.append(request)
            world.monotonic += world.fetchSeconds * 1_000_000_000
            return world.web["https://\(request.host)\(request.target)"]
        }
        return try (answer ?? .failure(.unreachable)).get()
    }

    func locator(_ rules: EgressRules = EgressRules(), hold: Int64 = 0) -> ServerLocator {
        let lookup = HostLookup(resolver: self, rules: rules)
        return ServerLocator(
            lookup: lookup, wellKnown: wellKnown(rules), hold: hold,
            now: { Timestamp(milliseconds: self.world.milliseconds) },
            report: { event in self.change { $0.events.append(event) } })
    }

    func wellKnown(_ rules: EgressRules = EgressRules()) -> WellKnownClient {
        WellKnownClient(
            lookup: HostLookup(resolver: self, rules: rules), fetching: self,
            monotonic: { NIODeadline.uptimeNanoseconds(UInt64(self.world.monotonic)) })
    }
}

extension FetchAnswer {
    static func delegation(_ server: String, _ fields: [(name: String, value: String)] = []) -> FetchAnswer {
        FetchAnswer(status: 200, fields: fields, body: Array(#"{"m.server":"\#(server)"}"#.utf8))
    }

    static func redirect(_ location: String, status: Int = 302) -> FetchAnswer {
        FetchAnswer(status: status, fields: [("location", location)])
    }
}

extension FakeNetwork.World {
    mutating func delegate(_ host: String, to server: String) {
        web["https://\(host)/.well-known/matrix/server"] = .success(.delegation(server))
    }
}
