// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Server discovery against the vectors", .enabled(if: Shared.isPresent))
struct DiscoveryVectorTests {
    @Test("asks what has to be asked and ends where the vectors end")
    func agrees() throws {
        let vectors = try Shared.vectors("discovery")
        #expect(vectors.count == 26)
        for vector in vectors {
            let id = try #require(vector["id"] as? String)
            let delegated = try (vector["well_known_m_server"] as? String).map { try ServerName($0) }
            let zone = try #require(vector["srv"] as? [String: [[Any]]])
            let name = try ServerName(try #require(vector["server_name"] as? String))
            var discovery = ServerDiscovery(of: name)
            var askedWellKnown = false
            while case .ask(let question) = discovery.step {
                switch question {
                case .wellKnown(let host):
                    #expect(host == name.host && !askedWellKnown, "\(id)")
                    askedWellKnown = true
                    discovery.wellKnownAnswered(delegated)
                case .srv(let owner):
                    discovery.srvAnswered(
                        try (zone[owner] ?? []).map { record in
                            SRVRecord(
                                port: UInt16(try #require(record[1] as? Int)),
                                target: try #require(record[0] as? String))
                        })
                }
            }
            #expect(askedWellKnown == vector["well_known_requested"] as? Bool, "\(id)")
            guard case .found(let location) = discovery.step else {
                Issue.record("\(id) ends with \(discovery.step)")
                continue
            }
            let dial = location.dial.map { dial -> String in
                switch dial {
                case .address(let text, let port), .host(let text, let port): "\(text) \(port)"
                }
            }
            let expected = try #require(vector["connect_to"] as? [[Any]])
            #expect(dial == expected.map { "\($0[0]) \($0[1])" }, "\(id)")
            #expect(location.hostHeader == vector["host_header"] as? String, "\(id)")
            #expect(location.serverNameIndication == vector["sni"] as? String, "\(id)")
            switch location.certificateName {
            case .dns(let text):
                #expect(text == vector["certificate_must_be_valid_for"] as? String, "\(id)")
                #expect(location.serverNameIndication != nil)
            case .ip(let text):
                #expect(text == vector["certificate_must_be_valid_for"] as? String, "\(id)")
                #expect(location.serverNameIndication == nil)
            }
        }
    }
}

@Suite("Server discovery: Server-Server API, Resolving server names")
struct ServerDiscoveryTests {
    static func afterWellKnown(_ delegated: String?) throws -> ServerDiscovery {
        var discovery = ServerDiscovery(of: try ServerName("alpha.example"))
        discovery.wellKnownAnswered(try delegated.map { try ServerName($0) })
        return discovery
    }

    @Test(
        "refuses names that a resolver may read as an address",
        arguments: ["127.1", "2130706433", "0x7f.0.0.1", "1.2.3.4.5", "a.example.1", "0x7f000001", "host.0X7F"])
    func addressLookalikes(name: String) throws {
        for suffix in ["", ":8448"] {
            let discovery = ServerDiscovery(of: try ServerName(name + suffix))
            #expect(discovery.step == .unavailable(.looksLikeAddress))
        }
        // As a delegate it is as if there were none.
        #expect(try Self.afterWellKnown(name).step == .ask(.srv(owner: "_matrix-fed._tcp.alpha.example")))
        var srv = try Self.afterWellKnown(nil)
        srv.srvAnswered([SRVRecord(port: 8448, target: name), SRVRecord(port: 8448, target: "other.example")])
        guard case .found(let location) = srv.step else {
            Issue.record("\(srv.step)")
            return
        }
        #expect(location.dial == [.host("other.example", port: 8448)])
    }

    @Test("takes a single record with the target `.` as the word that there is no server")
    func absent() throws {
        var discovery = try Self.afterWellKnown(nil)
        discovery.srvAnswered([SRVRecord(port: 0, target: ".")])
        #expect(discovery.step == .unavailable(.declaredAbsent))
    }

    @Test(
        "does not use targets that are literals, have ports or are no names",
        arguments: ["127.0.0.1", "[::1]", "a.example:1", "a b", "", "a_b.example", String(repeating: "a", count: 300)])
    func unusable(target: String) throws {
        var discovery = try Self.afterWellKnown(nil)
        discovery.srvAnswered([SRVRecord(port: 1, target: target), SRVRecord(port: 0, target: "b.example")])
        #expect(discovery.step == .unavailable(.noUsableRecord))
    }

    @Test("tries targets by priority, and all of one priority before the next")
    func order() throws {
        struct Seeded: RandomNumberGenerator {
            var state: UInt64
            mutating func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state ^ state >> 29
            }
        }
        let records = [
            SRVRecord(priority: 20, weight: 1, port: 3, target: "c.example."),
            SRVRecord(priority: 10, weight: 90, port: 1, target: "a.example"),
            SRVRecord(priority: 10, weight: 10, port: 2, target: "b.example"),
        ]
        var firsts: [ServerLocation.Dial: Int] = [:]
        for seed in 0..<400 {
            var generator = Seeded(state: UInt64(seed))
            var discovery = try Self.afterWellKnown(nil)
            discovery.srvAnswered(records, using: &generator)
            guard case .found(let location) = discovery.step else {
                Issue.record("seed \(seed): \(discovery.step)")
                return
            }
            #expect(location.dial.count == 3 && location.dial.last == .host("c.example", port: 3), "seed \(seed)")
            if let first = location.dial.first { firsts[first, default: 0] += 1 }
        }
        #expect((firsts[.host("a.example", port: 1)] ?? 0) > 300)
        #expect((firsts[.host("b.example", port: 2)] ?? 0) > 10)
    }

    @Test("ignores answers to questions that it did not ask")
    func strayAnswers() throws {
        var discovery = ServerDiscovery(of: try ServerName("alpha.example"))
        let before = discovery.step
        discovery.srvAnswered([SRVRecord(port: 1, target: "evil.example")])
        #expect(discovery.step == before)
        discovery = ServerDiscovery(of: try ServerName("alpha.example:8449"))
        let found = discovery.step
        discovery.wellKnownAnswered(try ServerName("evil.example"))
        #expect(discovery.step == found)
    }
}
