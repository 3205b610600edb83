// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The way of a request: from bytes to the head, to the body, to the service.
extension HTTPServerHandler {
    func process() {
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

    func refuse(_ refusal: HTTPRefusal) {
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
}
