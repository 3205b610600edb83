// SPDX-License-Identifier: Apache-2.0

/// The records of a log as segments hold them. Takes no lock: a log that is being written is read up to its last whole line.
package struct SegmentRecords: RecordSource {
    private let files: any SegmentFiles
    private let segments: [(name: String, length: Int)]

    package var length: Int { segments.reduce(0) { $0 + $1.length } }

    package init(directory: String) throws(StoreFailure) { try self.init(LogDirectory(directory)) }

    package init(_ files: any SegmentFiles) throws(StoreFailure) {
        self.files = files
        do throws(DiskFailure) {
            var segments: [(String, Int)] = []
            for name in try files.segments() { segments.append((name, try files.length(of: name))) }
            self.segments = segments
        } catch {
            throw .disk(error)
        }
    }

    package func read(
        from sequence: UInt64, _ take: (Span<UInt8>, RecordPlace) -> Bool, fault: (RecordFault) -> Void
    ) throws(StoreFailure) {
        var position = 0
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            // A segment is named by its first record.
            let isBefore = next.flatMap { UInt64($0.name.prefix(20)) }.map { $0 <= sequence } ?? false
            if !isBefore {
                var reading = SegmentReading(files, segment.name, isLast: next == nil, position: position)
                guard try reading.run(take, fault) else { return }
            }
            position += segment.length
        }
    }
}

/// One segment, read in large pieces from its header to its end.
private struct SegmentReading {
    private let files: any SegmentFiles
    private let segment: String
    private let isLast: Bool
    private let position: Int
    private var buffer: [UInt8] = []
    /// File offset of `buffer[0]`.
    private var base = 0
    private var start = 0
    private var hasHeader = false
    /// Inside a line that is longer than any record's.
    private var isSkipping = false

    private static let chunk = 1 << 20

    init(_ files: any SegmentFiles, _ segment: String, isLast: Bool, position: Int) {
        (self.files, self.segment, self.isLast, self.position) = (files, segment, isLast, position)
    }

    /// - Returns: whether the next segment is wanted.
    mutating func run(
        _ take: (Span<UInt8>, RecordPlace) -> Bool, _ fault: (RecordFault) -> Void
    ) throws(StoreFailure) -> Bool {
        while true {
            let isAtEnd = try fill()
            while let feed = LineFeed.offset(in: buffer.span, from: start) {
                // In the last segment: space for lines that are to come, or what a power cut left.
                if isLast, buffer[start] == 0 { return true }
                defer { start = feed + 1 }
                if isSkipping {
                    isSkipping = false
                } else if !hasHeader {
                    hasHeader = true
                    if ChainHeader(line: buffer[start...feed]) == nil { fault(found(.header)) }
                } else if let parts = ChainLine.parse(buffer.span, start..<feed) {
                    let place = RecordPlace(file: segment, offset: base + start, position: position + base + start)
                    guard take(buffer.span.extracting(parts.record), place) else { return false }
                } else {
                    fault(found(.form))
                }
            }
            if buffer.count - start > ChainLine.limit, !isSkipping {
                if isLast, buffer[start] == 0 { return true }
                fault(found(.form))
                isSkipping = true
            }
            if isAtEnd {
                if start < buffer.count, !isLast, !isSkipping { fault(found(.torn)) }
                return true
            }
            if isSkipping { start = buffer.count }
        }
    }

    private func found(_ kind: ChainFault.Kind) -> RecordFault {
        RecordFault(file: segment, offset: base + start, what: kind.rawValue)
    }

    /// Reads on; true when nothing follows.
    private mutating func fill() throws(StoreFailure) -> Bool {
        buffer.removeSubrange(..<start)
        base += start
        start = 0
        let count = buffer.count
        do throws(DiskFailure) {
            try files.read(segment, from: base + count, count: Self.chunk, into: &buffer)
        } catch {
            throw .disk(error)
        }
        return buffer.count - count < Self.chunk
    }
}
