// SPDX-License-Identifier: Apache-2.0

import Testing
import Transport

@Suite("Private certificate authority")
struct CertificateAuthorityTests {
    @Test("it is the same after it was kept as text, and so is what it issues")
    func kept() throws {
        let made = try CertificateAuthority(name: "kept")
        let again = try CertificateAuthority(certificates: made.pem(), key: made.keyPEM())
        let leaf = try again.issue(CertificateRequest(dnsNames: ["a.example"], addresses: ["::1"]))
        let chain = try leaf.certificatePEM()
        let read = try TLSIdentity(certificates: chain, key: leaf.keyPEM())
        #expect(read.spki == leaf.spki)
        #expect(read.dnsNames == ["a.example"])
        for peer in [TLSPeerName.dns("a.example"), .ip("::1")] {
            #expect(try CertificateVerification.fault(chain: chain, roots: .pem(made.pem()), peer: peer) == nil)
        }
    }

    @Test("each certificate has a key of its own")
    func keys() throws {
        let authority = try CertificateAuthority(name: "keys")
        let request = CertificateRequest(dnsNames: ["a.example"])
        #expect(try authority.issue(request).spki != authority.issue(request).spki)
    }

    @Test("a context refuses a key of another certificate, no identity, and one that can never be asked for")
    func contexts() throws {
        let authority = try CertificateAuthority(name: "contexts")
        let one = try authority.issue(CertificateRequest(dnsNames: ["a.example"]))
        let other = try authority.issue(CertificateRequest(dnsNames: ["a.example"]))
        let nameless = try authority.issue(CertificateRequest(dnsNames: [], addresses: ["127.0.0.1"]))
        let mixed = try TLSIdentity(certificates: one.certificatePEM(), key: other.keyPEM())
        for identities in [[mixed], [], [nameless]] {
            #expect(throws: OpenSSLFault.self) {
                try TLSServerContext(TLSServerConfiguration(identities: identities))
            }
        }
        var accepting = TLSServerConfiguration(identities: [nameless])
        accepting.absentSNI = .accept
        _ = try TLSServerContext(accepting)
    }

    @Test("keys and certificates that cannot be read are errors and ask nobody for a password")
    func unreadable() throws {
        let authority = try CertificateAuthority(name: "unreadable")
        let leaf = try authority.issue(CertificateRequest(dnsNames: ["a.example"]))
        let encrypted = Array(
            """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBAgICAgICAgICAgICAg
            -----END ENCRYPTED PRIVATE KEY-----
            """.utf8)
        for key in [[], Array("key".utf8), encrypted] {
            #expect(throws: OpenSSLFault.self) { try TLSIdentity(certificates: leaf.certificatePEM(), key: key) }
        }
        #expect(throws: OpenSSLFault.self) { try TLSIdentity(certificates: [], key: leaf.keyPEM()) }
    }
}
