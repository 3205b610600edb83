// SPDX-License-Identifier: Apache-2.0

/// Cuts a message head into lines and fields, each byte once however the bytes arrive.
///
/// Offsets count from the first byte of the head, so they stay true when the head is copied out of the read buffer.
struct HTTPHeadScanner {
    enum Line {
        case incomplete
        case line(Range<Int>)
        /// The empty line; the value is the length of the head.
        case end(Int)
        case fault(HTTPFramingFault)
        case tooLarge
    }

    private var searchedTo = 0
    private(set) var lineStart = 0

    /// The next whole line without its CRLF, of a head that may use `limit` bytes.
    mutating func nextLine(in bytes: Span<UInt8>, limit: Int) -> Line {
        guard let feed = HTTPScanner.lineFeed(in: bytes, from: searchedTo) else {
            searchedTo = bytes.count
            return bytes.count >= limit ? .tooLarge : .incomplete
        }
        if feed >= limit { return .tooLarge }
        guard feed > lineStart, bytes[feed - 1] == 0x0D else { return .fault(.bareLineFeed) }
        let line = lineStart..<(feed - 1)
        lineStart = feed + 1
        searchedTo = lineStart
        return line.isEmpty ? .end(lineStart) : .line(line)
    }

    /// The header field in a line that is not empty.
    static func field(in bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPFramingFault) -> HTTPField {
        if HTTPScanner.isBlank(bytes[line.lowerBound]) { throw .foldedLine }
        var colon = line.lowerBound
        while colon < line.upperBound, HTTPScanner.isToken(bytes[colon]) { colon += 1 }
        guard colon < line.upperBound else { throw .missingColon }
        guard bytes[colon] == 0x3A else {
            if bytes[colon] == 0x0D { throw .bareCarriageReturn }
            throw HTTPScanner.isBlank(bytes[colon]) ? .spaceBeforeColon : .fieldNameByte
        }
        guard colon > line.lowerBound else { throw .emptyFieldName }

        var start = colon + 1
        var end = line.upperBound
        while start < end, HTTPScanner.isBlank(bytes[start]) { start += 1 }
        while end > start, HTTPScanner.isBlank(bytes[end - 1]) { end -= 1 }
        if let control = HTTPScanner.firstControl(in: bytes, start..<end) {
            throw bytes[control] == 0x0D ? .bareCarriageReturn : .fieldValueByte
        }
        let name = line.lowerBound..<colon
        return HTTPField(known: HTTPFieldName(bytes, name), name: name, value: start..<end)
    }
}
