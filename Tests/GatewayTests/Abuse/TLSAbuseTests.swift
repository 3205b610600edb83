// SPDX-License-Identifier: Apache-2.0

import Audit
import Gateway
import TestKit
import Testing

@testable import Transport

@Suite("Abuse of TLS, at the whole gateway")
struct TLSAbuseTests {
    private static let authority = Result { try CertificateAuthority(name: "test root") }
    private static let names = ["home.example", "second.example"]

    private func client() throws -> TLSClientContext {
        var configuration = TLSClientConfiguration()
        configuration.roots = .pem(try Self.authority.get().pem())
        return try TLSClientContext(configuration)
    }

    /// One certificate for both names, so that only the gateway tells them apart.
    private func running(
        acceptsAbsentServerName: Bool = false, singleRefusals: Int = .max,
        _ body: (GatewayUnderTest) async throws -> Void
    ) async throws {
        let identity = try Self.authority.get().issue(
            CertificateRequest(dnsNames: Self.names, addresses: ["127.0.0.1"]))
        try await GatewayUnderTest.running {
            $0.names = Self.names
            $0.acceptsAbsentServerName = acceptsAbsentServerName
            $0.settings = { $0.singleRefusals = singleRefusals }
            var tls = TLSServerConfiguration(identities: [identity])
            tls.absentSNI = acceptsAbsentServerName ? .accept : .refuse
            $0.tls = tls
        } _: { gateway in
            try await body(gateway)
        }
    }

    @Test("AC-17 a session made under one served name is not resumed under another; under its own it is")
    func resumption() async throws {
        try await running { gateway in
            let client = try client()
            let home = try TestPeer.friend.transaction()
            let second = try TestPeer.friend.transaction(to: "second.example")
            let first = try await gateway.ask(home, over: client, as: .dns("home.example"))
            #expect(first.status == 200 && !first.facts.isResumed)
            let again = try await gateway.ask(home, over: client, as: .dns("home.example"))
            #expect(again.status == 200 && again.facts.isResumed)
            // As a hostile client would: the session of one name under the other.
            let session = try #require(client.sessions.take(for: .dns("home.example"), pins: [], time: nil))
            client.sessions.keep(session, for: .dns("second.example"))
            let crossed = try await gateway.ask(second, over: client, as: .dns("second.example"))
            #expect(crossed.status == 200 && !crossed.facts.isResumed)
            // A resumed session does not carry its name over either.
            let fronted = try await gateway.ask(second, over: client, as: .dns("home.example"))
            #expect(fronted.status == 421)
            #expect(gateway.homeservers.map(\.requests.count) == [2, 1])
        }
    }

    @Test("AC-28 the Host is of the homeserver that the TLS server name means, or the request is misdirected")
    func fronting() async throws {
        try await running { gateway in
            let client = try client()
            for (index, name) in Self.names.enumerated() {
                for host in [name, name + ":8448", name + ":443"] {
                    let request = try TestPeer.friend.transaction(to: name).with { $0.set("Host", host) }
                    #expect(try await gateway.ask(request, over: client, as: .dns(name)).status == 200)
                }
                #expect(gateway.homeservers[index].requests.count == 3)
                for host in [Self.names[1 - index], "127.0.0.1", "third.example", name + ":80", name.uppercased()] {
                    let request = try TestPeer.friend.transaction(to: name).with { $0.set("Host", host) }
                    let answer = try await gateway.ask(request, over: client, as: .dns(name))
                    #expect(answer.status == 421 && answer.text.contains(#""errcode":"M_UNKNOWN""#))
                    let record = try #require(try await gateway.records().last)
                    #expect(record.decision == "refuse" && record.reason == "tls.sni_host_mismatch")
                    #expect(record.status == 421 && record.claimed == nil)
                    #expect(record.text.contains(#""version":"TLSv1.3""#))
                }
            }
            #expect(gateway.homeservers.map(\.requests.count) == [3, 3])
            #expect(try await gateway.records().count == 16)
        }
    }

