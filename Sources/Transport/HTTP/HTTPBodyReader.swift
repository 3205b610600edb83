// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Takes one message body out of the byte stream: by length, in chunks, or until the connection ends.
///
/// RFC 9112 section 7.1, without chunk extensions and trailers, which are refused: no federation peer needs them, and
/// parsers differ about them.
package struct HTTPBodyReader {
    package enum Step {
        case needMoreBytes
        /// Some bytes of the body, never empty.
        case part(ByteBuffer)
        case end
        case fault(HTTPFramingFault)
        /// The body is, or says it will be, longer than its limit.
        case tooLarge
    }

    private enum State {
        case length(left: Int)
        case size(digits: Int, value: Int)
        case sizeLineFeed(value: Int)
        case data(left: Int)
        case dataReturn, dataLineFeed
        case lastReturn, lastLineFeed
        case untilClose
        case ended
    }

    private var state: State
    private let limit: Int
    /// Body bytes delivered so far.
    package private(set) var received = 0

    package init(_ framing: HTTPBodyFraming, limit: Int) {
        self.limit = limit
        state =
            switch framing {
            case .none: .ended
            case .length(let length): length == 0 ? .ended : .length(left: length)
            case .chunked: .size(digits: 0, value: 0)
            case .untilClose: .untilClose
            }
    }

    package mutating func next(_ buffer: inout ByteBuffer) -> Step {
        while true {
            switch state {
            case .ended:
                return .end
            case .length(let left):
                if left > limit - received { return .tooLarge }
                guard let part = take(left, from: &buffer) else { return .needMoreBytes }
                state = part.readableBytes == left ? .ended : .length(left: left - part.readableBytes)
                return .part(part)
            case .data(let left):
                guard let part = take(left, from: &buffer) else { return .needMoreBytes }
                state = part.readableBytes == left ? .dataReturn : .data(left: left - part.readableBytes)
                return .part(part)
            case .untilClose:
                if buffer.readableBytes > limit - received { return .tooLarge }
                guard let part = take(Int.max, from: &buffer) else { return .needMoreBytes }
                return .part(part)
            default:
                guard let byte = buffer.readInteger(as: UInt8.self) else { return .needMoreBytes }
                if let fault = step(over: byte) { return fault }
            }
        }
    }

    private mutating func take(_ most: Int, from buffer: inout ByteBuffer) -> ByteBuffer? {
        guard buffer.readableBytes > 0, let part = buffer.readSlice(length: min(most, buffer.readableBytes)) else {
            return nil
        }
        received += part.readableBytes
        return part
    }

    /// One byte of the lines around chunks.
    private mutating func step(over byte: UInt8) -> Step? {
        switch (state, byte) {
        case (.size(let digits, let value), _):
            return sizeLine(byte, digits, value)
        case (.sizeLineFeed(let value), 0x0A):
            if value > limit - received { return .tooLarge }
            state = value == 0 ? .lastReturn : .data(left: value)
        case (.dataReturn, 0x0D):
            state = .dataLineFeed
        case (.dataLineFeed, 0x0A):
            state = .size(digits: 0, value: 0)
        case (.lastReturn, 0x0D):
            state = .lastLineFeed
        case (.lastLineFeed, 0x0A):
            state = .ended
        case (.sizeLineFeed, _), (.lastLineFeed, _):
            return .fault(.bareCarriageReturn)
        case (.lastReturn, 0x0A):
            return .fault(.bareLineFeed)
        case (.lastReturn, _):
            return .fault(.trailers)
        default:
            return .fault(.chunkEnd)
        }
        return nil
    }

    private mutating func sizeLine(_ byte: UInt8, _ digits: Int, _ value: Int) -> Step? {
        let digit: UInt8
        switch byte {
        case 0x30...0x39: digit = byte - 0x30
        case 0x41...0x46: digit = byte - 0x37
        case 0x61...0x66: digit = byte - 0x57
        case 0x0D where digits > 0:
            state = .sizeLineFeed(value: value)
            return nil
        case 0x0A: return .fault(.bareLineFeed)
        case 0x3B where digits > 0: return .fault(.chunkExtension)
        default: return .fault(.chunkSize)
        }
        guard digits < 8 else { return .fault(.chunkSize) }
        state = .size(digits: digits + 1, value: value << 4 | Int(digit))
        return nil
    }
}
