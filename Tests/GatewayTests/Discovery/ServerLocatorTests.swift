// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import MatrixFederation
import PolicyEngine
import TestKit
import Testing
import Transport

@Suite("Finding a server: Server-Server API, Resolving server names")
struct ServerLocatorTests {
    private let alpha: ServerName

    init() throws { alpha = try ServerName("alpha.example") }

    /// Alpha and its delegate have public addresses.
    private func network(_ change: (inout FakeNetwork.World) -> Void = { _ in }) -> FakeNetwork {
        FakeNetwork { world in
            world.addresses = ["alpha.example": ["9.9.9.1"], "fed.example": ["9.9.9.2"], "node.example": ["9.9.9.3"]]
            change(&world)
        }
    }

    @Test(
        "every discovery vector leads to its address, port, Host and certificate name", .enabled(if: Shared.isPresent))
    func vectors() async throws {
        for vector in try Shared.vectors("discovery") {
            let id = try #require(vector["id"] as? String)
            let name = try #require(vector["server_name"] as? String)
            let expected = try #require(vector["connect_to"] as? [[Any]])
            let srv = try #require(vector["srv"] as? [String: [[Any]]])
            let network = FakeNetwork { world in
                for (number, host) in vectorHosts.enumerated() { world.addresses[host] = ["9.9.9.\(number + 1)"] }
                world.addresses[name.split(separator: ":").first.map(String.init) ?? name] = ["9.9.8.8"]
                if let delegated = vector["well_known_m_server"] as? String { world.delegate(name, to: delegated) }
                world.services = srv.mapValues { records in
                    records.compactMap { record in
                        guard let target = record[0] as? String, let port = record[1] as? Int else { return nil }
                        return SRVRecord(port: UInt16(port), target: target)
                    }
                }
            }
            let rules = EgressRules(
                addresses: AddressRules(exceptions: ["192.0.2.0/24", "2001:db8::/32"].compactMap { IPNetwork($0) }),
                ports: Set(0...9_999), allowsIPLiterals: true)
            let route = try await network.locator(rules).route(to: ServerName(name))
            #expect(route.hostHeader == vector["host_header"] as? String, "\(id)")
            #expect(route.certificateName == vector["certificate_must_be_valid_for"] as? String, "\(id)")
            let dials = try expected.map { place in
                let host = try #require(place[0] as? String)
                let address = IPAddress(host) ?? network.world.addresses[host]?.first.flatMap { IPAddress($0) }
                return Dial(
                    address: try #require(address, "\(id) \(host)"), port: UInt16(try #require(place[1] as? Int)))
            }
            #expect(route.dials == dials, "\(id)")
            #expect(network.world.requests.isEmpty != (vector["well_known_requested"] as? Bool), "\(id)")
        }
    }

    private let vectorHosts = [
        "fed.example", "node.example", "new.example", "old.example", "chain.example", "other.example", "t.example",
    ]

    @Test(
        "AC-44 a delegation to an inner address is refused, as literal and by name",
        arguments: [
            "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.1.1", "::1", "fc00::1", "fe80::1",
            "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
        ])
    func innerDelegation(address: String) async throws {
        let inner = try #require(IPAddress(address))
        let literal = network { $0.delegate("alpha.example", to: address.contains(":") ? "[\(address)]" : address) }
        let byName = network { world in
            world.delegate("alpha.example", to: "fed.example")
            world.addresses["fed.example"] = [address]
        }
        for network in [literal, byName] {
            await #expect {
                _ = try await network.locator().route(to: alpha)
            } throws: { error in
                guard case .refusedAddress(_, let refused, _) = error as? DiscoveryFault else { return false }
                return refused == inner && (error as? DiscoveryFault)?.reason == .outSSRF
            }
        }
        // Positive control: the same road to a public address, and to this one where the operator says so.
        let control = network { $0.delegate("alpha.example", to: "fed.example") }
        #expect(try await control.locator().route(to: alpha).dials.map(\.address) == [IPAddress(v4: 0x0909_0902)])
        let exception = try #require(IPNetwork(inner.unmapped, prefix: inner.unmapped.width))
        let rules = EgressRules(addresses: AddressRules(exceptions: [exception]))
        #expect(try await byName.locator(rules).route(to: alpha).dials.map(\.address) == [inner])
    }

