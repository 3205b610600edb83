// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The answer of one exchange and what comes after it: the next request, or the end of the connection.
extension HTTPServerHandler {
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

    func write(_ status: Int, _ fields: HTTPFieldLines, _ body: ByteBuffer) {
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
    func writeRest(_ rest: ByteBuffer) {
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

    func beginStream(_ status: Int, _ fields: HTTPFieldLines, _ length: Int?) {
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

    func exchangeEnded() {
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

    func linger(_ bytes: Int) {
        lingered += bytes
        if lingered > limits.lingerBytes { context?.close(promise: nil) }
    }
}
