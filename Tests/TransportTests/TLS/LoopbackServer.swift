// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Transport

/// A TLS server on loopback that answers just enough HTTP for curl: it sends every body back.
final class LoopbackServer: Sendable {
    struct Seen: Sendable {
        var facts: [TLSConnectionFacts] = []
        var failures: [TLSFailure] = []
        var closed = 0
    }

    let box: TLSServerContextBox
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let seen: Book

    init(_ context: TLSServerContext) async throws {
        let box = TLSServerContextBox(context)
        let seen = Book()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([TLSServerHandler(box), EchoHTTP(seen)])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.box = box
        self.seen = seen
        port = listener.localAddress?.port ?? 0
    }

    var book: Seen { seen.pages.withLock { $0 } }

    /// Waits until what was seen is enough, at most five seconds.
    func until(_ enough: (Seen) -> Bool) async throws -> Seen {
        for _ in 0..<1000 where !enough(book) { try await Task.sleep(for: .milliseconds(5)) }
        return book
    }

    func stop() async throws {
        try await listener.close()
        try await group.shutdownGracefully()
    }

    final class Book: Sendable {
        let pages = Mutex(Seen())
    }
}

/// Answers each request with its own body: `Content-Length` only, one request at a time.
private final class EchoHTTP: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let seen: LoopbackServer.Book
    private var received = ByteBuffer()

    init(_ seen: LoopbackServer.Book) { self.seen = seen }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard let head = endOfHead(), received.readableBytes >= head.end + head.length else { return }
        received.moveReaderIndex(forwardBy: head.end)
        let body = received.readSlice(length: head.length) ?? ByteBuffer()
        received.discardReadBytes()
        let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: \(body.readableBytes)\r\n\r\n")
        context.write(wrapOutboundOut(answer), promise: nil)
        context.writeAndFlush(wrapOutboundOut(body), promise: nil)
    }

    private func endOfHead() -> (end: Int, length: Int)? {
        let view = received.readableBytesView.prefix(4096)
        let text = String(decoding: view, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.lowerBound]
        let length =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
        return (text.utf8.distance(from: text.startIndex, to: end.upperBound), length)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let done = event as? TLSHandshakeCompleted { seen.pages.withLock { $0.facts.append(done.facts) } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? TLSFailure else { return }
        seen.pages.withLock { $0.failures.append(failure) }
    }

    func channelInactive(context: ChannelHandlerContext) { seen.pages.withLock { $0.closed += 1 } }
}
