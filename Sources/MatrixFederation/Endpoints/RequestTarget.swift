// SPDX-License-Identifier: Apache-2.0

/// A request target in origin form whose path and query can be read in one way only.
///
/// The raw bytes are kept: signatures cover them and they go on unchanged. Segments are split at literal `/`
/// before anything is decoded, and each is decoded exactly once; the policy works on the decoded text. What another
/// reader could read differently is refused and never repaired: dot segments, empty segments, `;`, `\`, fragments,
/// controls, bytes outside the URI alphabet, escapes that are broken, doubled or not UTF-8, repeated
/// query parameters, and pairs without `=`. One trailing slash is kept as a fact; the endpoint table says who may have it.
///
/// Source: RFC 3986 sections 3.3 and 3.4, RFC 9112 section 3.2.1, Server-Server API "Request Authentication".
package struct RequestTarget: Sendable {
    /// Bytes of a whole target; longer ones are refused.
    package static let maxBytes = 16_384
    /// Segments that are kept. No endpoint has as many, so a longer path is unknown.
    package static let maxSegments = 8
    /// Pairs in a query; longer ones are refused.
    package static let maxPairs = 128

    /// The target as received.
    package let bytes: [UInt8]
    /// Segments of the path, without the empty one that a trailing slash makes. May exceed `maxSegments`.
    package let segmentCount: Int
    package let hasTrailingSlash: Bool
    /// Where the path ends: the offset of `?`, or the end.
    package let pathEnd: Int
    /// Offsets just after the `/` before each kept segment, then one more as if a segment followed.
    private let starts: InlineArray<9, UInt16>

    /// - Parameter raw: 1 to 16384 bytes, from the request line, undecoded.
    package init(parsing raw: Span<UInt8>) throws(Fault) {
        guard raw.count > 0, raw.count <= Self.maxBytes, raw[0] == UInt8(ascii: "/") else {
            throw Fault(.pathNonCanonical, at: 0)
        }
        var starts = InlineArray<9, UInt16>(repeating: 0)
        var count = 0
        var start = 1
        var offset = 1
        var isEncoded = false
        var trailing = false
        let end = raw.count
        var pathEnd = end
        while true {
            let byte = offset < end ? raw[offset] : UInt8(ascii: "?")
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") {
                let isLast = byte == UInt8(ascii: "?")
                if start == offset {
                    // An empty segment: a trailing slash (also the whole path `/`), or `//`.
                    guard isLast else { throw Fault(.pathNonCanonical, at: offset) }
                    trailing = true
                } else {
                    try Self.checkSegment(raw, start..<offset, isEncoded, mayHoldSlash: count >= 4)
                    if count < Self.maxSegments {
                        starts[count] = UInt16(truncatingIfNeeded: start)
                        starts[count + 1] = UInt16(truncatingIfNeeded: offset + 1)
                    }
                    count += 1
                }
                if isLast {
                    pathEnd = offset
                    break
                }
                start = offset + 1
                isEncoded = false
            } else if byte == UInt8(ascii: "%") {
                isEncoded = true
            } else if !URIBytes.isPathByte(byte) {
                throw Fault(.pathNonCanonical, at: offset)
            }
            offset += 1
        }
        if pathEnd < end { try QueryPairs.check(raw, from: pathEnd + 1) }
        self.starts = starts
        self.segmentCount = count
        self.hasTrailingSlash = trailing
        self.pathEnd = pathEnd
        self.bytes = unsafe raw.withUnsafeBufferPointer { unsafe Array($0) }
    }

    private static func checkSegment(
        _ raw: Span<UInt8>, _ range: Range<Int>, _ isEncoded: Bool, mayHoldSlash: Bool
    ) throws(Fault) {
        if isEncoded {
            var decoded = PercentDecoder(range, plusIsSpace: false)
            var dots = 0
            var length = 0
            while let byte = try decoded.next(raw) {
                if byte == UInt8(ascii: "\\") || (byte == UInt8(ascii: "/") && !mayHoldSlash) {
                    throw Fault(.pathNonCanonical, at: decoded.offset)
                }
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
            if length == dots && length <= 2 { throw Fault(.pathNonCanonical, at: range.lowerBound) }
        } else if range.count <= 2, raw[range.lowerBound] == UInt8(ascii: "."),
            raw[range.upperBound - 1] == UInt8(ascii: ".")
        {
            throw Fault(.pathNonCanonical, at: range.lowerBound)
        }
    }

    /// Where segment `index` lies in `bytes`; `index` counts from 0 and is below both counts.
    package func segment(_ index: Int) -> Range<Int> {
        guard index >= 0, index < segmentCount, index < Self.maxSegments else { return 0..<0 }
        return Int(starts[index])..<(Int(starts[index + 1]) - 1)
    }

    /// Segment `index`, percent-decoded once.
    package func decodedSegment(_ index: Int) -> String {
        PercentDecoder.text(bytes, segment(index), plusIsSpace: false)
    }

    /// The value of the query parameter that was given at most once, decoded once with `+` as a space.
    package func queryValue(_ name: StaticString) -> String? {
        var pairs = QueryPairs(from: pathEnd + 1)
        while let pair = pairs.next(bytes.span) {
            if URIBytes.equal(bytes.span, pair.name, name) {
                return PercentDecoder.text(bytes, pair.value, plusIsSpace: true)
            }
        }
        return nil
    }

    /// All values of a parameter that may repeat (`v`, `ver`), in order.
    package func queryValues(_ name: StaticString) -> [String] {
        var values: [String] = []
        var pairs = QueryPairs(from: pathEnd + 1)
        while let pair = pairs.next(bytes.span) {
            guard URIBytes.equal(bytes.span, pair.name, name) else { continue }
            values.append(PercentDecoder.text(bytes, pair.value, plusIsSpace: true))
        }
        return values
    }

    /// Why a target is refused. All answers are 400 `M_INVALID_PARAM`.
    package struct Fault: Error, Equatable {
        package enum Kind: Equatable, Sendable {
            /// Not origin form, dot or empty segments, `;`, `\`, a fragment, bytes that have to be escaped, over-long.
            case pathNonCanonical
            /// An escape that is broken, doubled, not UTF-8, or stands for a control character.
            case pathEncoding
            /// A query that readers split differently.
            case queryAmbiguous
        }
        package let kind: Kind
        /// Offset in the raw target.
        package let offset: Int

        init(_ kind: Kind, at offset: Int) {
            self.kind = kind
            self.offset = offset
        }
    }
}
