// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import NIOCore
import NIOPosix
import PolicyEngine
import Synchronization
import Testing

@testable import Gateway
@testable import Transport

@Suite("Keys over several networks")
struct NetworkKeyTests {
    private let network = ServerAccess.Network(name: "closed", resolver: "closed-dns", trust: "closed-root")
    private let group = MultiThreadedEventLoopGroup.singleton

    private func source(_ world: FakeNetwork) -> OriginKeySource {
        OriginKeySource(locator: world.locator(), fetching: world, now: { KeyFixtures.start })
    }

    private func world(_ key: UInt8) throws -> FakeNetwork {
        let body = try KeyFixtures.body([("ed25519:a1", key)], of: "alpha.example")
        return FakeNetwork { world in
            world.addresses = ["alpha.example": ["203.0.114.7"], "fed.alpha.example": ["203.0.114.8"]]
            for host in ["alpha.example", "alpha.example:8448", "fed.alpha.example:443"] {
                world.web["https://\(host)/_matrix/key/v2/server"] = .success(FetchAnswer(status: 200, body: body))
            }
        }
    }

    @Test("nothing of a closed network's server is asked of the Internet, and nothing the other way round")
    func separation() async throws {
        let (internet, closed) = (try world(1), try world(2))
        let source = NetworkKeySource(internet: self.source(internet), closed: [network: self.source(closed)])
        let name = try ServerName("alpha.example")
        let a1 = try KeyID("ed25519:a1")
        let inside = try await source.keys(of: name, along: access { $0.network = network })
        #expect(inside.key(a1, forRequestAt: KeyFixtures.start) == .valid(try KeyFixtures.key(2)))
        #expect(internet.world.lookups.isEmpty && internet.world.requests.isEmpty)
        let before = closed.world.lookups
        let outside = try await source.keys(of: name, along: ServerAccess())
        #expect(outside.key(a1, forRequestAt: KeyFixtures.start) == .valid(try KeyFixtures.key(1)))
        #expect(closed.world.lookups == before && !before.isEmpty)
    }

