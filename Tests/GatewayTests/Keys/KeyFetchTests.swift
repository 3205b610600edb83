// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import NIOCore
import NIOPosix
import PolicyEngine
import Synchronization
import Testing
import Transport

@Suite("Fetching keys over TLS, on loopback")
struct KeyFetchTests {
    private let authority: CertificateAuthority
    private let group = MultiThreadedEventLoopGroup.singleton
    private let a1: KeyID
    private let path = OriginKeySource.target

    init() throws {
        authority = try CertificateAuthority(name: "test root")
        a1 = try KeyID("ed25519:a1")
    }

    private var identity: TLSIdentity {
        get throws { try authority.issue(CertificateRequest(dnsNames: ["alpha.test"])) }
    }

    private func fetcher(rules: EgressRules, roots: [UInt8]? = nil) throws -> TLSFetcher {
        var configuration = TLSClientConfiguration()
        configuration.roots = .pem(try roots ?? authority.pem())
        let context = try TLSClientContext(configuration)
        return TLSFetcher(group: group, rules: rules.addresses, context: { _ in context })
    }

    /// Loopback is an exception, and the server's port is the operator's own.
    private func rules(_ port: UInt16) throws -> EgressRules {
        let loopback = try #require(IPNetwork("127.0.0.0/8"))
        return EgressRules(addresses: AddressRules(exceptions: [loopback]), ports: [443, 8448, port])
    }

    private func source(
        _ rules: EgressRules, network: FakeNetwork, roots: [UInt8]? = nil
    ) throws -> OriginKeySource {
        let fetcher = try fetcher(rules: rules, roots: roots)
        let lookup = HostLookup(resolver: network, rules: rules)
        let locator = ServerLocator(
            lookup: lookup, wellKnown: WellKnownClient(lookup: lookup, fetching: fetcher),
            now: { KeyFixtures.start }, report: { _ in })
        return OriginKeySource(locator: locator, fetching: fetcher, now: { KeyFixtures.start })
    }

    private var network: FakeNetwork {
        FakeNetwork { $0.addresses = ["alpha.test": ["127.0.0.1"], "bravo.test": ["127.0.0.1"]] }
    }

