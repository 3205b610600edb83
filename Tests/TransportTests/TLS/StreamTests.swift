// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing
import Transport

@Suite("TLS streams, side to side in memory")
struct StreamTests {
    let credentials: Credentials

    init() throws { credentials = try Credentials.shared.get() }

    private func open() throws -> EmbeddedTLS {
        let pair = try EmbeddedTLS(credentials.server(), credentials.client())
        pair.pump()
        try #require(pair.serverSide.facts != nil && pair.clientSide.facts != nil)
        return pair
    }

    @Test("a MB each way arrive whole, however writes and packets are cut", arguments: 0..<3)
    func integrity(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pair = try open()
        let sent = (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for (from, to, witness) in [
            (pair.client, pair.server, pair.serverSide), (pair.server, pair.client, pair.clientSide),
        ] {
            var start = 0
            while start < sent.count {
                let sizes = [0, 1, 300, 16_383, 16_384, 16_385, 50_000, 400_000]
                let end = min(sent.count, start + (sizes.randomElement(using: &generator) ?? 1))
                from.write(ByteBuffer(bytes: sent[start..<end]), promise: nil)
                if Bool.random(using: &generator) { from.flush() }
                start = end
            }
            from.flush()
            while var bytes = try from.readOutbound(as: ByteBuffer.self) {
                while let piece = bytes.readSlice(
                    length: min(bytes.readableBytes, .random(in: 1...40_000, using: &generator)))
                {
                    to.pipeline.fireChannelRead(piece)
                    if piece.readableBytes == 0 { break }
                    if bytes.readableBytes == 0 { break }
                }
            }
            #expect(witness.bytes == sent, "seed \(seed)")
        }
        pair.finish()
        #expect(pair.serverSide.failures == [] && pair.clientSide.failures == [])
    }

    @Test("head and body of one flush share a record, and every promise of it is kept")
    func coalescing() throws {
        let pair = try open()
        // The ticket goes with whatever is first.
        pair.server.writeAndFlush(ByteBuffer(string: "first"), promise: nil)
        pair.pump()
        let promises = (0..<3).map { _ in pair.loop.makePromise(of: Void.self) }
        let kept = Kept()
        for promise in promises { promise.futureResult.assumeIsolated().whenSuccess { kept.count += 1 } }
        pair.server.write(ByteBuffer(string: "head"), promise: promises[0])
        pair.server.write(ByteBuffer(string: ""), promise: promises[1])
        pair.server.write(ByteBuffer(repeating: 7, count: 1000), promise: promises[2])
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) == nil)
        pair.server.flush()
        let record = try #require(try pair.server.readOutbound(as: ByteBuffer.self))
        // Header 5, content type 1, tag 16.
        #expect(record.readableBytes == 1004 + 22)
        #expect(kept.count == 3)
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test("a goodbye is said and answered, and whoever closed is told when it is over")
    func goodbye() throws {
        for clientFirst in [true, false] {
            let pair = try open()
            let (first, second) = clientFirst ? (pair.client, pair.server) : (pair.server, pair.client)
            let secondSide = clientFirst ? pair.serverSide : pair.clientSide
            let done = first.close()
            let kept = Kept()
            done.assumeIsolated().whenSuccess { kept.count += 1 }
            #expect(first.isActive, "it waits for the answer")
            pair.pump()
            #expect(!first.isActive && !second.isActive && kept.count == 1)
            #expect(secondSide.isInputClosed)
            #expect(pair.serverSide.failures == [] && pair.clientSide.failures == [])
        }
    }

    @Test("a goodbye nobody answers ends after two seconds")
    func unanswered() throws {
        let pair = try open()
        pair.server.close(promise: nil)
        pair.loop.advanceTime(by: .milliseconds(1_999))
        #expect(pair.server.isActive)
        pair.loop.advanceTime(by: .milliseconds(1))
        #expect(!pair.server.isActive)
        #expect(pair.serverSide.failures == [])
    }

    @Test("an end without close_notify is reported as truncated, after what came before it")
    func truncation() throws {
        let pair = try open()
        pair.client.writeAndFlush(ByteBuffer(string: "half of"), promise: nil)
        EmbeddedTLS.carry(from: pair.client, to: pair.server)
        pair.server.pipeline.fireChannelInactive()
        #expect(pair.serverSide.bytes == Array("half of".utf8))
        #expect(pair.serverSide.failures == [.truncated])
        #expect(pair.serverSide.isInactive)
    }

    @Test("an end without close_notify is truncated too when the transport reports it as half-closure")
    func truncationByHalfClosure() throws {
        let pair = try open()
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pair.serverSide.failures == [.truncated])
        #expect(!pair.serverSide.isInputClosed)
    }

    @Test("what is written after the end fails")
    func writeAfterEnd() throws {
        let pair = try open()
        pair.client.close(promise: nil)
        let promise = pair.loop.makePromise(of: Void.self)
        let told = Told()
        promise.futureResult.assumeIsolated().whenFailure { told.failure = $0 as? TLSFailure }
        pair.client.writeAndFlush(ByteBuffer(string: "late"), promise: promise)
        #expect(told.failure == .closed)
    }
}

final class Kept {
    var count = 0
}
