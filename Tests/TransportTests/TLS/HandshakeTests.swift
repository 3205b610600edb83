// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
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
        #expect(try pair.server.pipeline.syncOperations.handler(type: TLSServerHandler.self).facts == server)
    }

    @Test("a client that offers only other application protocols gets no_application_protocol")
    func protocols() throws {
        let client = try credentials.client { $0.applicationProtocols = ["h2", "spdy/1"] }
        let pair = try EmbeddedTLS(credentials.server(), client)
        pair.pump()
        #expect(pair.serverSide.failures == [.applicationProtocol])
        #expect(pair.clientSide.failures == [.peerAlert(.noApplicationProtocol)])
        #expect(pair.serverSide.facts == nil)
    }

    @Test("a client that offers no application protocol is served, and one that offers several gets ours")
    func protocolsServed() throws {
        for (offer, agreed) in [([], nil), (["h2", "http/1.1"], "http/1.1")] as [([String], String?)] {
            let client = try credentials.client { $0.applicationProtocols = offer }
            let pair = try EmbeddedTLS(credentials.server(), client)
            pair.pump()
            #expect(pair.serverSide.facts?.alpn == agreed)
            #expect(pair.clientSide.facts?.alpn == agreed)
        }
    }

    @Test("the peer that does not finish its handshake in ten seconds is dropped, and not before")
    func timeout() throws {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.loop.advanceTime(by: .milliseconds(9_999))
        #expect(pair.server.isActive && pair.serverSide.failures == [])
        pair.loop.advanceTime(by: .milliseconds(1))
        #expect(pair.serverSide.failures == [.handshakeTimeout])
        #expect(!pair.server.isActive)
        #expect(pair.clientSide.failures == [.handshakeTimeout])
    }

    @Test("the finished handshake has no timeout")
    func noTimeout() throws {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.pump()
        pair.loop.advanceTime(by: .hours(10))
        #expect(pair.server.isActive && pair.client.isActive)
    }

    @Test("a transport that closes in the handshake is an error of its own, told to whoever waits for the facts")
    func closedEarly() throws {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(loop: loop)
        let promise = loop.makePromise(of: TLSConnectionFacts.self)
        let told = Told()
        promise.futureResult.assumeIsolated().whenFailure { told.failure = $0 as? TLSFailure }
        let witness = Witness()
        try channel.pipeline.syncOperations.addHandlers([
            TLSClientHandler(credentials.client(), peer: .dns("a.example"), handshake: promise), witness,
        ])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.pipeline.fireChannelInactive()
        #expect(told.failure == .closedDuringHandshake)
        #expect(witness.failures == [.closedDuringHandshake])
    }

    @Test("plain HTTP to a TLS port is told apart from broken TLS")
    func plainHTTP() throws {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.server.pipeline.fireChannelRead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"))
        #expect(pair.serverSide.failures == [.notTLS])
    }

    @Test("any bytes instead of a handshake end in one failure and a closed connection", arguments: 0..<64)
    func garbage(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        // Half of them begin like a handshake record of a plausible length.
        var bytes: [UInt8] = seed % 2 == 0 ? [] : [0x16, 3, 1, UInt8.random(in: 0...64, using: &generator), 0x20, 1]
        for _ in 0..<70_000 { bytes.append(.random(in: 0...255, using: &generator)) }
        for chunk in 0..<70 {
            pair.server.pipeline.fireChannelRead(ByteBuffer(bytes: bytes[chunk * 1000..<chunk * 1000 + 1000]))
        }
        pair.loop.advanceTime(by: .seconds(20))
        #expect(pair.serverSide.failures.count == 1, "seed \(seed)")
        #expect(!pair.server.isActive && pair.serverSide.bytes.isEmpty, "seed \(seed)")
    }

    @Test("a flipped bit in any record after the handshake fails the connection and delivers nothing of it")
    func tampering() throws {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.pump()
        pair.client.writeAndFlush(ByteBuffer(string: "pay 10 to a"), promise: nil)
        var record = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        let last = record.readableBytes - 3
        record.setInteger((record.getInteger(at: last, as: UInt8.self) ?? 0) ^ 1, at: last)
        pair.server.pipeline.fireChannelRead(record)
        #expect(pair.serverSide.bytes.isEmpty)
        #expect(pair.serverSide.failures.count == 1)
        pair.loop.advanceTime(by: .seconds(2))
        #expect(!pair.server.isActive)
    }
}

final class Told {
    var failure: TLSFailure?
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
