// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Writes the head of a request that is passed on, from its parsed form: request line, allow-listed fields, one framing.
///
/// Fields beside Host, Authorization, Content-Type, Accept, User-Agent and Date never pass, whatever Connection says
/// about them (AC-21, AC-26).
package enum HTTPUpstreamHead {
    /// Longest User-Agent passed on, in bytes.
    package static let userAgentBytes = 128

    /// - Parameters:
    ///   - bodyLength: length of the body that follows; `nil` sends no length, for methods without a body.
    ///   - host: the Host value to send in place of the received one.
    ///   - authorization: the one Authorization value to send in place of all received ones; empty sends none, `nil` what
    ///     was received.
    ///   - lines: own fields, set last.
    /// - Returns: how many received fields were left out, those of framing and connection handling not counted.
    @discardableResult
    package static func write(
        _ head: HTTPRequestHead, bodyLength: Int?, host: String? = nil, authorization: [UInt8]? = nil,
        lines: HTTPFieldLines = .none,
        to out: inout ByteBuffer
    ) -> Int {
        let bytes = head.bytes.span
        out.reserveCapacity(minimumWritableBytes: head.bytes.count + lines.bytes.count + 64)
        out.writeStaticString(head.method.text)
        out.writeInteger(0x20 as UInt8)
        append(bytes, head.target, to: &out)
        out.writeStaticString(" HTTP/1.1\r\nHost: ")
        if let host { out.writeString(host) } else { append(bytes, head.host, to: &out) }
        out.writeStaticString("\r\n")
        var dropped = 0
        var written: UInt32 = 0
        for field in head.fields {
            switch field.known {
            case .authorization:
                if authorization != nil { continue }
            case .accept:
                break
            case .contentType, .userAgent, .date:
                let bit: UInt32 = 1 << UInt32(field.known.rawValue)
                guard written & bit == 0 else {
                    dropped += 1
                    continue
                }
                written |= bit
            case .host, .contentLength, .transferEncoding, .connection, .expect:
                continue
            default:
                dropped += 1
                continue
            }
            var value = field.value
            if field.known == .userAgent, value.count > userAgentBytes {
                value = value.lowerBound..<(value.lowerBound + userAgentBytes)
            }
            out.writeStaticString(field.known.text)
            out.writeStaticString(": ")
            append(bytes, value, to: &out)
            out.writeStaticString("\r\n")
        }
        if let authorization, !authorization.isEmpty {
            out.writeStaticString("Authorization: ")
            out.writeBytes(authorization)
            out.writeStaticString("\r\n")
        }
        if let bodyLength {
            out.writeStaticString("Content-Length: ")
            HTTPResponseWriter.writeDecimal(bodyLength, to: &out)
            out.writeStaticString("\r\n")
        }
        out.writeBytes(lines.bytes)
        out.writeStaticString("\r\n")
        return dropped
    }

    private static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to out: inout ByteBuffer) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe _ = out.writeBytes(UnsafeRawBufferPointer($0)) }
    }
}
