// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Reads requests out of a byte stream: bytes in, steps out; no channel, no clock.
///
/// Stricter than RFC 9112 wherever two parsers are known to read one byte string differently. The order of checks is
/// the order of the bytes, so that any split of the stream gives the same steps.
package struct HTTPRequestMachine {
    package enum Step {
        case needMoreBytes
        /// A head; call `acceptBody(limit:)` before the next step.
        case head(HTTPRequestHead)
        /// Some bytes of the body, never empty.
        case part(ByteBuffer)
        /// The request is complete; the next byte belongs to another one.
        case end
        /// The stream cannot be read further. Every later byte is swallowed.
        case refused(HTTPRefusal)
    }

    private enum State {
        case head(HTTPRequestHeadReader)
        case planning(HTTPBodyFraming)
        case body(HTTPBodyReader)
        /// The last request of this connection is complete.
        case ended
        case failed
    }

    private let limits: HTTPHeadLimits
    private var state: State
    private var isLast = false

    package init(limits: HTTPHeadLimits = .request) {
        self.limits = limits
        state = .head(HTTPRequestHeadReader(limits: limits))
    }

    package mutating func next(_ buffer: inout ByteBuffer) -> Step {
        switch state {
        case .head(var reader):
            guard buffer.readableBytes > 0 else { return .needMoreBytes }
            state = .failed  // the reader has one owner while it grows its arrays
            do {
                guard let length = try reader.scan(buffer.readableBytesUInt8Span) else {
                    state = .head(reader)
                    return .needMoreBytes
                }
                guard let bytes = buffer.readBytes(length: length) else { return .needMoreBytes }
                let head = try reader.finish(bytes)
                state = .planning(head.body)
                isLast = !head.isKeepAlive
                return .head(head)
            } catch {
                return .refused(error)
            }
        case .planning:
            return .needMoreBytes
        case .body(var reader):
            let step = reader.next(&buffer)
            state = .body(reader)
            switch step {
            case .needMoreBytes: return .needMoreBytes
            case .part(let part): return .part(part)
            case .end:
                state = isLast ? .ended : .head(HTTPRequestHeadReader(limits: limits))
                return .end
            case .fault(let fault): return fail(.framing(fault))
            case .tooLarge: return fail(.bodyTooLarge)
            }
        case .ended, .failed:
            buffer.moveReaderIndex(forwardBy: buffer.readableBytes)
            return .needMoreBytes
        }
    }

    /// Goes on to the body of the head just read, of at most `limit` bytes.
    package mutating func acceptBody(limit: Int) -> HTTPRefusal? {
        guard case .planning(let framing) = state else { return nil }
        if case .length(let length) = framing, length > limit {
            state = .failed
            return .bodyTooLarge
        }
        state = .body(HTTPBodyReader(framing, limit: limit))
        return nil
    }

    /// Whether every request so far was read to its end.
    package var isBetweenRequests: Bool {
        switch state {
        case .head, .ended: true
        case .planning, .body, .failed: false
        }
    }

    /// Reads nothing more of this stream.
    package mutating func abandon() { state = .failed }

    private mutating func fail(_ refusal: HTTPRefusal) -> Step {
        state = .failed
        return .refused(refusal)
    }
}
