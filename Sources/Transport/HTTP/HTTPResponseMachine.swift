// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Reads answers out of a byte stream, one for each `expect`; no channel, no clock.
package struct HTTPResponseMachine {
    package enum Step {
        case needMoreBytes
        case head(HTTPResponseHead)
        /// Some bytes of the body, never empty.
        case part(ByteBuffer)
        case end
        /// The stream cannot be read further.
        case fault(HTTPResponseFault)
        /// Bytes that answer nothing.
        case unexpectedBytes
    }

    private enum State {
        case idle
        case head(HTTPResponseHeadReader)
        case body(HTTPBodyReader)
        case failed
    }

    private let limits: HTTPHeadLimits
    private var state = State.idle
    private var bodyLimit = 0
    private var mayEndWithConnection = false
    private var interims = 0
    private var endsWithConnection = false

    package init(limits: HTTPHeadLimits = .response) { self.limits = limits }

    /// A request has been sent; its answer comes next.
    package mutating func expect(bodyLimit: Int, mayEndWithConnection: Bool) {
        guard case .idle = state else { return }
        self.bodyLimit = bodyLimit
        self.mayEndWithConnection = mayEndWithConnection
        interims = 0
        state = .head(HTTPResponseHeadReader(limits: limits))
    }

    package mutating func next(_ buffer: inout ByteBuffer) -> Step {
        while true {
            switch state {
            case .idle:
                return buffer.readableBytes > 0 ? .unexpectedBytes : .needMoreBytes
            case .failed:
                buffer.moveReaderIndex(forwardBy: buffer.readableBytes)
                return .needMoreBytes
            case .head(var reader):
                guard buffer.readableBytes > 0 else { return .needMoreBytes }
                state = .failed  // the reader has one owner while it grows its arrays
                do {
                    guard let length = try reader.scan(buffer.readableBytesUInt8Span) else {
                        state = .head(reader)
                        return .needMoreBytes
                    }
                    guard let bytes = buffer.readBytes(length: length) else { return .needMoreBytes }
                    let head = try reader.finish(bytes, mayEndWithConnection: mayEndWithConnection)
                    if head.status < 200 {
                        interims += 1
                        if head.status == 101 || interims > 8 { return .fault(.interim) }
                        state = .head(HTTPResponseHeadReader(limits: limits))
                        continue
                    }
                    if case .length(let length) = head.body, length > bodyLimit { return .fault(.bodyTooLarge) }
                    endsWithConnection = head.body == .untilClose
                    state = .body(HTTPBodyReader(head.body, limit: bodyLimit))
                    return .head(head)
                } catch {
                    return .fault(error)
                }
            case .body(var reader):
                let step = reader.next(&buffer)
                state = .body(reader)
                switch step {
                case .needMoreBytes: return .needMoreBytes
                case .part(let part): return .part(part)
                case .end:
                    state = .idle
                    return .end
                case .fault(let fault):
                    state = .failed
                    return .fault(.framing(fault))
                case .tooLarge:
                    state = .failed
                    return .fault(.bodyTooLarge)
                }
            }
        }
    }

    /// The connection has ended.
    /// - Returns: whether that is the proper end of the body under way.
    package mutating func connectionEnded() -> Bool {
        guard case .body = state, endsWithConnection else { return false }
        state = .failed
        return true
    }
}
