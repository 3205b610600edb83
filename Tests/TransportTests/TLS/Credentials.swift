// SPDX-License-Identifier: Apache-2.0

import Transport

/// An authority and what it made, once for all tests of a run.
struct Credentials: Sendable {
    let authority: CertificateAuthority
    let roots: TrustRoots
    /// `a.example`, P-256.
    let a: TLSIdentity
    /// `a.example`, RSA.
    let aRSA: TLSIdentity
    /// `b.example`, `*.wild.example` and 127.0.0.1.
    let b: TLSIdentity

    static let shared = Result { try Credentials() }

    private init() throws {
        authority = try CertificateAuthority(name: "test root")
        roots = .pem(try authority.pem())
        a = try authority.issue(CertificateRequest(dnsNames: ["a.example"]))
        aRSA = try authority.issue(CertificateRequest(dnsNames: ["a.example"], key: .rsa2048))
        b = try authority.issue(
            CertificateRequest(dnsNames: ["b.example", "*.wild.example"], addresses: ["127.0.0.1", "::1"]))
    }

    func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TLSServerContext {
        var configuration = TLSServerConfiguration(identities: [a, b])
        change(&configuration)
        return try TLSServerContext(configuration)
    }

    func client(_ change: (inout TLSClientConfiguration) -> Void = { _ in }) throws -> TLSClientContext {
        var configuration = TLSClientConfiguration()
        configuration.roots = roots
        change(&configuration)
        return try TLSClientContext(configuration)
    }
}
