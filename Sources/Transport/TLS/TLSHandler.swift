// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The TLS of one connection: records outside, plaintext inside. `TLSServerHandler` and `TLSClientHandler` are its two
/// sides.
///
/// Fires `TLSHandshakeCompleted` before the first plaintext, a `TLSFailure` as an error when the connection fails (it
/// closes then), and `ChannelEvent.inputClosed` when the peer sent close_notify (it closes then too). Writes before the
/// end of the handshake wait for it. Reads only as much as is asked for, except for what the handshake needs.
package class TLSHandler: ChannelDuplexHandler, DeadlineOwner {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        case idle, handshaking, open
        /// Our close_notify is out; what comes is dropped until the peer's comes, it closes or the time is up.
        case closing
        /// The connection is broken; what comes is not even read until the peer closes or the time is up.
        case failed
        case closed
    }

    /// What the handshake agreed on; nil before its end. Read it on the channel's event loop.
    package private(set) final var facts: TLSConnectionFacts?
    /// The name the client asked for, in lower case, also when the handshake failed after its hello.
    package final var serverName: String? { connection.serverName }

    private final let connection: TLSConnection
    private final let timeouts: TLSTimeouts
    private final var state = State.idle
    private final var writes = PendingWrites()
    private final var handshakePromise: EventLoopPromise<TLSConnectionFacts>?
    private final var closePromise: EventLoopPromise<Void>?
    private final let deadlines: DeadlineQueue
    private final let deadline = Deadline()
    private final var context: ChannelHandlerContext?
    /// Someone inside asked for a read and no plaintext has answered it yet.
    private final var isReadWanted = false
    /// Bytes of output that may wait for the first thing written: session tickets.
    private final var heldBytes = 0

    init(
        _ connection: TLSConnection, timeouts: TLSTimeouts, deadlines: DeadlineQueue,
        handshakePromise: EventLoopPromise<TLSConnectionFacts>?
    ) {
        self.connection = connection
        self.deadlines = deadlines
        self.timeouts = timeouts
        self.handshakePromise = handshakePromise
    }

    // MARK: Life

    package final func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    package final func handlerRemoved(context: ChannelHandlerContext) {
        end(.closed)
        self.context = nil
    }

    package final func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    package final func channelInactive(context: ChannelHandlerContext) {
        let before = state
        let failure: TLSFailure = before == .open ? .truncated : .closedDuringHandshake
        end(before == .open || before == .handshaking ? failure : .closed)
        if before == .open || before == .handshaking { context.fireErrorCaught(failure) }
        context.fireChannelInactive()
    }

    package final func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Only with remote half-closure allowed: the transport's end of input, which close_notify must go before.
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            switch state {
            case .open: return fail(.truncated, context)
            case .handshaking: return fail(.closedDuringHandshake, context)
            case .closing, .failed: return close(context)
            case .idle, .closed: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private final func start(_ context: ChannelHandlerContext) {
        guard state == .idle else { return }
        state = .handshaking
        setDeadline(in: timeouts.handshake, context)
        advance(connection.start(), context)
        if state == .handshaking { context.read() }
    }

    /// The last word on this connection: whoever still waits hears it.
    private final func end(_ failure: TLSFailure) {
        state = .closed
        deadlines.clear(deadline)
        handshakePromise?.fail(failure)
        handshakePromise = nil
        closePromise?.succeed()
        closePromise = nil
        writes.fail(failure)
    }

    private final func setDeadline(in delay: TimeAmount, _ context: ChannelHandlerContext) {
        deadlines.set(deadline, to: context.eventLoop.now + delay, owner: self, on: context.eventLoop)
    }

    final func deadlinePassed() {
        guard let context else { return }
        switch state {
        case .handshaking: fail(.handshakeTimeout, context, waits: false)
        case .closing, .failed: close(context)
        case .idle, .open, .closed: break
        }
    }

    // MARK: In

    package final func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state == .idle { start(context) }
        guard state != .closed, state != .failed else { return }
        var plaintext: ByteBuffer?
        let wasComplete = connection.isHandshakeComplete
        let progress = connection.receive(
            unwrapInboundIn(data), into: &plaintext, allocator: context.channel.allocator)
        if state == .closing {
            if progress != .wantsMore { close(context) }
            return
        }
        if !wasComplete, connection.isHandshakeComplete { complete(context) }
        if let plaintext, plaintext.readableBytes > 0, state == .open {
            isReadWanted = false
            context.fireChannelRead(wrapInboundOut(plaintext))
        }
        advance(progress, context)
    }

    package final func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // A read that brought no plaintext has not answered whoever asked for it.
        switch state {
        case .handshaking, .closing, .failed: context.read()
        case .open: if isReadWanted { context.read() }
        case .idle, .closed: break
        }
    }

    package final func read(context: ChannelHandlerContext) {
        isReadWanted = true
        context.read()
    }

    private final func complete(_ context: ChannelHandlerContext) {
        deadlines.clear(deadline)
        guard let facts = connection.facts else { return fail(.library(reason: 0), context) }
        state = .open
        self.facts = facts
        if connection.outputIsTickets {
            // They go with the first answer: one write and one segment for both.
            heldBytes = connection.outputCount
        } else {
            sendOutput(context)
        }
        handshakePromise?.succeed(facts)
        handshakePromise = nil
        context.fireUserInboundEventTriggered(TLSHandshakeCompleted(facts: facts))
        if state == .open { sealFlushed(context) }
    }

    /// Acts on what libssl made of input.
    private final func advance(_ progress: TLSConnection.Progress, _ context: ChannelHandlerContext) {
        switch progress {
        case .wantsMore: if connection.outputCount > heldBytes { sendOutput(context) }
        case .peerClosed:
            guard state == .open else { return }
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            guard state == .open else { return }
            connection.shutDown()
            sendOutput(context)
            close(context)
        case .failed(let failure):
            guard state == .open || state == .handshaking else { return }
            fail(failure, context)
        }
    }

    // MARK: Out

    package final func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch state {
        case .closing, .failed, .closed: promise?.fail(TLSFailure.closed)
        case .open where connection.isShutDown: promise?.fail(TLSFailure.closed)
        case .idle, .handshaking, .open: writes.append(unwrapOutboundIn(data), promise)
        }
    }

    package final func flush(context: ChannelHandlerContext) {
        writes.markFlushed()
        if state == .open { sealFlushed(context) }
        context.flush()
    }

    private final func sealFlushed(_ context: ChannelHandlerContext) {
        guard writes.hasFlushed else { return }
        let promise: EventLoopPromise<Void>?
        var output = context.channel.allocator.buffer(capacity: connection.outputCount + writes.sealedCapacity)
        connection.takeOutput(into: &output)
        heldBytes = 0
        switch writes.seal(with: connection, into: &output, allocator: context.channel.allocator) {
        case .success(let sealed): promise = sealed
        case .failure(let failure): return fail(failure, context)
        }
        context.writeAndFlush(wrapOutboundOut(output), promise: promise)
    }

    private final func sendOutput(_ context: ChannelHandlerContext) {
        guard connection.hasOutput else { return }
        var output = context.channel.allocator.buffer(capacity: connection.outputCount)
        connection.takeOutput(into: &output)
        heldBytes = 0
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    // MARK: Close

    package final func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else {
            if mode == .output, state == .open {
                connection.shutDown()
                sendOutput(context)
            }
            return context.close(mode: mode, promise: promise)
        }
        switch state {
        case .open:
            closePromise = promise
            connection.shutDown()
            wait(.closing, context)
        case .closing, .failed:
            if let promise {
                if let waiting = closePromise {
                    waiting.futureResult.cascade(to: promise)
                } else {
                    closePromise = promise
                }
            }
        case .idle, .handshaking, .closed:
            end(.closed)
            context.close(mode: .all, promise: promise)
        }
    }

    /// Sends what says that we are done and waits a little for the peer to close first: closing a socket that has unread
    /// input resets the connection, and a reset may destroy what the peer has not read yet.
    private final func wait(_ state: State, _ context: ChannelHandlerContext) {
        self.state = state
        writes.fail(.closed)
        sendOutput(context)
        setDeadline(in: timeouts.close, context)
        context.read()
    }

    private final func fail(_ failure: TLSFailure, _ context: ChannelHandlerContext, waits: Bool = true) {
        let promise = closePromise
        closePromise = nil
        end(failure)
        closePromise = promise
        if waits { wait(.failed, context) }
        context.fireErrorCaught(failure)
        if !waits { close(context) }
    }

    private final func close(_ context: ChannelHandlerContext) {
        let promise = closePromise
        closePromise = nil
        end(.closed)
        context.close(mode: .all, promise: promise)
    }
}
