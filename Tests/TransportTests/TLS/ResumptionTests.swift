// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("TLS session resumption")
struct ResumptionTests {
    let credentials: Credentials
    /// Shared, so that a ticket of one context can be read by another and only its scope refuses it.
    let ticketKeys = [UInt8](repeating: 9, count: 80)

    init() throws { credentials = try Credentials.shared.get() }

    private func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TLSServerContext {
        var configuration = TLSServerConfiguration(identities: [credentials.a, credentials.b])
        change(&configuration)
        return try TLSServerContext(configuration, ticketKeys: ticketKeys)
    }

    /// Makes a session with one server, offers it to another, and says whether that resumed it.
    private func resumes(
        _ first: TLSServerContext, as firstName: String = "a.example", at second: TLSServerContext,
        as secondName: String = "a.example", client: TLSClientContext? = nil
    ) throws -> Bool {
        let client = try client ?? credentials.client()
        let one = try EmbeddedTLS(first, client, peer: .dns(firstName))
        one.pump()
        one.finish()
        try #require(one.serverSide.facts?.isResumed == false)
        if firstName != secondName {
            // What a hostile client would do: the session of one name under another.
            let session = try #require(client.sessions.take(for: .dns(firstName), pins: [], time: nil))
            client.sessions.keep(session, for: .dns(secondName))
        }
        let two = try EmbeddedTLS(second, client, peer: .dns(secondName))
        two.pump()
        let facts = try #require(two.serverSide.facts)
        #expect(two.clientSide.facts?.isResumed == facts.isResumed)
        #expect(two.clientSide.facts?.peerCertificateSPKI != nil)
        two.finish()
        return facts.isResumed
    }

    @Test("a session is resumed with the same server, and with another of the same keys and scope")
    func resumes() throws {
        let context = try server()
        #expect(try resumes(context, at: context))
        #expect(try resumes(context, at: server()))
        #expect(try resumes(context, as: "b.example", at: context, as: "b.example"))
    }

    @Test("a ticket is used once")
    func once() throws {
        let client = try credentials.client()
        let context = try server()
        #expect(try resumes(context, at: context, client: client))
        let third = try EmbeddedTLS(context, client)
        let fourth = try EmbeddedTLS(context, client)
        third.pump()
        fourth.pump()
        #expect(third.serverSide.facts?.isResumed == true)
        #expect(fourth.serverSide.facts?.isResumed == false)
    }

    @Test("a ticket goes with the first answer, and before the close_notify of a connection without one")
    func waits() throws {
        let client = try credentials.client()
        for answers in [true, false] {
            let pair = try EmbeddedTLS(server(), client)
            pair.pump()
            #expect(pair.serverSide.facts?.version == .tls13)
            #expect(client.sessions.take(for: .dns("a.example"), pins: [], time: nil) == nil)
            if answers {
                pair.server.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
                pair.loop.run()
                let flight = try #require(try pair.server.readOutbound(as: ByteBuffer.self))
                #expect(try pair.server.readOutbound(as: ByteBuffer.self) == nil)
                pair.client.pipeline.fireChannelRead(flight)
                #expect(pair.clientSide.bytes == Array("answer".utf8))
            } else {
                pair.server.close(promise: nil)
                pair.pump()
            }
            #expect(client.sessions.take(for: .dns("a.example"), pins: [], time: nil) != nil, "answers: \(answers)")
            pair.finish()
        }
    }

    @Test("AC-17 a ticket of one name is not resumed under another, even of the same certificate")
    func otherName() throws {
        let context = try server()
        #expect(try !resumes(context, as: "b.example", at: context))
        #expect(try !resumes(context, as: "x.wild.example", at: context, as: "y.wild.example"))
        #expect(try resumes(context, as: "x.wild.example", at: context, as: "x.wild.example"))
    }

    @Test("AC-17 a ticket made without a client certificate is not resumed where one is asked for, nor the reverse")
    func otherAuthentication() throws {
        let roots = credentials.roots
        let open = try server()
        let optional = try server { $0.clientAuthentication = .optional(roots) }
        let client = try credentials.client()
        #expect(try !resumes(open, at: optional, client: client))
        #expect(try !resumes(optional, at: open))
        #expect(try resumes(optional, at: optional))

        let required = try server { $0.clientAuthentication = .required(roots) }
        let nobody = try credentials.client()
        let one = try EmbeddedTLS(open, nobody)
        one.pump()
        one.finish()
        let two = try EmbeddedTLS(required, nobody)
        two.pump()
        #expect(two.serverSide.failures == [.certificateMissing])
    }

    @Test("AC-17 a ticket of another listener or other roots is not resumed")
    func otherListener() throws {
        let roots = credentials.roots
        let other = TrustRoots.pem(try CertificateAuthority(name: "other root").pem())
        #expect(try !resumes(server(), at: server { $0.listener = "second" }))
        #expect(
            try !resumes(
                server { $0.clientAuthentication = .optional(roots) },
                at: server { $0.clientAuthentication = .optional(other) }))
    }

    @Test("a context made later does not read the tickets of an earlier one")
    func reload() throws {
        #expect(try !resumes(credentials.server(), at: credentials.server()))
    }

    @Test("a client certificate is known again in a resumed session")
    func certificate() throws {
        let roots = credentials.roots
        let member = try credentials.authority.issue(CertificateRequest(dnsNames: ["m.example"], usage: .client))
        let context = try server { $0.clientAuthentication = .required(roots) }
        let client = try credentials.client { $0.identity = member }
        #expect(try resumes(context, at: context, client: client))
        let pair = try EmbeddedTLS(context, client)
        pair.pump()
        #expect(pair.serverSide.facts?.isResumed == true)
        #expect(pair.serverSide.facts?.peerCertificateSPKI == member.spki)
    }

    @Test("neither side resumes when its configuration says so")
    func off() throws {
        let context = try server { $0.resumesSessions = false }
        #expect(try !resumes(context, at: context))
        let plain = try server()
        #expect(try !resumes(plain, at: plain, client: credentials.client { $0.resumesSessions = false }))
    }

    @Test("a session is not offered past the certificate's end or against other pins")
    func verified() throws {
        let context = try server()
        let client = try credentials.client()
        let one = try EmbeddedTLS(context, client)
        one.pump()
        one.finish()
        let wrong = try #require(SPKIHash(bytes: [UInt8](repeating: 0, count: 32)))
        let two = try EmbeddedTLS(context, client, pins: [wrong])
        two.pump()
        #expect(two.clientSide.failures == [.certificate(.pinMismatch)])

        let three = try EmbeddedTLS(context, client)
        three.pump()
        three.finish()
        let session = try #require(client.sessions.take(for: .dns("a.example"), pins: [], time: nil))
        #expect(session.isUsable(pins: [], time: nil))
        #expect(!session.isUsable(pins: [], time: 4_000_000_000))
    }
}
