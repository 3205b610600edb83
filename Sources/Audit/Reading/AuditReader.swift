// SPDX-License-Identifier: Apache-2.0

/// Reads a log from its first record and checks each line on the way.
///
/// Takes no lock: a log that is being written can be read up to its last whole line.
package struct AuditReader {
    package struct Entry: Sendable {
        package let sequence: UInt64
        /// Canonical JSON.
        package let record: [UInt8]
        package let segment: String
    }

    private let files: any SegmentFiles
    private var segments: ArraySlice<String>
    private var scan: SegmentScan?
    private var cursor: ChainCursor?
    private var log: [UInt8] = []
    /// Bytes behind the last whole line: a write that goes on, or was cut off.
    package private(set) var tornBytes = 0

    package init(directory: String) throws(StoreFailure) { try self.init(LogDirectory(directory)) }

    package init(_ files: any SegmentFiles) throws(StoreFailure) {
        self.files = files
        do throws(DiskFailure) {
            segments = try files.segments()[...]
        } catch {
            throw .disk(error)
        }
    }

    /// 64 hexadecimal digits: the hash of the last record that was read, which stands for all before it.
    package var chain: String {
        guard let cursor else { return "" }
        var digits: [UInt8] = []
        ChainLine.appendHexadecimal(cursor.chain, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// The next record, or nil after the last. Throws at the first line that is not what was written.
    package mutating func next() throws(StoreFailure) -> Entry? {
        while true {
            if scan == nil, try !openSegment() { return nil }
            guard var scan, var cursor else { return nil }
            // One owner of the buffers, or each line copies them.
            self.scan = nil
            self.cursor = nil
            defer { self.cursor = cursor }
            switch try scan.peek() {
            case .end: break
            case .torn(let count):
                guard segments.isEmpty else { throw scan.fault(.torn, cursor.next) }
                tornBytes = count
                return nil
            case .whole(let line):
                guard let parts = ChainLine.parse(scan.bytes.span, line) else { throw scan.fault(.form, cursor.next) }
                let sequence = cursor.next
                if let fault = cursor.take(parts, of: scan.bytes.span) { throw scan.fault(fault, sequence) }
                let entry = Entry(
                    sequence: sequence, record: Array(scan.bytes[parts.record]), segment: scan.segment)
                scan.advance(over: line)
                self.scan = scan
                self.cursor = cursor
                return entry
            }
        }
    }

    /// Goes into the next segment; false when there is none, or none that was begun.
    private mutating func openSegment() throws(StoreFailure) -> Bool {
        guard let name = segments.popFirst() else { return false }
        var scan = SegmentScan(files, name)
        if segments.isEmpty, cursor != nil {
            switch try scan.peek() {
            case .end: return false
            case .torn(let count):
                tornBytes = count
                return false
            case .whole: break
            }
        }
        guard let header = try scan.header(), header.fileName == name else {
            throw scan.fault(.header, cursor?.next ?? 1)
        }
        if let cursor {
            guard cursor.next == header.first, cursor.chain == header.chain, log == header.log else {
                throw scan.fault(cursor.next == header.first ? .header : .missingSegment, cursor.next)
            }
        } else {
            guard header == ChainHeader(log: header.log) else {
                throw scan.fault(header.first == 1 ? .header : .missingSegment, 1)
            }
            log = header.log
            cursor = ChainCursor(chain: header.chain, next: 1)
        }
        self.scan = scan
        return true
    }
}