    @Test("a network that is not there, or of another resolver or other authorities, is no reason to ask elsewhere")
    func missing() async throws {
        let (internet, closed) = (try world(1), try world(2))
        let source = NetworkKeySource(internet: self.source(internet), closed: [network: self.source(closed)])
        let name = try ServerName("alpha.example")
        for other in [
            ServerAccess.Network(name: "other", resolver: "closed-dns", trust: "closed-root"),
            ServerAccess.Network(name: "closed", resolver: "other-dns", trust: "closed-root"),
            ServerAccess.Network(name: "closed", resolver: "closed-dns", trust: "other-root"),
        ] {
            await #expect(throws: KeyFetchFault.discovery(.noNetwork(other.name))) {
                try await source.keys(of: name, along: access { $0.network = other })
            }
        }
        #expect(internet.world.lookups.isEmpty && closed.world.lookups.isEmpty)
    }

    @Test("a written place is dialled instead of what the server publishes; the certificate carries the place's name")
    func fixedPlace() async throws {
        let world = try world(1)
        world.change { $0.delegate("alpha.example", to: "evil.example") }
        let name = try ServerName("alpha.example")
        let place = DialledPlace(host: "fed.alpha.example", port: 443, isAddress: false)
        _ = try await source(world).keys(of: name, along: access { $0.place = place })
        #expect(world.world.lookups == ["fed.alpha.example"])
        let request = try #require(world.world.requests.first)
        #expect(request.certificateName == "fed.alpha.example" && request.host == "fed.alpha.example:443")
        let address = DialledPlace(host: "203.0.114.9", port: 9443, isAddress: true)
        _ = try await source(world).keys(of: name, along: access { $0.place = address })
        #expect(world.world.lookups == ["fed.alpha.example"])
        let direct = try #require(world.world.requests.last)
        #expect(direct.certificateName == "alpha.example" && direct.dial.port == 9443)
    }

    @Test("a written place inside is not dialled all the same (AC-44)")
    func insidePlace() async throws {
        let world = try world(1)
        let place = DialledPlace(host: "169.254.169.254", port: 80, isAddress: true)
        await #expect(throws: KeyFetchFault.self) {
            try await source(world).keys(of: try ServerName("alpha.example"), along: access { $0.place = place })
        }
        #expect(world.world.requests.isEmpty)
    }

    @Test("AC-111 an address outside of the written ranges is not dialled and raises an alarm; inside it is")
    func ranges() async throws {
        let name = try ServerName("alpha.example")
        for isFixed in [false, true] {
            let world = try world(1)
            let way = try access { access in
                access.ranges = [try #require(AddressRange("192.0.2.0/24"))]
                if isFixed { access.place = DialledPlace(host: "fed.alpha.example", port: 443, isAddress: false) }
            }
            do throws(KeyFetchFault) {
                _ = try await source(world).keys(of: name, along: way)
                Issue.record("fetched")
            } catch {
                #expect(error.reason == .networkChanged && error.reason.isAlarm)
            }
            #expect(world.world.requests.allSatisfy { $0.target != OriginKeySource.target })
            #expect(
                world.world.events.contains { event in
                    if case .placeRefused(_, .outside) = event { true } else { false }
                })
        }
        let world = try world(1)
        let way = try access { $0.ranges = [try #require(AddressRange("203.0.114.0/24"))] }
        _ = try await source(world).keys(of: name, along: way)
    }

    private func access(_ change: (inout ServerAccess) throws -> Void) rethrows -> ServerAccess {
        var access = ServerAccess()
        try change(&access)
        return access
    }

    /// Keys fetched from a server on loopback with `identity`, by a source that trusts `roots`.
    private func fetch(
        as identity: TLSIdentity, trusting roots: [UInt8], pins: Set<Digest> = []
    ) async throws -> KeyFetchFault? {
        let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(try #require(channel.localAddress?.port))
        try await channel.close()
        let name = try ServerName("alpha.test:\(port)")
        let answer = KeyServer.Answer(body: try KeyFixtures.body([("ed25519:a1", 1)], of: name.text))
        let fault = Mutex<KeyFetchFault?>(nil)
        try await KeyServer.serving([OriginKeySource.target: answer], as: identity, on: group, port: port) { _ in
            var configuration = TLSClientConfiguration()
            configuration.roots = .pem(roots)
            let context = try TLSClientContext(configuration)
            let loopback = try #require(IPNetwork("127.0.0.0/8"))
            let source = OriginKeySource(
                group: group, resolver: FakeNetwork { $0.addresses = ["alpha.test": ["127.0.0.1"]] },
                rules: EgressRules(addresses: AddressRules(exceptions: [loopback]), ports: [port]),
                context: { _ in context }, now: { KeyFixtures.start }, report: { _ in })
            do throws(KeyFetchFault) {
                _ = try await source.keys(of: name, along: access { $0.pins = pins })
            } catch {
                fault.withLock { $0 = error }
            }
        }
        return fault.withLock { $0 }
    }

    @Test(
        "AC-42 a server must have a certificate of its network's authorities, and with a pinned key where one is pinned"
    )
    func certificates() async throws {
        let (closed, web) = (try CertificateAuthority(name: "closed"), try CertificateAuthority(name: "web"))
        let mine = try closed.issue(CertificateRequest(dnsNames: ["alpha.test"]))
        let foreign = try web.issue(CertificateRequest(dnsNames: ["alpha.test"]))
        #expect(try await fetch(as: mine, trusting: closed.pem()) == nil)
        for (identity, roots) in [(foreign, try closed.pem()), (mine, try web.pem())] {
            guard case .exchange(.tls) = try await fetch(as: identity, trusting: roots) else {
                Issue.record("trusted")
                continue
            }
        }
        let bytes = try #require(mine.spki).bytes
        let digest = Digest(bytes.span)
        let pin = try #require(digest)
        #expect(try await fetch(as: mine, trusting: closed.pem(), pins: [pin]) == nil)
        let other = try closed.issue(CertificateRequest(dnsNames: ["alpha.test"]))
        let fault = try await fetch(as: other, trusting: closed.pem(), pins: [pin])
        #expect(fault == .exchange(.pinMismatch) && fault?.reason == .tlsPinMismatch)
        // A pin does not stand in for the authority or the name.
        guard case .exchange(.tls) = try await fetch(as: mine, trusting: web.pem(), pins: [pin]) else {
            Issue.record("a pin replaced the authority")
            return
        }
    }

    @Test("what was being fetched while the way changed does not count, and later fetches go the new way")
    func rerouted() async throws {
        let source = FakeKeySource()
        source.answer(.success(try KeyFixtures.document([("ed25519:k1", 1)], of: "friend.example")))
        source.hold()
        let ring = KeyRing(source: source, now: { KeyFixtures.start }, report: { _ in })
        let fetching = Task { await ring.run() }
        let open = try TestPolicy.inForce(try NetworkPolicy.text().replacing("network: closed, ", with: ""))
        ring.usePins(of: open.policy)
        let name = try ServerName("friend.example")
        async let outcome = ring.fetch(name)
        while source.heldCount == 0 { await Task.yield() }
        ring.usePins(of: try TestPolicy.inForce(try NetworkPolicy.text()).policy)
        source.release()
        #expect(await outcome == .failed(.rerouted))
        #expect(
            ring.lookup(name, try KeyID("ed25519:k1"), now: KeyFixtures.start) != .known(.valid(try KeyFixtures.key(1)))
        )
        fetching.cancel()
    }

    @Test("a range of the policy is read as the same range of addresses where connections are made")
    func sameRanges() throws {
        for text in [
            "0.0.0.0/0", "10.0.0.0/8", "192.0.2.1", "192.0.2.0/24", "255.255.255.255/32", "::/0", "2001:db8::/32",
            "::1",
            "1:2:3:4:5:6:7:8/128", "fe80::/10", "2001:DB8::/33",
        ] {
            let range = try #require(AddressRange(text), "\(text)")
            let network = try #require(IPNetwork(text), "\(text)")
            #expect(range.address.bits == network.base.bits && range.prefix == network.prefix, "\(text)")
        }
        for text in [
            "", "/", "10.0.0.0/", "10.0.0.0/08", "10.0.0.1/8", "10.0.0/8", "10.0.0.0/33", "010.0.0.0/8", "::/129",
            ":::", "1::2::3",
            "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "example.org", "10.0.0.0/8/8", "+10.0.0.0/8",
            "10.0.0.0/+8",
        ] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }
}
