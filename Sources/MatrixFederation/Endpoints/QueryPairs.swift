// SPDX-License-Identifier: Apache-2.0

/// Walks the pairs of a query as ranges of the target.
struct QueryPairs {
    private var offset: Int

    init(from offset: Int) { self.offset = offset }

    /// The next pair of a query that was checked before.
    mutating func next(_ raw: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
        guard offset < raw.count else { return nil }
        let start = offset
        var equals: Int?
        while offset < raw.count, raw[offset] != UInt8(ascii: "&") {
            if equals == nil, raw[offset] == UInt8(ascii: "=") { equals = offset }
            offset += 1
        }
        let end = offset
        offset += 1
        guard let equals else { return (start..<end, end..<end) }
        return (start..<equals, equals + 1..<end)
    }

    /// Refuses a query that readers could split, decode or choose from differently.
    ///
    /// Names are plain; only `v` and `ver` may repeat. An empty query is fine, an empty pair is not.
    static func check(_ raw: Span<UInt8>, from start: Int) throws(RequestTarget.Fault) {
        guard start < raw.count else { return }
        for offset in start..<raw.count where !URIBytes.isQueryByte(raw[offset]) && raw[offset] != UInt8(ascii: "%") {
            let isSeparator = raw[offset] == UInt8(ascii: ";")
            throw RequestTarget.Fault(isSeparator ? .queryAmbiguous : .pathNonCanonical, at: offset)
        }
        if raw[raw.count - 1] == UInt8(ascii: "&") { throw RequestTarget.Fault(.queryAmbiguous, at: raw.count - 1) }
        var pairs = QueryPairs(from: start)
        var count = 0
        while let pair = pairs.next(raw) {
            count += 1
            // Without `=`, the value would begin where the name ends.
            guard !pair.name.isEmpty, pair.value.lowerBound > pair.name.upperBound, count <= RequestTarget.maxPairs,
                isPlain(raw, pair.name), try !isRepeated(raw, pair.name, from: start)
            else { throw RequestTarget.Fault(.queryAmbiguous, at: pair.name.lowerBound) }
            var decoder = PercentDecoder(pair.value, plusIsSpace: true)
            while try decoder.next(raw) != nil {}
        }
    }

    private static func isPlain(_ raw: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for offset in range where raw[offset] == UInt8(ascii: "%") || raw[offset] == UInt8(ascii: "+") {
            return false
        }
        return true
    }

    private static func isRepeated(
        _ raw: Span<UInt8>, _ name: Range<Int>, from start: Int
    ) throws(RequestTarget.Fault) -> Bool {
        if URIBytes.equal(raw, name, "v") || URIBytes.equal(raw, name, "ver") { return false }
        var earlier = QueryPairs(from: start)
        while let pair = earlier.next(raw), pair.name.lowerBound < name.lowerBound {
            guard pair.name.count == name.count else { continue }
            var isSame = true
            for index in 0..<name.count where raw[pair.name.lowerBound + index] != raw[name.lowerBound + index] {
                isSame = false
                break
            }
            if isSame { return true }
        }
        return false
    }
}
