// SPDX-License-Identifier: Apache-2.0

/// How the end of a body is found.
package enum HTTPBodyFraming: Hashable, Sendable {
    /// No body: the message ends with its head.
    case none
    case length(Int)
    case chunked
    /// The body ends with the connection. Only in answers, and only where the asker allows it.
    case untilClose
}

/// Collects the framing fields of one head; a message has one framing or none.
struct HTTPFramingFields {
    private var length: Int?
    private var isChunked = false

    mutating func contentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFramingFault) {
        if length != nil { throw .contentLengthRepeated }
        if isChunked { throw .twoFramings }
        length = try Self.decimal(bytes, value)
    }

    mutating func transferEncoding(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFramingFault) {
        if isChunked { throw .transferEncodingRepeated }
        if length != nil { throw .twoFramings }
        guard HTTPScanner.spells("chunked", in: bytes, value) else { throw .transferEncodingMalformed }
        isChunked = true
    }

    /// `nil` when the head names no framing.
    var framing: HTTPBodyFraming? {
        if isChunked { return .chunked }
        return length.map { $0 == 0 ? .none : .length($0) }
    }

    /// Digits only, no leading zero, below 10^15: RFC 9110 section 8.6 allows more, no federation peer sends it.
    private static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPFramingFault) -> Int {
        guard !range.isEmpty else { throw .contentLengthMalformed }
        for offset in range where bytes[offset] &- 0x30 > 9 { throw .contentLengthMalformed }
        if range.count > 1, bytes[range.lowerBound] == 0x30 { throw .contentLengthMalformed }
        guard range.count <= 15 else { throw .contentLengthOverflow }
        var value = 0
        for offset in range { value = value * 10 + Int(bytes[offset] &- 0x30) }
        return value
    }
}
