// SPDX-License-Identifier: Apache-2.0

extension ChainStore {
    /// Opens a log, or starts one, and goes to its end.
    ///
    /// What an unclean stop left behind the last sync is cut off: it was never answered for. A fault before the last
    /// sync is not repaired but thrown: somebody must look at it.
    ///
    /// - Parameters:
    ///   - segmentLimit: a segment that has reached this many bytes gets no more records.
    ///   - reserve: how many bytes of zeros are written ahead of the records at a time; 0: none.
    ///   - newLog: 16 random bytes; the name of the log if it is started now.
    package static func open(
        _ disk: any SegmentDisk, segmentLimit: Int, reserve: Int, newLog: [UInt8]
    ) throws(StoreFailure) -> ChainStore {
        var segments = try wrap { () throws(DiskFailure) in try disk.segments() }
        if let last = segments.last, try SegmentScan(disk, last).isUnbegun() {
            try wrap { () throws(DiskFailure) in try disk.remove(last) }
            segments.removeLast()
        }
        guard let last = segments.last else { return try begin(disk, segmentLimit, reserve, newLog) }

        var scan = SegmentScan(disk, last)
        guard let header = try scan.header(), header.fileName == last else { throw scan.fault(.header, 0) }
        try checkLink(disk, segments, header)
        var cursor = ChainCursor(chain: header.chain, next: header.first)
        let fault = try scan.walk(&cursor)
        let length = scan.offset
        if let fault {
            let isTail = try !scan.wasDurable(fault)
            guard isTail else {
                throw .chain(ChainFault(kind: fault, segment: last, offset: length, sequence: cursor.next))
            }
        }
        // Zeros are space for records, not what was left half written.
        let cutBytes = max(try scan.findContentEnd() - length, 0)
        try wrap { () throws(DiskFailure) in
            try disk.activate(last, creating: false)
            if try disk.length(of: last) > length { try disk.truncate(to: length) }
            // Also without a cut: what was read may so far be in memory only.
            try disk.sync()
        }
        var end = ChainEnd(header, length: length)
        end.chain = cursor.chain
        end.next = cursor.next
        return ChainStore(disk, segmentLimit: segmentLimit, reserve: reserve, at: end, cutBytes: cutBytes)
    }

    private static func begin(
        _ disk: any SegmentDisk, _ segmentLimit: Int, _ reserve: Int, _ newLog: [UInt8]
    ) throws(StoreFailure) -> ChainStore {
        var log: [UInt8] = []
        for byte in newLog.prefix(16) {
            log.append(JSONWriter.digit(byte >> 4))
            log.append(JSONWriter.digit(byte & 15))
        }
        let header = ChainHeader(log: log)
        try wrap { () throws(DiskFailure) in
            try disk.activate(header.fileName, creating: true)
            try disk.write(header.line, at: 0)
        }
        let end = ChainEnd(header, length: header.line.count)
        return ChainStore(disk, segmentLimit: segmentLimit, reserve: reserve, at: end, cutBytes: 0)
    }

    /// Whether the last segment continues the one before, or begins the log.
    private static func checkLink(
        _ disk: any SegmentDisk, _ segments: [String], _ header: ChainHeader
    ) throws(StoreFailure) {
        let isLinked: Bool
        if segments.count > 1 {
            let previous = segments[segments.count - 2]
            let length = try wrap { () throws(DiskFailure) in try disk.length(of: previous) }
            let end = try ChainEnd.verifyTail(disk, previous, length: length)
            isLinked = end.chain == header.chain && end.next == header.first && end.log == header.log
        } else {
            isLinked = header.first > 1 || header == ChainHeader(log: header.log)
        }
        guard isLinked else {
            throw .chain(
                ChainFault(kind: .header, segment: header.fileName, offset: 0, sequence: header.first))
        }
    }

    private static func wrap<Value>(_ body: () throws(DiskFailure) -> Value) throws(StoreFailure) -> Value {
        do throws(DiskFailure) {
            return try body()
        } catch {
            throw .disk(error)
        }
    }
}

extension SegmentScan {
    /// Whether nothing but a part of a header was written; the header is durable before anything follows it.
    ///
    /// A segment is created before its header is written: a stop in between leaves one like this.
    consuming func isUnbegun() throws(StoreFailure) -> Bool {
        switch try peek() {
        case .end: return true
        case .whole(let line) where !bytes[line].contains(0): return false
        case .whole, .torn, .blank: return try length() <= ChainHeader.limit
        }
    }

    /// Whether the place where the chain stopped was durable once, so that its fault is no unclean stop.
    ///
    /// A torn write leaves an incomplete line, or zeros before later parts of the same batch; records hold no zero
    /// byte. So it was durable if the line is whole and has none, or if any later line begins a batch.
    mutating func wasDurable(_ fault: ChainFault.Kind) throws(StoreFailure) -> Bool {
        if fault == .hash || fault == .sequence, case .whole(let line) = try peek() {
            if !bytes[line].contains(0) { return true }
            advance(over: line)
        }
        while true {
            switch try peek() {
            case .end, .blank: return false
            case .torn: skipTorn()
            case .whole(let line):
                if let parts = ChainLine.parse(bytes.span, line), parts.batch == 0 { return true }
                advance(over: line)
            }
        }
    }
}
