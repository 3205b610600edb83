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
            case .blank:
                // A segment is cut to its records before the next one begins.
                guard segments.isEmpty else { throw scan.fault(.torn, cursor.next) }
                return nil
            case .torn(let count):
                let failure = scan.fault(.torn, cursor.next)
                guard segments.isEmpty else { throw failure }
                tornBytes = count
                if try scan.wasDurable(.torn) { throw failure }
                return nil
            case .whole(let line):
                let sequence = cursor.next
                guard let parts = ChainLine.parse(scan.bytes.span, line) else {
                    return try stop(scan, at: line, scan.fault(.form, sequence), .form)
                }
                if let fault = cursor.take(parts, of: scan.bytes.span) {
                    return try stop(scan, at: line, scan.fault(fault, sequence), fault)
                }
                let entry = Entry(
                    sequence: sequence, record: Array(scan.bytes[parts.record]), segment: scan.segment)
                scan.advance(over: line)
                self.scan = scan
                self.cursor = cursor
                return entry
            }
        }
    }

    /// Ends at a line that is not the next: a write that was torn where the file was zeros before, else a fault.
    private mutating func stop(
        _ scan: consuming SegmentScan, at line: Range<Int>, _ failure: StoreFailure, _ kind: ChainFault.Kind
    ) throws(StoreFailure) -> Entry? {
        guard segments.isEmpty, scan.bytes[line].contains(0) else { throw failure }
        let offset = scan.offset
        if try scan.wasDurable(kind) { throw failure }
        tornBytes = max(try scan.findContentEnd() - offset, 1)
        return nil
    }

    /// Goes into the next segment; false when there is none, or none that was begun.
    private mutating func openSegment() throws(StoreFailure) -> Bool {
        guard let name = segments.popFirst() else { return false }
        var scan = SegmentScan(files, name)
        if segments.isEmpty, cursor != nil, try scan.isUnbegun() {
            tornBytes = try scan.findContentEnd()
            return false
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
