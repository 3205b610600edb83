// SPDX-License-Identifier: Apache-2.0

import Testing
import Transport

@Suite("Certificates of servers, in a handshake and outside one")
struct CertificateRefusalTests {
    /// One certificate shown to one client.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let identity: TLSIdentity
        let roots: TrustRoots
        var peer = TLSPeerName.dns("a.example")
        var pins: Set<SPKIHash> = []
        var time: Int64?
        let fault: CertificateFault?
    }

    static let cases: [Case] = (try? makeCases()) ?? []

    private static func makeCases() throws -> [Case] {
        let known = try Credentials.shared.get()
        let ca = known.authority
        let roots = known.roots
        let names = ["a.example", "*.w.example", "p*.part.example"]
        let good = try ca.issue(CertificateRequest(dnsNames: names, addresses: ["127.0.0.1", "2001:db8::1"]))
        let old = try ca.issue(CertificateRequest(dnsNames: ["a.example"], validity: .past))
        let early = try ca.issue(CertificateRequest(dnsNames: ["a.example"], validity: .future))
        let forClients = try ca.issue(CertificateRequest(dnsNames: ["a.example"], usage: .client))
        let noNames = try ca.issue(CertificateRequest(dnsNames: []))
        let stranger = try CertificateAuthority(name: "test root").issue(CertificateRequest(dnsNames: ["a.example"]))
        let below = try ca.subordinate(name: "intermediate")
        let deep = try below.issue(CertificateRequest(dnsNames: ["a.example"]))
        let rest = try deep.chain.dropFirst().reduce(into: [UInt8]()) { $0 += try $1.pem() }
        let cut = try TLSIdentity(certificates: deep.chain[0].pem(), key: deep.key.pem())
        let narrow = try CertificateAuthority(name: "narrow", permittedDomains: ["example"])
        let narrowRoots = TrustRoots.pem(try narrow.pem())
        let revoked = TrustRoots.pem(try ca.pem() + ca.revocationList(revoking: [good.chain[0]]))
        let listed = TrustRoots.pem(try ca.pem() + ca.revocationList(revoking: [old.chain[0]]))
        let stale = TrustRoots.pem(try ca.pem() + ca.revocationList(revoking: [], validity: .past))
        let pin = try #require(good.spki)
        let rootPin = try #require(ca.certificate.spki)
        let otherPin = try #require(deep.spki)

        return [
            Case(testDescription: "right name", identity: good, roots: roots, fault: nil),
            Case(
                testDescription: "name in capitals", identity: good, roots: roots, peer: .dns("A.EXAMPLE"), fault: nil),
            Case(testDescription: "wildcard", identity: good, roots: roots, peer: .dns("x.w.example"), fault: nil),
            Case(
                testDescription: "wildcard over two labels", identity: good, roots: roots, peer: .dns("x.y.w.example"),
                fault: .nameMismatch),
            Case(
                testDescription: "wildcard over none", identity: good, roots: roots, peer: .dns("w.example"),
                fault: .nameMismatch),
            Case(
                testDescription: "partial wildcard", identity: good, roots: roots, peer: .dns("px.part.example"),
                fault: .nameMismatch),
            Case(testDescription: "right IPv4", identity: good, roots: roots, peer: .ip("127.0.0.1"), fault: nil),
            Case(testDescription: "right IPv6", identity: good, roots: roots, peer: .ip("2001:db8:0::1"), fault: nil),
            Case(
                testDescription: "wrong IPv4", identity: good, roots: roots, peer: .ip("127.0.0.2"),
                fault: .nameMismatch),
            Case(
                testDescription: "AC-42 wrong name", identity: good, roots: roots, peer: .dns("b.example"),
                fault: .nameMismatch),
            Case(
                testDescription: "name only as common name", identity: noNames, roots: roots, peer: .dns("unnamed"),
                fault: .nameMismatch),
            Case(testDescription: "AC-42 expired", identity: old, roots: roots, fault: .expired),
            Case(testDescription: "not yet valid", identity: early, roots: roots, fault: .notYetValid),
            Case(
                testDescription: "expired by the given time", identity: good, roots: roots, time: 4_000_000_000,
                fault: .expired),
            Case(
                testDescription: "AC-42 unknown authority of the same name", identity: stranger, roots: roots,
                fault: .unknownAuthority),
            Case(testDescription: "for clients", identity: forClients, roots: roots, fault: .purpose),
            Case(testDescription: "intermediate shown", identity: deep, roots: roots, fault: nil),
            Case(testDescription: "intermediate missing", identity: cut, roots: roots, fault: .unknownAuthority),
            Case(
                testDescription: "intermediate instead of a root", identity: cut, roots: .pem(rest),
                fault: .unknownAuthority),
            Case(
                testDescription: "within name constraints",
                identity: try narrow.issue(CertificateRequest(dnsNames: ["a.example"])), roots: narrowRoots, fault: nil),
            Case(
                testDescription: "outside name constraints",
                identity: try narrow.issue(CertificateRequest(dnsNames: ["a.example", "a.test"])), roots: narrowRoots,
                fault: .authorityConstraint),
            Case(
                testDescription: "address under name constraints",
                identity: try narrow.issue(CertificateRequest(dnsNames: ["a.example"], addresses: ["127.0.0.1"])),
                roots: narrowRoots, fault: .authorityConstraint),
            Case(testDescription: "AC-42 revoked", identity: good, roots: revoked, fault: .revoked),
            Case(testDescription: "another revoked", identity: good, roots: listed, fault: nil),
            Case(testDescription: "stale list", identity: good, roots: stale, fault: .revocationUnknown),
            Case(testDescription: "pinned", identity: good, roots: roots, pins: [otherPin, pin], fault: nil),
            Case(
                testDescription: "AC-42 other key pinned", identity: good, roots: roots, pins: [otherPin],
                fault: .pinMismatch),
            Case(
                testDescription: "authority pinned, which does not count", identity: good, roots: roots,
                pins: [rootPin], fault: .pinMismatch),
            Case(
                testDescription: "pinned but expired", identity: old, roots: roots,
                pins: [try #require(old.spki)], fault: .expired),
        ]
    }

    @Test("the cases can be made")
    func made() throws { #expect(try Self.makeCases().count == Self.cases.count) }

    @Test("the client refuses in the handshake, and the server learns nothing but the alert", arguments: cases)
    func handshake(_ test: Case) throws {
        let credentials = try Credentials.shared.get()
        let server = try TLSServerContext(
            {
                // Found by a name no client asks for; everything else is the default's.
                var configuration = TLSServerConfiguration(identities: [test.identity])
                configuration.absentSNI = .accept
                return configuration
            }())
        let client = try credentials.client {
            $0.roots = test.roots
            $0.verificationTime = test.time
            $0.identity = credentials.a
        }
        // The server would refuse names it does not have; the address, which is not sent, stands for any of them.
        guard case .ip = test.peer else {
            guard test.identity.dnsNames.contains(test.peer.text.lowercased()) || test.peer.text == "x.w.example" else {
                return
            }
            return try check(EmbeddedTLS(server, client, peer: test.peer, pins: test.pins), test)
        }
        try check(EmbeddedTLS(server, client, peer: test.peer, pins: test.pins), test)
    }

    private func check(_ pair: EmbeddedTLS, _ test: Case) throws {
        pair.pump()
        if let fault = test.fault {
            #expect(pair.clientSide.failures == [.certificate(fault)])
            #expect(pair.clientSide.facts == nil && pair.serverSide.facts == nil)
            guard case .peerAlert? = pair.serverSide.failures.first else {
                Issue.record("\(pair.serverSide.failures)")
                return
            }
        } else {
            #expect(pair.clientSide.failures == [])
            #expect(pair.clientSide.facts?.peerCertificateSPKI == test.identity.spki)
        }
    }

    @Test("verification outside a handshake says the same", arguments: cases)
    func verification(_ test: Case) throws {
        let chain = try test.identity.chain.reduce(into: [UInt8]()) { $0 += try $1.pem() }
        let fault = try CertificateVerification.fault(
            chain: chain, roots: test.roots, peer: test.peer, time: test.time, pins: test.pins)
        #expect(fault == test.fault)
    }

    @Test(
        "what is no host name or address is never verified against",
        arguments: ["", ".", ".example", "a..b", "a.example.", "a b", "a\u{0}.example", "*.example", "ä.example"])
    func noName(text: String) throws {
        let credentials = try Credentials.shared.get()
        let client = try credentials.client()
        #expect(throws: OpenSSLFault.self) { try TLSClientHandler(client, peer: .dns(text)) }
        #expect(throws: OpenSSLFault.self) { try TLSClientHandler(client, peer: .ip(text)) }
        #expect(throws: OpenSSLFault.self) {
            try CertificateVerification.fault(
                chain: credentials.a.chain[0].pem(), roots: credentials.roots, peer: .dns(text))
        }
    }

    @Test("a chain that cannot be read is a fault, roots that cannot be read are an error")
    func unreadable() throws {
        let credentials = try Credentials.shared.get()
        let broken = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        for chain in [[], Array("hello".utf8), broken] {
            #expect(
                try CertificateVerification.fault(chain: chain, roots: credentials.roots, peer: .dns("a.example"))
                    == .unreadable)
        }
        for roots in [TrustRoots.pem([]), .pem(broken), .file(path: "/nonexistent")] {
            #expect(throws: OpenSSLFault.self) {
                try CertificateVerification.fault(
                    chain: credentials.a.chain[0].pem(), roots: roots, peer: .dns("a.example"))
            }
        }
    }

    @Test("hosts of URLs are told apart: addresses, also in brackets, and names")
    func hosts() {
        #expect(TLSPeerName(host: "127.0.0.1") == .ip("127.0.0.1"))
        #expect(TLSPeerName(host: "[::1]") == .ip("::1"))
        #expect(TLSPeerName(host: "::1") == .ip("::1"))
        #expect(TLSPeerName(host: "a.example") == .dns("a.example"))
        #expect(TLSPeerName(host: "127.0.0.1.example") == .dns("127.0.0.1.example"))
        #expect(TLSPeerName(host: "1.2.3") == .dns("1.2.3"))
    }
}
