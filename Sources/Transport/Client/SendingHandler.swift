// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix

/// The end of a TLS connection on which this side only sends: says when it stands and how it ended. What comes is thrown away.
package final class SendingHandler: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer

    package enum Event: Hashable, Sendable {
        /// The handshake is done.
        case ready
        /// The peer ended in good order. `isAnnounced`: it said so in TLS, as an answer to our own word only after it has read
        /// everything before that. Otherwise it closed the connection, which with anything unread would have reset it.
        case closed(isAnnounced: Bool)
        /// It ended otherwise; in words for logs.
        case failed(String)
    }

    /// A receiver has nothing to say.
    private static let mostBytes = 1 << 16

    private let report: @Sendable (Event) -> Void
    private var isOver = false
    private var received = 0

    package init(_ report: @escaping @Sendable (Event) -> Void) { self.report = report }

    private func over(_ event: Event) {
        guard !isOver else { return }
        isOver = true
        report(event)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted, !isOver { report(.ready) }
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { over(.closed(isAnnounced: true)) }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        guard received > Self.mostBytes else { return }
        over(.failed("the peer sends where it has only to receive"))
        context.close(promise: nil)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case TLSFailure.truncated: over(.closed(isAnnounced: false))
        case let failure as TLSFailure: over(.failed(failure.plainText))
        case let failure as IOError: over(.failed("the connection broke: errno \(failure.errnoCode)"))
        default: over(.failed("the connection broke"))
        }
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        over(.failed("the connection was closed"))
        context.fireChannelInactive()
    }

    /// Connects, on `eventLoop`; events come there.
    ///
    /// - Parameters:
    ///   - address: the address that was checked; nothing is resolved here.
    ///   - timeout: for the connection; the handshake has its own in the context.
    ///   - sendBuffer: bytes of the kernel's, so that little is on its way.
    package static func connect(
        to address: SocketAddress, on eventLoop: any EventLoop, tls: TLSClientContext, peer: TLSPeerName,
        pins: Set<SPKIHash>, timeout: TimeAmount, sendBuffer: Int, report: @escaping @Sendable (Event) -> Void
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_sndbuf), value: sendBuffer)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(try TLSClientHandler(tls, peer: peer, pins: pins))
                    try pipeline.addHandler(SendingHandler(report))
                }
            }
            .connect(to: address)
    }
}