    /// What fetching `name`'s keys from a server with `body` and `identity` comes to.
    private func outcome(
        _ body: (ServerName) throws -> [UInt8], as identity: TLSIdentity, host: String = "alpha.test",
        status: Int = 200,
        roots: [UInt8]? = nil
    ) async throws -> Result<ServerKeys, KeyFetchFault> {
        // The server's name has its port, which the document repeats: bind first, then write the document.
        let port = try await freePort()
        let name = try ServerName("\(host):\(port)")
        let answer = KeyServer.Answer(status: status, body: try body(name))
        let result = Mutex<Result<ServerKeys, KeyFetchFault>>(.failure(.stopped))
        try await KeyServer.serving([path: answer], as: identity, on: group, port: port) { server in
            let source = try source(rules(server.port), network: network, roots: roots)
            do throws(KeyFetchFault) {
                let keys = try await source.keys(of: name)
                result.withLock { $0 = .success(keys) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        return result.withLock { $0 }
    }

    /// A port that was free a moment ago.
    private func freePort() async throws -> UInt16 {
        let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        return UInt16(port)
    }

    private func good(_ name: ServerName) throws -> [UInt8] {
        try KeyFixtures.body([("ed25519:a1", 1)], of: name.text)
    }

    @Test("a good document over verified TLS gives the server's keys (positive control)")
    func good() async throws {
        let keys = try await outcome(good, as: identity).get()
        #expect(keys.key(a1, forRequestAt: KeyFixtures.start) == .valid(try KeyFixtures.key(1)))
    }

    @Test("AC-42 a certificate for another name, expired or of an unknown authority ends the fetch")
    func certificates() async throws {
        let stranger = try CertificateAuthority(name: "stranger")
        let expired = CertificateValidity(notBefore: 1_000_000, notAfter: 1_000_100)
        let identities = [
            try authority.issue(CertificateRequest(dnsNames: ["bravo.test"])),
            try authority.issue(CertificateRequest(dnsNames: ["alpha.test"], validity: expired)),
            try stranger.issue(CertificateRequest(dnsNames: ["alpha.test"])),
        ]
        for identity in identities {
            let result = try await outcome(good, as: identity)
            guard case .failure(.exchange(.tls)) = result else {
                Issue.record("\(result)")
                continue
            }
        }
    }

    @Test("AC-42 a revoked certificate ends the fetch")
    func revoked() async throws {
        let identity = try identity
        for (list, isGood) in [([], true), (identity.chain, false)] {
            let crl = try authority.revocationList(revoking: list)
            let result = try await outcome(good, as: identity, roots: authority.pem() + crl)
            switch result {
            case .success: #expect(isGood)
            case .failure(let fault): #expect(!isGood, "\(fault)")
            }
        }
    }

    @Test(
        "AC-20 a document that is oversized, for another server, unsigned, wrongly signed or has too many keys is not used"
    )
    func invalid() async throws {
        let identity = try identity
        let bodies: [(String, (ServerName) throws -> [UInt8])] = [
            ("oversized", { try KeyFixtures.body([("ed25519:a1", 1)], of: $0.text, padding: 65_536) }),
            ("other server", { _ in try KeyFixtures.body([("ed25519:a1", 1)], of: "bravo.test") }),
            ("without port", { _ in try KeyFixtures.body([("ed25519:a1", 1)], of: "alpha.test") }),
            (
                "many keys",
                { name in
                    try KeyFixtures.body((0..<65).map { ("ed25519:k\($0)", UInt8(1 + $0)) }, of: name.text)
                }
            ),
            (
                "unsigned",
                { name in
                    let text = String(decoding: try KeyFixtures.body([("ed25519:a1", 1)], of: name.text), as: UTF8.self)
                    return Array(text.replacing("signatures", with: "signature").utf8)
                }
            ),
            (
                "changed",
                { name in
                    let text = String(decoding: try KeyFixtures.body([("ed25519:a1", 1)], of: name.text), as: UTF8.self)
                    let end = KeyFixtures.start.milliseconds + KeyFixtures.day
                    return Array(text.replacing("\(end)", with: "\(end + 1)").utf8)
                }
            ),
            ("no JSON", { _ in Array("<html>".utf8) }),
            (
                "two members",
                { name in
                    Array("{\"server_name\":\"x\",".utf8)
                        + (try KeyFixtures.body([("ed25519:a1", 1)], of: name.text)).dropFirst()
                }
            ),
            ("empty", { _ in [] }),
        ]
        for (what, body) in bodies {
            switch try await outcome(body, as: identity) {
            case .success: Issue.record("\(what) was taken")
            case .failure(let fault): #expect(fault.reason == .keysResponseInvalid, "\(what): \(fault)")
            }
        }
        // Positive control: as many keys and bytes as are allowed.
        let most = try await outcome(
            { name in
                try KeyFixtures.body((0..<64).map { ("ed25519:k\($0)", UInt8(1 + $0)) }, of: name.text, padding: 40_000)
            }, as: identity)
        #expect(try most.get().current.count == 64)
    }

    @Test("AC-07 a document with the known leaked key is not used")
    func leaked() async throws {
        let result = try await outcome(
            { name in
                let text = String(decoding: try KeyFixtures.body([("ed25519:a1", 1)], of: name.text), as: UTF8.self)
                let leaked = "l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og"
                return Array(text.replacing(try KeyFixtures.key(1).base64, with: leaked).utf8)
            }, as: try identity)
        guard case .failure(.denylisted) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("an error status brings no keys", arguments: [201, 204, 302, 404, 500])
    func status(status: Int) async throws {
        let result = try await outcome({ _ in [] }, as: try identity, status: status)
        guard case .failure(.status(status)) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("AC-48 no Authorization is sent, to well-known or for keys, and the Host is the server's name")
    func noAuthorization() async throws {
        let answers = [
            WellKnownClient.path: KeyServer.Answer(body: Array(#"{"m.server":"alpha.test:8448"}"#.utf8)),
            path: KeyServer.Answer(status: 404),
        ]
        try await KeyServer.serving(answers, as: try identity, on: group) { server in
            let rules = try rules(server.port)
            let name = try ServerName("alpha.test:\(server.port)")
            let client = WellKnownClient(
                lookup: HostLookup(resolver: network, rules: rules), fetching: try fetcher(rules: rules))
            #expect(try await client.ask(name, now: KeyFixtures.start).delegated.text == "alpha.test:8448")
            _ = try? await source(rules, network: network).keys(of: name)
            #expect(server.requests.count == 2)
            for head in server.requests {
                #expect(!head.lowercased().contains("authorization") && !head.lowercased().contains("cookie"))
                #expect(head.contains("\r\nHost: \(name.text)\r\n"))
            }
        }
    }

    @Test("AC-48 a redirect to plain http gets no second request; one to https does (positive control)")
    func redirect() async throws {
        let answers = [
            WellKnownClient.path: KeyServer.Answer(status: 302, location: "/next"),
            "/next": KeyServer.Answer(status: 302, location: "http://alpha.test/plain"),
        ]
        try await KeyServer.serving(answers, as: try identity, on: group) { server in
            let rules = try rules(server.port)
            let client = WellKnownClient(
                lookup: HostLookup(resolver: network, rules: rules), fetching: try fetcher(rules: rules))
            await #expect {
                _ = try await client.ask(ServerName("alpha.test:\(server.port)"), now: KeyFixtures.start)
            } throws: { ($0 as? WellKnownFault)?.reason == .discoveryRedirect }
            #expect(server.requests.count == 2)
        }
    }

    @Test("AC-44 AC-46 without the exception the socket to loopback says nothing, even when the lookup let it pass")
    func socketCheck() async throws {
        try await KeyServer.serving([path: KeyServer.Answer()], as: try identity, on: group) { server in
            let request = FetchRequest(
                dial: Dial(address: IPAddress(v4: 0x7F00_0001), port: server.port), certificateName: "alpha.test",
                host: "alpha.test", target: path, trust: .federation, maxBodyBytes: 1_000, timeout: .seconds(10))
            let strict = try fetcher(rules: EgressRules())
            await #expect(throws: FetchFault.refusedAddress("127.0.0.1: loopback")) {
                _ = try await strict.get(request)
            }
            #expect(server.requests.isEmpty)
            // Positive control.
            #expect(try await fetcher(rules: rules(server.port)).get(request).status == 200)
        }
    }

    @Test("AC-49 an answer that never ends is given up")
    func hangs() async throws {
        try await KeyServer.serving([path: KeyServer.Answer(hangs: true)], as: try identity, on: group) { server in
            let request = FetchRequest(
                dial: Dial(address: IPAddress(v4: 0x7F00_0001), port: server.port), certificateName: "alpha.test",
                host: "alpha.test", target: path, trust: .federation, maxBodyBytes: 1_000, timeout: .milliseconds(300))
            let fetcher = try fetcher(rules: rules(server.port))
            await #expect(throws: FetchFault.timeout) { _ = try await fetcher.get(request) }
        }
    }

    @Test("nobody listening is unreachable")
    func unreachable() async throws {
        let port = try await freePort()
        let name = try ServerName("alpha.test:\(port)")
        let source = try source(rules(port), network: network)
        await #expect(throws: KeyFetchFault.exchange(.unreachable)) { _ = try await source.keys(of: name) }
    }

    @Test("the ring, asked by an event loop, fetches over the network and then knows the key")
    func ring() async throws {
        let port = try await freePort()
        let name = try ServerName("alpha.test:\(port)")
        let answer = KeyServer.Answer(body: try good(name))
        try await KeyServer.serving([path: answer], as: try identity, on: group, port: port) { server in
            let ring = KeyRing(
                source: try source(rules(port), network: network), now: { KeyFixtures.start }, report: { _ in })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await ring.run() }
                #expect(ring.lookup(name, a1, now: KeyFixtures.start) == .mustFetch)
                #expect(server.connections == 0)
                let loop = group.next()
                let promise = loop.makePromise(of: KeyRing.Outcome.self)
                ring.fetch(name, on: loop) { promise.succeed($0) }
                let outcome = try await promise.futureResult.get()
                #expect(outcome == .fetched)
                let key = try KeyFixtures.key(1)
                #expect(ring.lookup(name, a1, now: KeyFixtures.start) == .known(.valid(key)))
                #expect(server.connections == 1)
                tasks.cancelAll()
            }
        }
    }
}