    /// The half of AC-29 that concerns the way in; the way out is not the gateway's yet.
    @Test(
        "AC-29 the TLS server name, Host and the signed destination name one homeserver, and nobody is dialled for others"
    )
    func inboundFronting() async throws {
        try await running { gateway in
            let client = try client()
            for (index, name) in Self.names.enumerated() {
                let other = Self.names[1 - index]
                let fronted = try TestPeer.friend.transaction(to: other).with { $0.set("Host", name) }
                let answer = try await gateway.ask(fronted, over: client, as: .dns(name))
                #expect(answer.status == 401 && answer.text.contains(#""errcode":"M_UNAUTHORIZED""#))
                #expect(try await gateway.records().last?.reason == "auth.destination_mismatch")
                #expect(gateway.homeservers.map(\.requests.count) == [index, index])
                for name in Self.names {
                    let agreed = try TestPeer.friend.transaction(to: name)
                    #expect(try await gateway.ask(agreed, over: client, as: .dns(name)).status == 200)
                }
            }
            #expect(gateway.homeservers.map(\.requests.count) == [2, 2])
            let tunnel = WireRequest("CONNECT", "\(Self.names[1]):443", host: Self.names[0])
            #expect(try await gateway.ask(tunnel, over: client, as: .dns(Self.names[0])).status == 405)
            #expect(gateway.homeservers.map(\.requests.count) == [2, 2])
        }
    }

    @Test("AC-28 without a TLS server name, or with one that is not served, there is no handshake unless configured")
    func absentName() async throws {
        let request = try TestPeer.friend.transaction()
        try await running { gateway in
            let client = try client()
            for name in [TLSPeerName.ip("127.0.0.1"), .dns("third.example")] {
                await #expect(throws: HTTPClientError.self) { try await gateway.ask(request, over: client, as: name) }
                #expect(try await gateway.until { try await gateway.records().last?.reason == "tls.refused" })
            }
            #expect(try await gateway.records().map(\.decision) == ["refuse", "refuse"])
            #expect(gateway.homeserver.requests.isEmpty)
        }
        try await running(acceptsAbsentServerName: true) { gateway in
            let answer = try await gateway.ask(request, over: try client(), as: .ip("127.0.0.1"))
            #expect(answer.status == 200 && gateway.homeserver.requests.count == 1)
        }
    }

    @Test("AC-88 a flood of handshakes that fail is counted exactly, and one that succeeds is served meanwhile")
    func flood() async throws {
        try await running(singleRefusals: 2) { gateway in
            for _ in 0..<7 {
                let peer = try gateway.connect()
                try await peer.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                #expect(try await peer.isClosedByPeer())
            }
            let answer = try await gateway.ask(
                try TestPeer.friend.transaction(), over: try client(), as: .dns("home.example"))
            #expect(answer.status == 200)
            try await gateway.gateway.recordRefusalSums(all: true)
            try await gateway.untilRecorded()
            let records = try TrailRecord.all(in: gateway.directory).filter { $0.reason == "tls.refused" }
            #expect(records.map(\.kind).sorted() == ["audit.aggregated", "request", "request"])
            #expect(records.contains { $0.text.contains(#""count":5,"decision":"refuse""#) })
        }
    }

    @Test("AC-41 a handshake of an old version, and no handshake at all, are refused and recorded")
    func oldVersions() async throws {
        try await running { gateway in
            // A ClientHello of TLS 1.1: version, random, no session, two suites, no compression, the server name.
            let name = Array("home.example".utf8)
            let count = UInt8(name.count)
            let extensions: [UInt8] = [0, 0, 0, count + 5, 0, count + 3, 0, 0, count] + name
            let suites: [UInt8] = [0, 4, 0xC0, 0x13, 0, 0x2F, 1, 0]
            let hello = [3, 2] + [UInt8](repeating: 7, count: 32) + [0] + suites + [0, count + 9] + extensions
            let message: [UInt8] = [1, 0, 0, UInt8(hello.count)] + hello
            let old = [0x16, 3, 1, 0, UInt8(message.count)] + message
            for (index, bytes) in [old, try TestPeer.friend.transaction().bytes].enumerated() {
                let peer = try gateway.connect()
                try await peer.send(bytes)
                #expect(try await gateway.until { try await gateway.records().count == index + 1 })
                let record = try #require(try await gateway.records().last)
                #expect(record.decision == "refuse" && record.reason == "tls.refused")
                #expect(record.explain?.isEmpty == false)
                try await peer.disconnect()
            }
            #expect(gateway.homeserver.requests.isEmpty)
            let answer = try await gateway.ask(
                try TestPeer.friend.transaction(), over: try client(), as: .dns("home.example"))
            #expect(answer.status == 200)
        }
    }
}
