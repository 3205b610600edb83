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

    private enum Phase {
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

    private let service: any HTTPService
    private let limits: HTTPServerLimits
    private let isDraining: () -> Bool
    private var context: ChannelHandlerContext?
    private var facts = HTTPConnectionFacts(remoteAddress: nil, localAddress: nil, tls: nil)
    private var machine: HTTPRequestMachine
    private var clock: HTTPServerClock
    private var phase = Phase.head
    private var inbound = ByteBuffer()
    private var body = ByteBuffer()
    private var exchange: HTTPExchange?
    private var isOneZero = false
    private var keepsAlive = true
    private var isLastWritten = false
    private var isProcessing = false
    private var isReadHeldBack = false
    private var lingered = 0

    private var answer: Answer = .none
    private enum Answer {
        case none
        /// Given while the service was still looking at the head.
        case early(Int, HTTPFieldLines, ByteBuffer)
        case earlyStream(Int, HTTPFieldLines, Int?)
        case rest(ByteBuffer)
        case stream(isChunked: Bool, hasChunk: Bool)
        case complete
    }
    private var isAskingService = false
    /// Set while bytes go down the pipeline: a writability event that arrives meanwhile is not a call to write more.
    private var isWriting = false

    /// Bytes of a streamed answer that were written and not flushed.
    private var unflushed = 0
    private var isFlushDue = false

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

    // MARK: Channel events

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

    // MARK: Requests

    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while let context, proceed(context) {}
        // Lets the channel use its read buffer again.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
        if isReadHeldBack, phase != .answering || inbound.readableBytes < limits.pipelinedBytes {
            isReadHeldBack = false
            context?.read()
        }
    }

    /// One step of the machine. Returns whether another may follow.
    private func proceed(_ context: ChannelHandlerContext) -> Bool {
        switch phase {
        case .answering, .ending: return false
        case .head, .collecting, .draining: break
        }
        let available = inbound.readableBytes
        switch machine.next(&inbound) {
        case .needMoreBytes:
            if phase == .head, available > 0 { clock.enter(.head, now: context.eventLoop.now) }
            return false
        case .head(let head):
            begin(head, context)
        case .part(var part):
            clock.bodyArrived(part.readableBytes)
            if phase == .collecting { collect(&part) }
        case .end:
            clock.enter(.service, now: context.eventLoop.now)
            bodyEnded()
        case .refused(let refusal):
            refuse(refusal)
        }
        return true
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let exchange = HTTPExchange(self, facts)
        self.exchange = exchange
        answer = .none
        isOneZero = head.isOneZero
        keepsAlive = head.isKeepAlive && !isDraining()

        isAskingService = true
        let plan = service.head(head, exchange)
        isAskingService = false
        guard self.context != nil else { return }

        let limit: Int
        switch plan {
        case .collect(let most):
            phase = exchange.hasBegun ? .draining : .collecting
            limit = most
        case .discard(let most):
            phase = .draining
            limit = most
        }
        let refusal = machine.acceptBody(limit: limit)
        if phase == .collecting, let refusal { return refuse(refusal) }

        let waitsForContinue = head.expectsContinue && inbound.readableBytes == 0
        if refusal != nil || (phase == .draining && waitsForContinue) {
            // The body is not worth reading, or may never come: answer, then end the connection.
            keepsAlive = false
            machine.abandon()
            phase = .answering
        }
        if phase == .collecting {
            if case .length(let length) = head.body, length > inbound.readableBytes {
                body = context.channel.allocator.buffer(capacity: min(length, 262_144))
            }
            if waitsForContinue {
                var line = context.channel.allocator.buffer(capacity: 32)
                line.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(line), promise: nil)
            }
        }
        if head.body != .none {
            clock.enter(phase == .answering ? .service : .body, now: context.eventLoop.now)
        }
        switch answer {
        case .early(let status, let fields, let body): write(status, fields, body)
        case .earlyStream(let status, let fields, let length): beginStream(status, fields, length)
        default: break
        }
    }

    private func collect(_ part: inout ByteBuffer) {
        if body.readableBytes == 0, body.capacity == 0 {
            body = part
        } else {
            body.writeBuffer(&part)
        }
    }

    private func bodyEnded() {
        let wasCollecting = phase == .collecting
        phase = .answering
        if case .complete = answer { return exchangeEnded() }
        guard let exchange, wasCollecting, !exchange.hasBegun else { return }
        let whole = body
        body = ByteBuffer()
        service.body(whole, exchange)
    }

    private func refuse(_ refusal: HTTPRefusal) {
        guard let context, phase != .ending else { return }
        machine.abandon()
        keepsAlive = false
        body = ByteBuffer()
        inbound = ByteBuffer()
        phase = .ending
        clock.enter(.ending, now: context.eventLoop.now)
        if case .complete = answer {
            // A fault in a body whose answer is out: recorded, and nothing added to the answer.
            let over = HTTPExchange(self, facts)
            over.detach()
            _ = service.refused(refusal, over)
            clock.enter(.closing, now: context.eventLoop.now)
            return arm()
        }
        let exchange = self.exchange ?? HTTPExchange(self, facts)
        self.exchange = exchange
        let hadBegun = exchange.hasBegun
        let answering = service.refused(refusal, exchange)
        guard self.context != nil else { return }
        if hadBegun || refusal == .slowReader { return abort() }
        if answering == .byConnection {
            exchange.respond(
                refusal.status, .json, HTTPResponseWriter.refusalBody(refusal, context.channel.allocator))
        }
    }

    // MARK: Answers

    func answer(_ status: Int, _ fields: HTTPFieldLines, _ body: ByteBuffer) {
        if isAskingService {
            answer = .early(status, fields, body)
        } else {
            write(status, fields, body)
        }
    }

    func startStream(_ status: Int, _ fields: HTTPFieldLines, length: Int?) {
        if isAskingService {
            answer = .earlyStream(status, fields, length)
        } else {
            beginStream(status, fields, length)
        }
    }

    private func write(_ status: Int, _ fields: HTTPFieldLines, _ body: ByteBuffer) {
        guard let context else { return }
        stopCollecting()
        if isDraining() { keepsAlive = false }
        let hasBody = status != 204 && status != 304
        let isSmall = body.readableBytes <= 16_384
        var head = HTTPResponseWriter.head(
            status, fields, hasBody ? .length(body.readableBytes) : .none, isKeepAlive: keepsAlive,
            room: isSmall ? body.readableBytes : 0, context.channel.allocator)
        guard hasBody, !isSmall else {
            if hasBody { head.writeImmutableBuffer(body) }
            return writeLast(head)
        }
        context.write(wrapOutboundOut(head), promise: nil)
        writeRest(body)
    }

    /// Sends a large body in slices, so that a peer which reads slowly but reads is not taken for one that stalls.
    private func writeRest(_ rest: ByteBuffer) {
        guard let context else { return }
        var rest = rest
        answer = .rest(rest)
        isWriting = true
        defer { isWriting = false }
        while rest.readableBytes > 131_072, let slice = rest.readSlice(length: 131_072) {
            answer = .rest(rest)
            context.writeAndFlush(wrapOutboundOut(slice), promise: nil)
            guard self.context != nil, context.channel.isWritable else { return }
        }
        writeLast(rest)
    }

    private func writeLast(_ bytes: ByteBuffer) {
        guard let context else { return }
        answer = .complete
        unflushed = 0
        if isDraining() { keepsAlive = false }
        exchange?.detach()
        exchange = nil
        if keepsAlive {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } else {
            let written = context.eventLoop.makePromise(of: Void.self)
            let mustLinger = phase != .answering || !machine.isBetweenRequests
            written.futureResult.assumeIsolated().whenComplete { _ in self.lastAnswerWritten(mustLinger) }
            context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
        }
        if phase == .answering || phase == .ending { exchangeEnded() }
    }

    private func beginStream(_ status: Int, _ fields: HTTPFieldLines, _ length: Int?) {
        guard let context else { return }
        stopCollecting()
        let framing: HTTPResponseWriter.Framing
        if let length {
            framing = .length(length)
        } else if isOneZero {
            keepsAlive = false
            framing = .untilClose
        } else {
            framing = .chunked
        }
        answer = .stream(isChunked: length == nil && !isOneZero, hasChunk: false)
        let head = HTTPResponseWriter.head(
            status, fields, framing, isKeepAlive: keepsAlive, room: 0, context.channel.allocator)
        writeSoon(head, context)
    }

    /// Writes a piece of a streamed answer. What the homeserver sends at once, mostly the whole answer, is flushed at
    /// once: one record and one system call instead of three.
    private func writeSoon(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        unflushed += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        if unflushed > 65_536 { return flushPieces() }
        guard !isFlushDue else { return }
        isFlushDue = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushDue = false
            self.flushPieces()
        }
    }

    private func flushPieces() {
        guard unflushed > 0, let context else { return }
        unflushed = 0
        context.flush()
    }

    func writePart(_ part: ByteBuffer) -> Bool {
        guard let context else { return false }
        guard part.readableBytes > 0 else { return context.channel.isWritable }
        beginEarlyStream()
        isWriting = true
        defer { isWriting = false }
        if case .stream(let isChunked, let hasChunk) = answer, isChunked {
            var line = context.channel.allocator.buffer(capacity: 16)
            if hasChunk { line.writeStaticString("\r\n") }
            HTTPResponseWriter.writeHex(part.readableBytes, to: &line)
            line.writeStaticString("\r\n")
            answer = .stream(isChunked: true, hasChunk: true)
            context.write(wrapOutboundOut(line), promise: nil)
        }
        writeSoon(part, context)
        return self.context != nil && context.channel.isWritable
    }

    func finishStream() {
        beginEarlyStream()
        var end = ByteBuffer()
        if case .stream(let isChunked, let hasChunk) = answer, isChunked {
            end.writeStaticString(hasChunk ? "\r\n0\r\n\r\n" : "0\r\n\r\n")
        }
        writeLast(end)
    }

    /// A stream that is written to while the service still looks at the head: what becomes of the body is not known
    /// yet, so the connection ends after it.
    private func beginEarlyStream() {
        guard case .earlyStream(let status, let fields, let length) = answer else { return }
        keepsAlive = false
        beginStream(status, fields, length)
    }

    func abort() {
        flushPieces()
        keepsAlive = false
        phase = .ending
        context?.close(promise: nil)
    }

    /// An answer has begun: the rest of the body, if any, is not for the service.
    private func stopCollecting() {
        if phase == .collecting { phase = .draining }
        body = ByteBuffer()
    }

    private func exchangeEnded() {
        guard let context else { return }
        answer = .none
        let now = context.eventLoop.now
        if keepsAlive, phase == .answering, machine.isBetweenRequests {
            phase = .head
            clock.enter(inbound.readableBytes > 0 ? .head : .idle, now: now)
            process()
        } else {
            phase = .ending
            if isLastWritten, machine.isBetweenRequests { return context.close(promise: nil) }
            clock.enter(.ending, now: now)
        }
        arm()
    }

    // MARK: Endings

    private func lastAnswerWritten(_ mustLinger: Bool) {
        guard let context else { return }
        isLastWritten = true
        guard mustLinger else { return context.close(promise: nil) }
        // Closing with unread bytes in the socket resets the connection and can lose the answer: the end is announced
        // and the peer heard out, within bounds.
        context.close(mode: .output, promise: nil)
        guard phase != .draining else { return }
        clock.enter(.closing, now: context.eventLoop.now)
        arm()
    }

    private func linger(_ bytes: Int) {
        lingered += bytes
        if lingered > limits.lingerBytes { context?.close(promise: nil) }
    }

    // MARK: Clock

    private func arm() {
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
