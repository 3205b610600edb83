// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing
import Transport

@Suite("TLS back-pressure")
struct BackPressureTests {
    let credentials: Credentials

    init() throws { credentials = try Credentials.shared.get() }

    @Test("reads are asked of the transport only for the handshake, for those inside, and to finish a record")
    func reads() throws {
        let loop = EmbeddedEventLoop()
        let counter = ReadCounter()
        let witness = Witness()
        let server = EmbeddedChannel(loop: loop)
        try server.setOption(.autoRead, value: false).wait()
        try server.pipeline.syncOperations.addHandlers([
            counter, TLSServerHandler(credentials.server()), witness,
        ])
        try server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let client = EmbeddedChannel(loop: loop)
        try client.pipeline.syncOperations.addHandler(TLSClientHandler(credentials.client(), peer: .dns("a.example")))
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        while EmbeddedTLS.carry(from: client, to: server) || EmbeddedTLS.carry(from: server, to: client) {}
        try #require(witness.facts != nil)

        let idle = counter.count
        client.writeAndFlush(ByteBuffer(repeating: 1, count: 16_000), promise: nil)
        var record = try #require(try client.readOutbound(as: ByteBuffer.self))
        server.pipeline.fireChannelReadComplete()
        #expect(counter.count == idle, "nobody inside asked")

        server.read()
        #expect(counter.count == idle + 1)
        let half = record.readSlice(length: 8_000)
        server.pipeline.fireChannelRead(try #require(half))
        server.pipeline.fireChannelReadComplete()
        #expect(counter.count == idle + 2, "half a record answers nobody")
        server.pipeline.fireChannelRead(record)
        server.pipeline.fireChannelReadComplete()
        #expect(counter.count == idle + 2, "the question is answered")
        #expect(witness.bytes.count == 16_000)
    }

    @Test("a writer that heeds writability stops soon when the peer does not read, and all arrives when it does")
    func writes() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { group.shutdownGracefully { _ in } }
        let total = 12 << 20
        let written = Mutex(0)
        let serverContext = try credentials.server()
        let clientContext = try credentials.client()
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSServerHandler(serverContext),
                        Pourer(total: total) { count in written.withLock { $0 = count } },
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let received = group.next().makePromise(of: Int.self)
        let client = try await ClientBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSClientHandler(clientContext, peer: .dns("a.example")), Counter(received),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: try #require(listener.localAddress?.port)).get()
        // Silence: the count stands still for some turns of the loop.
        var last = -1
        var still = 0
        while still < 20 {
            try await client.eventLoop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get()
            let now = written.withLock { $0 }
            still = now == last && now > 0 ? still + 1 : 0
            last = now
        }
        #expect(last < total / 2, "\(last) of \(total) bytes were written to a peer that reads nothing")
        try await client.setOption(.autoRead, value: true).get()
        client.read()
        #expect(try await received.futureResult.get() == total)
        try await listener.close()
    }
}

/// Counts the reads that reach the transport.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

/// Writes while the channel is writable, then says goodbye.
private final class Pourer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let total: Int
    private let report: (Int) -> Void
    private var written = 0

    init(total: Int, report: @escaping (Int) -> Void) {
        self.total = total
        self.report = report
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { pour(context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { pour(context) }

    private func pour(_ context: ChannelHandlerContext) {
        while written < total, context.channel.isWritable {
            written += 32768
            report(written)
            let promise = context.eventLoop.makePromise(of: Void.self)
            if written >= total {
                promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 5, count: 32768)), promise: promise)
        }
    }
}

private final class Counter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<Int>
    private var count = 0

    init(_ promise: EventLoopPromise<Int>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { count += unwrapInboundIn(data).readableBytes }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { promise.succeed(count) }
}
