// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The connection of one peer: reads requests, asks the service, writes answers, minds the clock.
///
/// One exchange at a time; bytes of later requests wait, and above `pipelinedBytes` the socket is not read. At most one
/// deadline, which is set anew only when it has passed or when something is due before it.
package final class HTTPServerHandler: ChannelDuplexHandler, DeadlineOwner {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests, or inside a head.
        case head
        /// In a body that the service will get.
        case collecting
        /// In a body that nobody wants.
        case draining
        /// The request is read; the answer is not complete.
        case answering
        /// Nothing more is read as a request: refused, or the last answer is on its way.
        case ending
    }

    let service: any HTTPService
    let limits: HTTPServerLimits
    let isDraining: () -> Bool
    var context: ChannelHandlerContext?
    var facts = HTTPConnectionFacts(remoteAddress: nil, localAddress: nil, tls: nil)
    var machine: HTTPRequestMachine
    var clock: HTTPServerClock
    var phase = Phase.head
    var inbound = ByteBuffer()
    var body = ByteBuffer()
    var exchange: HTTPExchange?
    var isOneZero = false
    var keepsAlive = true
    var isLastWritten = false
    var isProcessing = false
    var isReadHeldBack = false
    var lingered = 0

    var answer: Answer = .none
    enum Answer {
        case none
        /// Given while the service was still looking at the head.
        case early(Int, HTTPFieldLines, ByteBuffer)
        case earlyStream(Int, HTTPFieldLines, Int?)
        case rest(ByteBuffer)
        case stream(isChunked: Bool, hasChunk: Bool)
        case complete
    }
    var isAskingService = false
    /// Set while bytes go down the pipeline: a writability event that arrives meanwhile is not a call to write more.
    var isWriting = false

    /// Bytes of a streamed answer that were written and not flushed.
    var unflushed = 0
    var isFlushDue = false

    private let deadlines: DeadlineQueue
    private let deadline = Deadline()

    /// - Parameters:
    ///   - deadlines: shared by the connections of the event loop.
    ///   - isDraining: whether the server wants its connections to end after the answer under way.
    package init(
        service: any HTTPService, limits: HTTPServerLimits = HTTPServerLimits(), now: NIODeadline = .now(),
        deadlines: DeadlineQueue = DeadlineQueue(), isDraining: @escaping () -> Bool = { false }
    ) {
        self.service = service
        self.limits = limits
        self.deadlines = deadlines
        self.isDraining = isDraining
        machine = HTTPRequestMachine(limits: limits.head)
        clock = HTTPServerClock(limits, now: now)
    }

    var eventLoop: (any EventLoop)? { context?.eventLoop }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { connectionEnded() }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        facts = HTTPConnectionFacts(
            remoteAddress: context.remoteAddress, localAddress: context.localAddress, tls: facts.tls)
        clock = HTTPServerClock(limits, now: context.eventLoop.now)
        arm()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        if phase == .ending { return linger(incoming.readableBytes) }
        if inbound.readableBytes == 0 {
            inbound = incoming
        } else {
            inbound.discardReadBytes()
            inbound.writeBuffer(&incoming)
        }
        process()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        arm()
        context.fireChannelReadComplete()
    }

    package func read(context: ChannelHandlerContext) {
        if phase == .answering, inbound.readableBytes >= limits.pipelinedBytes {
            isReadHeldBack = true
        } else {
            context.read()
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        clock.writable(isWritable, now: context.eventLoop.now)
        if isWritable, !isWriting {
            if case .rest(let rest) = answer {
                writeRest(rest)
            } else {
                exchange?.onWritable?()
            }
        }
        arm()
        context.fireChannelWritabilityChanged()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        connectionEnded()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure, facts.tls == nil { service.handshakeFailed(failure, facts) }
        context.close(promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let handshake = event as? TLSHandshakeCompleted {
            facts = HTTPConnectionFacts(
                remoteAddress: facts.remoteAddress, localAddress: facts.localAddress, tls: handshake.facts)
        }
        if event is HTTPServerDrain, exchange == nil, phase == .head, inbound.readableBytes == 0 {
            // Behind whatever the peer has not read yet of the answer before.
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
            phase = .ending
            clock.enter(.ending, now: context.eventLoop.now)
            arm()
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func connectionEnded() {
        deadlines.clear(deadline)
        context = nil
        phase = .ending
        machine.abandon()
        if let exchange {
            self.exchange = nil
            exchange.detach()
            service.closed(exchange)
        }
    }

    func arm() {
        guard let context else { return }
        let due = clock.deadline
        guard !deadline.isSet || due < deadline.due else { return }
        guard due < .distantFuture else { return }
        deadlines.set(deadline, to: due, owner: self, on: context.eventLoop)
    }

    func deadlinePassed() {
        guard let context else { return }
        switch clock.check(now: context.eventLoop.now) {
        case .wait: arm()
        case .close: context.close(promise: nil)
        case .refuse(let refusal):
            if phase == .ending { return context.close(promise: nil) }
            refuse(refusal)
            arm()
        }
    }
}

/// Fired into each connection when its server drains: those at rest close at once.
package struct HTTPServerDrain: Sendable {
    package init() {}
}