    @Test("AC-44 of several addresses only the public ones are used")
    func mixedAddresses() async throws {
        let network = network { $0.addresses["alpha.example"] = ["10.0.0.1", "9.9.9.9", "::1"] }
        #expect(try await network.locator().route(to: alpha).dials.map(\.address.description) == ["9.9.9.9"])
    }

    @Test(
        "AC-45 a delegation or SRV target that looks like an address is never resolved",
        arguments: ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "01.02.03.04", "256.1.1.1"])
    func lookalike(host: String) async throws {
        let network = network { world in
            world.delegate("alpha.example", to: "\(host):8448")
            world.services["_matrix-fed._tcp.alpha.example"] = [SRVRecord(port: 8448, target: host)]
            world.addresses[host] = ["9.9.9.9"]
        }
        _ = try? await network.locator().route(to: alpha)
        #expect(!network.world.lookups.contains(host))
        // Some are no server names at all, some look well-formed to the grammar: none is looked up.
        let rules = EgressRules(allowsIPLiterals: true)
        await #expect(throws: (any Error).self) {
            _ = try await network.locator(rules).route(to: ServerName("\(host):8448"))
        }
        #expect(!network.world.lookups.contains(host))
    }

    @Test("AC-46 a name is resolved once, and what is connected to is what was checked")
    func rebinding() async throws {
        let network = network()
        let locator = network.locator()
        let route = try await locator.route(to: alpha)
        #expect(
            network.world.lookups.filter { $0 == "alpha.example" }.count == 2, "one for well-known, one for the server")
        network.change { $0.addresses["alpha.example"] = ["127.0.0.1"] }
        #expect(route.dials == [Dial(address: IPAddress(v4: 0x0909_0901), port: 8448)])
        await #expect(throws: DiscoveryFault.self) { _ = try await locator.route(to: alpha) }
    }

    @Test("AC-47 odd ports are refused, by SRV, delegation and name", arguments: [22, 25, 80, 5432, 6379, 8008, 65535])
    func ports(port: UInt16) async throws {
        let bySRV = network {
            $0.services["_matrix-fed._tcp.alpha.example"] = [SRVRecord(port: port, target: "node.example")]
        }
        let byDelegation = network { $0.delegate("alpha.example", to: "node.example:\(port)") }
        for network in [bySRV, byDelegation] {
            await #expect(throws: DiscoveryFault.refusedPort(host: "node.example", port: port)) {
                _ = try await network.locator().route(to: alpha)
            }
            #expect(!network.world.lookups.contains("node.example"))
            // Positive control: the operator's own port.
            let rules = EgressRules(ports: [443, 8448, port])
            #expect(try await network.locator(rules).route(to: alpha).dials.map(\.port) == [port])
        }
        let named = try ServerName("alpha.example:\(port)")
        await #expect(throws: DiscoveryFault.refusedPort(host: "alpha.example", port: port)) {
            _ = try await network().locator().route(to: named)
        }
        #expect(DiscoveryFault.refusedPort(host: "", port: port).reason == .outPort)
    }

    @Test("AC-47 an SRV target that is an alias is refused; an alias elsewhere is allowed (positive control)")
    func alias() async throws {
        let network = network { world in
            world.services["_matrix-fed._tcp.alpha.example"] = [SRVRecord(port: 8448, target: "node.example")]
            world.aliases = ["node.example", "alpha.example"]
        }
        await #expect(throws: DiscoveryFault.alias(host: "node.example")) {
            _ = try await network.locator().route(to: alpha)
        }
        network.change { $0.services = [:] }
        #expect(try await network.locator().route(to: alpha).dials.count == 1)
    }

    @Test("AC-47 an SRV target with an inner address is refused, the next one is used")
    func innerService() async throws {
        let network = network { world in
            world.services["_matrix-fed._tcp.alpha.example"] = [
                SRVRecord(priority: 1, port: 8448, target: "inner.example"),
                SRVRecord(priority: 2, port: 443, target: "node.example"),
            ]
            world.addresses["inner.example"] = ["10.0.0.5"]
        }
        let route = try await network.locator().route(to: alpha)
        #expect(route.dials == [Dial(address: IPAddress(v4: 0x0909_0903), port: 443)])
        #expect(route.certificateName == "alpha.example")
        #expect(network.world.events.contains { if case .placeRefused = $0 { true } else { false } })
    }

    @Test("an SRV record with the target `.` says that there is no server")
    func absent() async throws {
        let network = network { $0.services["_matrix-fed._tcp.alpha.example"] = [SRVRecord(port: 0, target: ".")] }
        await #expect(throws: DiscoveryFault.declaredAbsent) { _ = try await network.locator().route(to: alpha) }
    }

    @Test("a route has few addresses, however many the zone has")
    func bounded() async throws {
        let network = network { world in
            world.services["_matrix-fed._tcp.alpha.example"] = (0..<200).map {
                SRVRecord(port: 8448, target: "n\($0).example")
            }
            for number in 0..<200 { world.addresses["n\(number).example"] = (1...100).map { "9.9.\(number).\($0)" } }
        }
        #expect(try await network.locator().route(to: alpha).dials.count == ServerLocator.maxDials)
        #expect(network.world.lookups.count <= 3 + ServerLocator.maxHosts)
    }

    @Test("AC-50 a changed delegation is reported with the old and the new name, once")
    func changed() async throws {
        let network = network { $0.delegate("alpha.example", to: "fed.example") }
        let locator = network.locator()
        _ = try await locator.route(to: alpha)
        network.change { world in
            world.delegate("alpha.example", to: "node.example")
            world.milliseconds += 49 * 3_600_000
        }
        _ = try await locator.route(to: alpha)
        let alarm = DiscoveryEvent.delegationChanged(server: alpha, old: "fed.example", new: "node.example")
        #expect(network.world.events == [alarm])
        _ = try await locator.route(to: alpha)
        #expect(network.world.events == [alarm])
        #expect(DiscoveryFault.delegationHeld(old: "", new: "", until: KeyFixtures.start).reason == .discoveryChanged)
    }

    @Test("AC-50 with a rest of 24 hours a new place is used only after it, and going back needs none")
    func held() async throws {
        let network = network { $0.delegate("alpha.example", to: "fed.example") }
        let locator = network.locator(hold: 24 * 3_600_000)
        _ = try await locator.route(to: alpha)
        network.change { world in
            world.delegate("alpha.example", to: "node.example")
            world.milliseconds += 49 * 3_600_000
        }
        for _ in 0..<2 {
            await #expect(throws: DiscoveryFault.self) { _ = try await locator.route(to: alpha) }
        }
        #expect(network.world.events.count == 1)
        network.change { $0.milliseconds += 24 * 3_600_000 }
        #expect(try await locator.route(to: alpha).hostHeader == "node.example")
    }

    @Test(
        "AC-51 a server named by an address is refused without a packet",
        arguments: ["9.9.9.9", "9.9.9.9:8448", "[2a00::1]", "[2a00::1]:443"])
    func literal(name: String) async throws {
        let network = network()
        let server = try ServerName(name)
        await #expect(throws: DiscoveryFault.ipLiteral) { _ = try await network.locator().route(to: server) }
        #expect(network.world.lookups.isEmpty && network.world.requests.isEmpty)
        #expect(DiscoveryFault.ipLiteral.reason == .originIPLiteral)
        // Positive control.
        let route = try await network.locator(EgressRules(allowsIPLiterals: true)).route(to: server)
        #expect(route.dials.count == 1)
        #expect(IPAddress(route.certificateName) == route.dials.first?.address)
    }
}
