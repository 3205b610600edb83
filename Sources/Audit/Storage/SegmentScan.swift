// SPDX-License-Identifier: Apache-2.0

/// Reads one segment from its header to its end, line by line, in bounded memory.
///
/// Both recovery and the reader walk a log with it, so they cannot disagree.
struct SegmentScan {
    private let files: any SegmentFiles
    let segment: String
    private var buffer: [UInt8] = []
    private var start = 0
    /// File offset of `buffer[0]`.
    private var base = 0
    private var isAtEnd = false
    /// Where the zeros at the end of the file begin; nil until somebody asks.
    private var contentEnd: Int?

    static let chunk = 1 << 18

    init(_ files: any SegmentFiles, _ segment: String, from offset: Int = 0) {
        self.files = files
        self.segment = segment
        base = offset
    }

    /// File offset of the next line.
    var offset: Int { base + start }

    /// What a look at the next line found.
    enum Line {
        /// A whole line, in this range of `bytes`, without its line feed.
        case whole(Range<Int>)
        /// No line feed follows, or none within the length of a line: so many bytes, up to the last that is not zero.
        case torn(Int)
        /// Nothing but zeros follows: space for lines that are to come.
        case blank
        case end
    }

    var bytes: [UInt8] { buffer }

    /// The next line. It is consumed by `advance`.
    mutating func peek() throws(StoreFailure) -> Line {
        var searched = start
        while true {
            if start < buffer.count, buffer[start] == 0, try findContentEnd() <= offset { return .blank }
            if let feed = lineFeed(from: searched) { return .whole(start..<feed) }
            searched = buffer.count
            if isAtEnd || buffer.count - start > ChainLine.limit {
                return buffer.count == start ? .end : .torn(max(try findContentEnd() - offset, 1))
            }
            if start > 0 {
                buffer.removeSubrange(..<start)
                base += start
                searched -= start
                start = 0
            }
            let before = buffer.count
            do throws(DiskFailure) {
                try files.read(segment, from: base + before, count: Self.chunk, into: &buffer)
            } catch {
                throw .disk(error)
            }
            isAtEnd = buffer.count - before < Self.chunk
        }
    }

    /// Goes behind a line that `peek` returned.
    mutating func advance(over line: Range<Int>) { start = line.upperBound + 1 }

    /// Goes behind the part that was read of bytes without a line feed; for looking at what follows them.
    mutating func skipTorn() { start = buffer.count }

    func length() throws(StoreFailure) -> Int {
        do throws(DiskFailure) {
            return try files.length(of: segment)
        } catch {
            throw .disk(error)
        }
    }

    /// Where the zeros at the end of the file begin, or its end; looked for from behind, once.
    mutating func findContentEnd() throws(StoreFailure) -> Int {
        if let contentEnd { return contentEnd }
        var end = try length()
        do throws(DiskFailure) {
            var chunk: [UInt8] = []
            while end > 0 {
                let from = max(end - Self.chunk, 0)
                chunk.removeAll(keepingCapacity: true)
                try files.read(segment, from: from, count: end - from, into: &chunk)
                if let last = chunk.lastIndex(where: { $0 != 0 }) {
                    end = from + last + 1
                    break
                }
                end = from
            }
            contentEnd = end
            return end
        } catch {
            throw .disk(error)
        }
    }

    private func lineFeed(from index: Int) -> Int? {
        var at = index
        let span = buffer.span
        while at < span.count {
            if span[at] == 0x0A { return at }
            at += 1
        }
        return nil
    }

    /// Reads and checks the header.
    mutating func header() throws(StoreFailure) -> ChainHeader? {
        guard case .whole(let line) = try peek(),
            let header = ChainHeader(line: buffer[line.lowerBound...line.upperBound])
        else { return nil }
        advance(over: line)
        return header
    }

    /// Follows the chain as long as it holds; nil at the end of the records, else why it stopped.
    mutating func walk(_ cursor: inout ChainCursor) throws(StoreFailure) -> ChainFault.Kind? {
        while true {
            switch try peek() {
            case .end, .blank: return nil
            case .torn: return .torn
            case .whole(let line):
                guard let parts = ChainLine.parse(buffer.span, line) else { return .form }
                if let fault = cursor.take(parts, of: buffer.span) { return fault }
                advance(over: line)
            }
        }
    }

    func fault(_ kind: ChainFault.Kind, _ sequence: UInt64) -> StoreFailure {
        .chain(ChainFault(kind: kind, segment: segment, offset: offset, sequence: sequence))
    }
}
