// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// One connection to a server that we ask; one request at a time. Confined to its event loop.
///
/// Keeps no pool and retries nothing. At most one timer, which is re-armed only when it fires or when something is due
/// before it.
package final class HTTPClientConnection: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Called once when the connection has ended, for whoever keeps it in a pool.
    package var onClosed: (() -> Void)?
    /// How many requests have been sent.
    package private(set) var requests = 0

    private var context: ChannelHandlerContext?
    private var machine: HTTPResponseMachine
    private var inbound = ByteBuffer()
    private var receiver: (any HTTPResponseReceiver)?
    private var expectation = HTTPExpectation(bodyLimit: 0, timeout: .seconds(0))
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var hasReceived = false
    private var keepsAlive = true
    /// Whether the answer under way goes on in parts.
    private var isStreaming = false
    private var isPaused = false
    private var isReadHeldBack = false
    /// The connection has ended while its answer was held back; what came before that is delivered when the answer goes on.
    private var hasEnded = false
    private var isProcessing = false

    private var deadline = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture

    package init(limits: HTTPHeadLimits = .response) { machine = HTTPResponseMachine(limits: limits) }

    /// Whether the connection is open, at rest, and may take a request.
    package var isReusable: Bool { context != nil && receiver == nil && keepsAlive }
    package var isOpen: Bool { context != nil }
    package var eventLoop: (any EventLoop)? { context?.eventLoop }
    package var channel: (any Channel)? { context?.channel }

    /// Sends a request whose head is complete; the answer goes to `receiver`.
    /// - Returns: `false`, and nothing is sent or called, when the connection cannot take a request.
    package func send(
        _ head: ByteBuffer, _ body: ByteBuffer?, _ expectation: HTTPExpectation, to receiver: any HTTPResponseReceiver
    ) -> Bool {
        guard let context, isReusable else { return false }
        resume()
        self.receiver = receiver
        self.expectation = expectation
        self.head = nil
        self.body = ByteBuffer()
        hasReceived = false
        requests += 1
        machine.expect(bodyLimit: expectation.bodyLimit, mayEndWithConnection: expectation.mayEndWithConnection)
        deadline = context.eventLoop.now + expectation.timeout
        arm()
        if let body, body.readableBytes > 0 {
            if body.readableBytes <= 16_384 {
                var whole = head
                whole.writeImmutableBuffer(body)
                context.writeAndFlush(wrapOutboundOut(whole), promise: nil)
            } else {
                context.write(wrapOutboundOut(head), promise: nil)
                context.writeAndFlush(wrapOutboundOut(body), promise: nil)
            }
        } else {
            context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        }
        return true
    }

    /// Holds back the parts of a streamed answer; the socket is not read.
    package func pause() { isPaused = true }

    package func resume() {
        guard isPaused, context != nil || hasEnded else { return }
        isPaused = false
        if receiver != nil { renewDeadline() }
        process()
        guard let context else {
            if hasEnded, !isPaused { answerEnded() }
            return
        }
        if !isPaused, isReadHeldBack {
            isReadHeldBack = false
            context.read()
        }
        arm()
    }

    /// Ends the connection; a request under way fails with `cancelled`.
    package func close() {
        fail(.cancelled)
    }

    // MARK: Channel events

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) { connectionEnded() }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        hasReceived = true
        if inbound.readableBytes == 0 {
            inbound = incoming
        } else {
            inbound.discardReadBytes()
            inbound.writeBuffer(&incoming)
        }
        process()
    }

    package func read(context: ChannelHandlerContext) {
        if isPaused { isReadHeldBack = true } else { context.read() }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        connectionEnded()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure, failure != .truncated, !hasReceived {
            fail(.tls(failure))
        } else if !hasReceived {
            fail(.closedBeforeAnswer(isReused: requests > 1))
        } else {
            fail(.closedInAnswer)
        }
    }

    // MARK: Answers

    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer {
            isProcessing = false
            // Lets the channel use its read buffer again.
            if inbound.readableBytes == 0 { inbound = ByteBuffer() }
        }
        while !isPaused, context != nil || hasEnded {
            switch machine.next(&inbound) {
            case .needMoreBytes: return
            case .unexpectedBytes: return fail(.cancelled)
            case .fault(let fault): return fail(.malformed(fault))
            case .head(let head):
                self.head = head
                keepsAlive = keepsAlive && head.isKeepAlive
                isStreaming = expectation.isStreamed && !Self.isSmall(head.body)
                if isStreaming {
                    renewDeadline()
                    receiver?.began(head)
                } else if case .length(let length) = head.body, length > inbound.readableBytes, let context {
                    body = context.channel.allocator.buffer(capacity: min(length, 262_144))
                }
            case .part(var part):
                if isStreaming {
                    renewDeadline()
                    receiver?.part(part)
                } else if body.readableBytes == 0, body.capacity == 0 {
                    body = part
                } else {
                    body.writeBuffer(&part)
                }
            case .end: ended()
            }
        }
    }

    private static func isSmall(_ body: HTTPBodyFraming) -> Bool {
        switch body {
        case .none: true
        case .length(let length): length <= HTTPExpectation.collectedBytes
        case .chunked, .untilClose: false
        }
    }

    private func renewDeadline() {
        if let context { deadline = context.eventLoop.now + expectation.timeout }
    }

    private func ended() {
        guard let receiver, let head else { return }
        let whole = body
        self.receiver = nil
        self.head = nil
        body = ByteBuffer()
        deadline = .distantFuture
        // Bytes after the answer answer nothing: such a connection is not used again.
        if inbound.readableBytes > 0 { keepsAlive = false }
        if !keepsAlive { context?.close(promise: nil) }
        if isStreaming { receiver.ended() } else { receiver.answered(head, whole) }
    }

    private func fail(_ error: HTTPClientError) {
        keepsAlive = false
        hasEnded = false
        deadline = .distantFuture
        let receiver = self.receiver
        self.receiver = nil
        head = nil
        body = ByteBuffer()
        inbound = ByteBuffer()
        context?.close(promise: nil)
        receiver?.failed(error)
    }

    private func connectionEnded() {
        guard context != nil else { return }
        timer?.cancel()
        timer = nil
        context = nil
        keepsAlive = false
        if receiver != nil {
            if isPaused { hasEnded = true } else { answerEnded() }
        }
        onClosed?()
        onClosed = nil
    }

    /// Nothing more comes, and all that came was delivered.
    private func answerEnded() {
        hasEnded = false
        guard receiver != nil else { return }
        if machine.connectionEnded() {
            ended()
        } else {
            fail(hasReceived ? .closedInAnswer : .closedBeforeAnswer(isReused: requests > 1))
        }
    }

    // MARK: Clock

    private func arm() {
        guard let context, deadline < timerDue else { return }
        timer?.cancel()
        timerDue = deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timerFired() }
    }

    private func timerFired() {
        timer = nil
        timerDue = .distantFuture
        guard let context else { return }
        if context.eventLoop.now >= deadline, !isPaused { fail(.timeout) } else if !isPaused { arm() }
    }
}
