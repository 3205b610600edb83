// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import Testing

@testable import Transport

@Suite("Client certificates, at the whole gateway")
struct ClientCertificateTests {
    private static let authority = Result { try CertificateAuthority(name: "closed root") }
    private static let stranger = Result { try CertificateAuthority(name: "other root") }

    private func running(
        friend: String = "", trust: String? = "closed-root", tier: String = ", client_certificate: required",
        _ body: (GatewayUnderTest) async throws -> Void
    ) async throws {
        let authority = try Self.authority.get()
        let identity = try authority.issue(CertificateRequest(dnsNames: ["home.example"]))
        try await GatewayUnderTest.running {
            $0.names = ["home.example", "second.example"]
            $0.policy = try NetworkPolicy.text("", tier, friend: friend)
            $0.listener = "closed-if"
            $0.acceptsAbsentServerName = false
            var tls = TLSServerConfiguration(identities: [identity])
            tls.clientAuthentication = .optional(.pem(try authority.pem()))
            tls.clientTrust = trust
            $0.tls = tls
        } _: {
            try await body($0)
        }
    }

    private func status(_ gateway: GatewayUnderTest, showing identity: TLSIdentity?) async throws -> Int {
        var client = TLSClientConfiguration()
        client.roots = .pem(try Self.authority.get().pem())
        client.identity = identity
        return try await gateway.ask(
            try TestPeer.friend.transaction(), over: try TLSClientContext(client), as: .dns("home.example")
        ).status
    }

    private func identity(_ names: String...) throws -> TLSIdentity {
        try Self.authority.get().issue(CertificateRequest(dnsNames: names))
    }

    private func lastReason(_ gateway: GatewayUnderTest) async throws -> String? {
        try await gateway.records().last?.reason
    }

    @Test(
        "AC-16 a certificate of another name than the origin's is refused before anything is fetched; of its own it passes"
    )
    func names() async throws {
        try await running { gateway in
            for other in ["limited.example", "friend.example.org", "home.example"] {
                #expect(try await status(gateway, showing: identity(other)) == 403)
                let record = try #require(try await gateway.records().last)
                #expect(record.reason == "auth.channel_mismatch" && record.claimed == "friend.example")
                #expect(record.text.contains(#""peer_spki""#))
            }
            #expect(try await status(gateway, showing: nil) == 403)
            #expect(try await lastReason(gateway) == "tls.client_certificate")
            #expect(gateway.fetched.isEmpty)
            #expect(try await status(gateway, showing: identity("friend.example")) == 200)
        }
    }

    @Test("a certificate of other authorities does not finish the handshake")
    func authorities() async throws {
        try await running { gateway in
            let foreign = try Self.stranger.get().issue(CertificateRequest(dnsNames: ["friend.example"]))
            await #expect(throws: (any Error).self) { try await status(gateway, showing: foreign) }
            #expect(gateway.homeserver.requests.isEmpty)
        }
    }

    @Test("a connection that was judged by other authorities than the network's is refused")
    func otherTrust() async throws {
        for trust in [nil, "web-root"] {
            try await running(trust: trust) { gateway in
                let refused = try await status(gateway, showing: identity("friend.example"))
                #expect(refused == 403)
                let reason = try await lastReason(gateway)
                #expect(reason == "tls.client_certificate")
            }
        }
    }

    @Test("a certificate with another key than the pinned one is refused, with the pinned one it passes")
    func pins() async throws {
        let pinned = try identity("friend.example")
        let pin = Base64.encode(try #require(pinned.spki).bytes)
        try await running(friend: ", connect: { spki: [sha256/\(pin)] }") { gateway in
            let refused = try await status(gateway, showing: identity("friend.example"))
            #expect(refused == 403)
            #expect(try await lastReason(gateway) == "tls.pin_mismatch")
            #expect(try await status(gateway, showing: pinned) == 200)
        }
    }

    @Test("AC-111 a request from outside of the written ranges is refused where the policy asks for that")
    func source() async throws {
        for (range, expected) in [("192.0.2.0/24", 403), ("127.0.0.0/8", 200)] {
            let friend = ", connect: { cidrs: [\(range)], check_source: true }"
            try await running(friend: friend) { gateway in
                #expect(try await status(gateway, showing: identity("friend.example")) == expected)
                let record = try #require(try await gateway.records().last)
                if expected == 403 { #expect(record.reason == "discovery.network_changed") }
            }
        }
    }
}
