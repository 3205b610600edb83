// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing
import Transport

@Suite("TLS handshake, side to side in memory")
struct HandshakeTests {
    let credentials: Credentials

    init() throws { credentials = try Credentials.shared.get() }

    @Test("both sides agree on TLS 1.3, AES-256 first, X25519 and http/1.1, and say so before any plaintext")
    func agrees() throws {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.client.writeAndFlush(ByteBuffer(string: "early"), promise: nil)
        pair.pump()
        let server = try #require(pair.serverSide.facts)
        let client = try #require(pair.clientSide.facts)
        #expect(server.version == .tls13)
        #expect(server.cipherSuite == "TLS_AES_256_GCM_SHA384")
        #expect(server.group == "x25519")
        #expect(server.serverName == "a.example")
        #expect(server.alpn == "http/1.1")
        #expect(server.peerCertificateSPKI == nil)
        #expect(client.peerCertificateSPKI == credentials.a.spki)
        #expect(!server.isResumed)
        #expect(pair.serverSide.bytes == Array("early".utf8))
        #expect(!pair.serverSide.isEarly)
        pair.finish()
        #expect(pair.serverSide.isInputClosed)
        #expect(pair.serverSide.failures == [] && pair.clientSide.failures == [])
        #expect(pair.serverSide.isInactive && pair.clientSide.isInactive)
    }
}
