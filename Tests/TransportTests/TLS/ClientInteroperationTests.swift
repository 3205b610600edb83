// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Testing
import Transport

@Suite("TLS client with another server", .serialized, .enabled(if: ChildProcess.exists("openssl")))
struct ClientInteroperationTests {
    let credentials: Credentials
    let folder: Folder

    init() throws {
        credentials = try Credentials.shared.get()
        folder = try Folder()
    }

    /// Runs `openssl s_server` on a port of the system's choice.
    private func withServer(
        _ identity: TLSIdentity, _ options: [String] = [], _ body: (Int, ChildProcess) async throws -> Void
    ) async throws {
        let chain = try identity.chain.reduce(into: [UInt8]()) { $0 += try $1.pem() }
        let child = try ChildProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:0", "-cert", try folder.file("chain.pem", chain), "-cert_chain",
                try folder.file("chain.pem", chain), "-key", try folder.file("key.pem", try identity.key.pem()),
            ] + options, in: folder.url)
        guard await child.until("ACCEPT 127.0.0.1:"),
            let port = child.output.firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)/).flatMap({ Int($0.output.1) })
        else {
            Issue.record("\(child.output)")
            return await child.stop()
        }
        do { try await body(port, child) } catch {
            await child.stop()
            throw error
        }
        await child.stop()
    }

    /// The outcome of a handshake, then a request of one line, and everything that came back until the end.
    private func dial(
        _ port: Int, _ context: TLSClientContext, peer: TLSPeerName = .dns("a.example"), pins: Set<SPKIHash> = [],
        sending text: String = "GET / HTTP/1.0\r\n\r\n"
    ) async throws -> (facts: TLSConnectionFacts, answer: [UInt8]) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let handshake = loop.makePromise(of: TLSConnectionFacts.self)
        let answer = loop.makePromise(of: [UInt8].self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            TLSClientHandler(context, peer: peer, pins: pins, handshake: handshake),
                            Gather(answer),
                        ])
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
        } catch {
            handshake.fail(error)
            answer.fail(error)
            throw error
        }
        do {
            let facts = try await handshake.futureResult.get()
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            return (facts, try await answer.futureResult.get())
        } catch {
            _ = try? await answer.futureResult.get()
            throw error
        }
    }

    @Test(
        "a server is verified by name or address and its page is read to its close_notify",
        arguments: ["-tls1_2", "-tls1_3"])
    func page(version: String) async throws {
        try await withServer(credentials.b, ["-www", version]) { port, _ in
            let context = try credentials.client()
            for peer in [TLSPeerName.dns("b.example"), .ip("127.0.0.1")] {
                let (facts, answer) = try await dial(port, context, peer: peer)
                #expect(facts.version == (version == "-tls1_3" ? .tls13 : .tls12))
                #expect(facts.peerCertificateSPKI == credentials.b.spki)
                let text = String(decoding: answer, as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.0 200 ok") && text.contains("</HTML>"))
            }
        }
    }

    @Test("a session is resumed with the next connection", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        try await withServer(credentials.a, ["-www", version]) { port, _ in
            let context = try credentials.client()
            #expect(try await !dial(port, context).facts.isResumed)
            #expect(try await dial(port, context).facts.isResumed)
            #expect(try await !dial(port, credentials.client()).facts.isResumed)
        }
    }

    @Test("a file of several MiB arrives whole")
    func file() async throws {
        var generator = SeededGenerator(seed: 2)
        let bytes = (0..<(5 << 20)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        _ = try folder.file("large", bytes)
        try await withServer(credentials.a, ["-HTTP"]) { port, _ in
            let (_, answer) = try await dial(
                port, credentials.client(), sending: "GET /large HTTP/1.0\r\n\r\n")
            #expect(answer == bytes)
        }
    }

    @Test("AC-42 the wrong name, an expired certificate, an unknown authority and another key are refused")
    func refusals() async throws {
        let roots = credentials.roots
        let expired = try credentials.authority.issue(CertificateRequest(dnsNames: ["a.example"], validity: .past))
        let stranger = try CertificateAuthority(name: "other").issue(CertificateRequest(dnsNames: ["a.example"]))
        let pin = try #require(credentials.b.spki)
        let cases: [(TLSIdentity, TLSPeerName, Set<SPKIHash>, CertificateFault)] = [
            (credentials.a, .dns("b.example"), [], .nameMismatch), (credentials.a, .ip("127.0.0.1"), [], .nameMismatch),
            (expired, .dns("a.example"), [], .expired), (stranger, .dns("a.example"), [], .unknownAuthority),
            (credentials.a, .dns("a.example"), [pin], .pinMismatch),
        ]
        for (identity, peer, pins, fault) in cases {
            for version in ["-tls1_2", "-tls1_3"] {
                try await withServer(identity, ["-www", version]) { port, _ in
                    let context = try credentials.client { $0.roots = roots }
                    await #expect(throws: TLSFailure.certificate(fault)) {
                        try await dial(port, context, peer: peer, pins: pins)
                    }
                }
            }
        }
    }

    @Test("AC-41 a server of old versions or weak suites only is refused")
    func weakServers() async throws {
        for options in [
            ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"],
        ] {
            try await withServer(credentials.a, ["-www"] + options) { port, _ in
                let failure = await #expect(throws: TLSFailure.self) {
                    try await dial(port, credentials.client())
                }
                #expect(
                    [.peerAlert(.protocolVersion), .protocolVersion, .peerAlert(.handshakeFailure)].contains(failure))
            }
        }
    }

    @Test("a server that asks for a certificate gets ours and verifies it; without ours its alert is told")
    func clientCertificate() async throws {
        let roots = try folder.file("roots.pem", credentials.authority.pem())
        let options = ["-www", "-Verify", "2", "-verify_return_error", "-CAfile", roots, "-tls1_2"]
        try await withServer(credentials.a, options) { port, _ in
            let with = try credentials.client { $0.identity = credentials.b }
            let (_, answer) = try await dial(port, with)
            #expect(String(decoding: answer, as: UTF8.self).contains("b.example"))
            await #expect(throws: TLSFailure.peerAlert(.handshakeFailure)) {
                try await dial(port, credentials.client())
            }
        }
    }

    @Test("a server that dies without close_notify is a truncation")
    func truncation() async throws {
        try await withServer(credentials.a) { port, child in
            let outcome = Task { try await dial(port, credentials.client(), sending: "hello") }
            #expect(await child.until("hello"))
            await child.stop()
            await #expect(throws: TLSFailure.truncated) { try await outcome.value }
        }
    }

    @Test("a server that asks to renegotiate is turned down and loses the connection")
    func renegotiation() async throws {
        try await withServer(credentials.a, ["-tls1_2"]) { port, child in
            let outcome = Task { try await dial(port, credentials.client(), sending: "hello") }
            #expect(await child.until("hello"))
            child.type("r\n")
            await #expect(throws: TLSFailure.renegotiation) { try await outcome.value }
        }
    }
}

/// Gathers plaintext until the end, or fails with the error that came first.
private final class Gather: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<[UInt8]>
    private var bytes: [UInt8] = []

    init(_ promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { promise.succeed(bytes) }
}
