// SPDX-License-Identifier: Apache-2.0

/// Where a log ends.
struct ChainEnd {
    var segment: String
    /// The number of the segment's first record.
    var first: UInt64
    /// Of the segment, in bytes, up to the last whole line.
    var length: Int
    /// The hash of the last line, 32 bytes.
    var chain: [UInt8]
    var next: UInt64
    /// 32 hexadecimal digits.
    var log: [UInt8]

    init(_ header: ChainHeader, length: Int) {
        segment = header.fileName
        first = header.first
        self.length = length
        chain = header.chain
        next = header.first
        log = header.log
    }

    /// How much of the tail is read back after a failure.
    private static let tail = 1 << 20

    /// Reads the last part of a segment and says where it ends; each line carries its hash, so any line can begin.
    static func verifyTail(_ files: any SegmentFiles, _ segment: String, length: Int) throws(StoreFailure) -> ChainEnd {
        var scan = SegmentScan(files, segment)
        guard let header = try scan.header() else { throw scan.fault(.header, 0) }
        var end = ChainEnd(header, length: scan.offset)
        var cursor = ChainCursor(chain: header.chain, next: header.first)
        if length - scan.offset > tail {
            scan = SegmentScan(files, segment, from: length - tail)
            // The first line is cut somewhere, the second is where the chain is picked up.
            if case .whole(let line) = try scan.peek() { scan.advance(over: line) }
            guard case .whole(let line) = try scan.peek(), let parts = ChainLine.parse(scan.bytes.span, line),
                let anchor = ChainCursor(after: parts, of: scan.bytes.span)
            else { throw scan.fault(.form, 0) }
            cursor = anchor
            scan.advance(over: line)
        }
        if let fault = try scan.walk(&cursor) { throw scan.fault(fault, cursor.next) }
        guard scan.offset == length else { throw scan.fault(.torn, cursor.next) }
        end.length = scan.offset
        end.chain = cursor.chain
        end.next = cursor.next
        return end
    }
}
