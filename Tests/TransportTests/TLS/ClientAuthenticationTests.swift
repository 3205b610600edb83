// SPDX-License-Identifier: Apache-2.0

import Testing
import Transport

@Suite("TLS client certificates")
struct ClientAuthenticationTests {
    let credentials: Credentials
    let member: TLSIdentity
    let stranger: TLSIdentity

    init() throws {
        credentials = try Credentials.shared.get()
        member = try credentials.authority.issue(CertificateRequest(dnsNames: ["member.example"], usage: .client))
        stranger = try CertificateAuthority(name: "other root").issue(CertificateRequest(dnsNames: ["member.example"]))
    }

    private func handshake(
        _ authentication: TLSServerConfiguration.ClientAuthentication, _ identity: TLSIdentity?
    ) throws -> EmbeddedTLS {
        let pair = try EmbeddedTLS(
            credentials.server { $0.clientAuthentication = authentication },
            credentials.client { $0.identity = identity })
        pair.pump()
        return pair
    }

    @Test("one from the roots is accepted and its key told, required or optional")
    func accepted() throws {
        for authentication in [
            TLSServerConfiguration.ClientAuthentication.required(credentials.roots), .optional(credentials.roots),
        ] {
            let pair = try handshake(authentication, member)
            #expect(pair.serverSide.facts?.peerCertificateSPKI == member.spki)
        }
    }

    @Test("one that was not asked for is not sent")
    func notAsked() throws {
        let pair = try handshake(.none, member)
        #expect(pair.serverSide.facts != nil)
        #expect(pair.serverSide.facts?.peerCertificateSPKI == nil)
    }

    @Test("none is refused where one is required, and served where it is optional")
    func absent() throws {
        let refused = try handshake(.required(credentials.roots), nil)
        #expect(refused.serverSide.failures == [.certificateMissing])
        #expect(refused.serverSide.facts == nil)
        #expect(refused.clientSide.failures == [.peerAlert(.certificateRequired)])
        let served = try handshake(.optional(credentials.roots), nil)
        #expect(served.serverSide.facts != nil)
        #expect(served.serverSide.facts?.peerCertificateSPKI == nil)
    }

    @Test("one from other roots is refused, also where it is optional")
    func unknownAuthority() throws {
        for authentication in [
            TLSServerConfiguration.ClientAuthentication.required(credentials.roots), .optional(credentials.roots),
        ] {
            let pair = try handshake(authentication, stranger)
            #expect(pair.serverSide.failures == [.certificate(.unknownAuthority)])
            #expect(pair.serverSide.facts == nil)
            #expect(pair.clientSide.failures == [.peerAlert(.unknownCA)])
        }
    }

    @Test("an expired one and one made for servers are refused")
    func bad() throws {
        for (request, fault) in [
            (CertificateRequest(dnsNames: ["m.example"], validity: .past), CertificateFault.expired),
            (CertificateRequest(dnsNames: ["m.example"], usage: .server), .purpose),
        ] {
            let pair = try handshake(.required(credentials.roots), credentials.authority.issue(request))
            #expect(pair.serverSide.failures == [.certificate(fault)])
        }
    }
}
