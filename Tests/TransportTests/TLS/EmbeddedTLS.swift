// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Transport

/// A server and a client on one embedded loop, and a wire between them that a test pumps by hand.
final class EmbeddedTLS {
    let loop = EmbeddedEventLoop()
    let server: EmbeddedChannel
    let client: EmbeddedChannel
    let serverSide = Witness()
    let clientSide = Witness()

    init(
        _ serverContext: TLSServerContext, _ clientContext: TLSClientContext, peer: TLSPeerName = .dns("a.example"),
        pins: Set<SPKIHash> = []
    ) throws {
        server = EmbeddedChannel(loop: loop)
        client = EmbeddedChannel(loop: loop)
        try server.pipeline.syncOperations.addHandlers([try TLSServerHandler(serverContext), serverSide])
        try client.pipeline.syncOperations.addHandlers([
            try TLSClientHandler(clientContext, peer: peer, pins: pins), clientSide,
        ])
        try server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// Carries what each side sent to the other until both are silent.
    func pump() {
        var moved = true
        while moved {
            loop.run()
            let there = Self.carry(from: client, to: server)
            let back = Self.carry(from: server, to: client)
            moved = there || back
        }
    }

    @discardableResult
    static func carry(from: EmbeddedChannel, to: EmbeddedChannel) -> Bool {
        var moved = false
        while let bytes = try? from.readOutbound(as: ByteBuffer.self) {
            moved = true
            to.pipeline.fireChannelRead(bytes)
            to.pipeline.fireChannelReadComplete()
        }
        return moved
    }

    /// Says goodbye on both sides and lets every timer fire.
    func finish() {
        client.close(promise: nil)
        pump()
        server.close(promise: nil)
        pump()
        loop.advanceTime(by: .seconds(60))
        pump()
    }
}

/// The last handler of a pipeline: remembers what came up.
final class Witness: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var facts: TLSConnectionFacts?
    private(set) var failures: [TLSFailure] = []
    private(set) var bytes: [UInt8] = []
    private(set) var isInputClosed = false
    private(set) var isInactive = false
    /// Plaintext that came before the handshake was said to be complete; there must never be any.
    private(set) var isEarly = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if facts == nil { isEarly = true }
        bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let done = event as? TLSHandshakeCompleted { facts = done.facts }
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { isInputClosed = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure { failures.append(failure) }
    }

    func channelInactive(context: ChannelHandlerContext) { isInactive = true }
}
