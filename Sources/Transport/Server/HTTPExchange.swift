// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// One request and its answer, for the service. Confined to the connection's event loop.
///
/// An answer is either `respond`, once, or `startStream`, `write`…, `finish`. Calls after the end do nothing.
package final class HTTPExchange {
    package let connection: HTTPConnectionFacts
    /// Called when a streamed answer may go on after `write` has returned `false`.
    package var onWritable: (() -> Void)?
    /// INVARIANT: `nil` once the exchange is over, so that neither keeps the other alive.
    private var handler: HTTPServerHandler?
    /// Whether an answer was given or begun.
    package private(set) var hasBegun = false
    /// Bytes that a streamed answer with a length still owes; `nil` when chunked.
    private var owed: Int?
    private var isStreaming = false

    init(_ handler: HTTPServerHandler, _ connection: HTTPConnectionFacts) {
        self.handler = handler
        self.connection = connection
    }

    /// Whether the exchange is over: answered, aborted, or the peer has gone.
    package var isClosed: Bool { handler == nil }

    package var eventLoop: (any EventLoop)? { handler?.eventLoop }

    /// Answers with a whole body.
    /// - Parameter fields: header lines beside Content-Length, Transfer-Encoding and Connection, which are set here.
    package func respond(_ status: Int, _ fields: HTTPFieldLines, _ body: ByteBuffer) {
        guard let handler, !hasBegun else { return }
        hasBegun = true
        handler.answer(status, fields, body)
    }

    /// Begins an answer whose body comes in parts.
    /// - Parameter length: its length if known; otherwise it is sent in chunks.
    package func startStream(_ status: Int, _ fields: HTTPFieldLines, length: Int?) {
        guard let handler, !hasBegun else { return }
        hasBegun = true
        isStreaming = true
        owed = length
        handler.startStream(status, fields, length: length)
    }

    /// Sends a part of a streamed body.
    /// - Returns: whether more may be written now; otherwise wait for `onWritable`.
    package func write(_ part: ByteBuffer) -> Bool {
        guard let handler, isStreaming else { return false }
        if let owed {
            guard part.readableBytes <= owed else {
                handler.abort()
                return false
            }
            self.owed = owed - part.readableBytes
        }
        return handler.writePart(part)
    }

    /// Ends a streamed answer. One that still owes bytes is cut off instead, so that the peer notices.
    package func finish() {
        guard let handler, isStreaming else { return }
        isStreaming = false
        if let owed, owed > 0 { return handler.abort() }
        handler.finishStream()
    }

    /// Closes the connection without completing the answer.
    package func abort() { handler?.abort() }

    /// Breaks the tie when the exchange is over.
    func detach() {
        handler = nil
        onWritable = nil
    }
}
