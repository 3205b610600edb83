// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Writes the bytes of answers.
enum HTTPResponseWriter {
    enum Framing {
        case length(Int)
        case chunked
        case untilClose
        /// 204 and 304: no body and no length.
        case none
    }

    static func head(
        _ status: Int, _ fields: HTTPFieldLines, _ framing: Framing, isKeepAlive: Bool, room: Int,
        _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var out = allocator.buffer(capacity: 128 + fields.bytes.count + room)
        if let line = HTTPStatusLine.text(status) {
            out.writeStaticString(line)
        } else {
            out.writeStaticString("HTTP/1.1 ")
            writeDecimal(min(max(status, 200), 599), to: &out)
            out.writeStaticString(" Status\r\n")
        }
        out.writeBytes(fields.bytes)
        switch framing {
        case .length(let length):
            out.writeStaticString("Content-Length: ")
            writeDecimal(length, to: &out)
            out.writeStaticString(isKeepAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        case .chunked:
            out.writeStaticString("Transfer-Encoding: chunked\r\n")
            out.writeStaticString(isKeepAlive ? "\r\n" : "Connection: close\r\n\r\n")
        case .untilClose:
            out.writeStaticString("Connection: close\r\n\r\n")
        case .none:
            out.writeStaticString(isKeepAlive ? "\r\n" : "Connection: close\r\n\r\n")
        }
        return out
    }

    static func writeDecimal(_ value: Int, to out: inout ByteBuffer) {
        var divisor = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            out.writeInteger(UInt8(truncatingIfNeeded: value / divisor % 10) &+ 0x30)
            divisor /= 10
        }
    }

    static func writeHex(_ value: Int, to out: inout ByteBuffer) {
        var shift = 0
        while value >> shift >= 16 { shift += 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
            out.writeInteger(digit < 10 ? digit + 0x30 : digit + 0x57)
            shift -= 4
        }
    }

    /// The standard body of a refusal: an errcode and nothing of our reasons.
    static func refusalBody(_ refusal: HTTPRefusal, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var body = allocator.buffer(capacity: 64)
        body.writeStaticString("{\"errcode\":\"")
        body.writeStaticString(refusal.errcode)
        body.writeStaticString("\",\"error\":\"request refused\"}")
        return body
    }
}
