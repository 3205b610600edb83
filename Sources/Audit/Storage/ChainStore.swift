// SPDX-License-Identifier: Apache-2.0

/// Records as lines in append-only segments, each line hashed with the one before.
///
/// INVARIANT: everything before `length` of `active` is durable, and `chain` is the hash of the line that ends there.
/// Both change only after a write that was synced; what a failed one left behind `length` is cut off before anything
/// is added. While the store is trusted, zeros lie between `length` and `reserved`, where the file ends.
package final class ChainStore: RecordStore {
    private let disk: any SegmentDisk
    private let segmentLimit: Int
    /// How many bytes of zeros are written ahead at a time.
    private let reserve: Int
    private var log: [UInt8]
    private var active: String
    /// The number of its first record.
    private var activeFirst: UInt64
    private var length: Int
    private var reserved: Int
    /// The hash of the last durable line, 32 bytes.
    private var chain: [UInt8]
    package private(set) var nextSequence: UInt64
    private var isTrusted = true

    private var out: [UInt8] = []
    private var hash: [UInt8] = []
    private var digits: [UInt8] = []

    /// What an unclean stop had left half written and `open` cut off, in bytes.
    package let cutBytes: Int

    init(_ disk: any SegmentDisk, segmentLimit: Int, reserve: Int, at end: ChainEnd, cutBytes: Int) {
        self.disk = disk
        self.segmentLimit = segmentLimit
        self.reserve = reserve
        self.cutBytes = cutBytes
        log = end.log
        active = end.segment
        activeFirst = end.first
        length = end.length
        reserved = end.length
        chain = end.chain
        nextSequence = end.next
    }

    package func append(_ batch: borrowing RecordBatch) throws(StoreFailure) {
        guard !batch.entries.isEmpty else { return }
        guard isTrusted else { throw .disk(DiskFailure(.write, file: active, code: 0)) }
        do throws(DiskFailure) {
            try write(batch)
        } catch {
            isTrusted = false
            throw .disk(error)
        }
    }

    private func write(_ batch: borrowing RecordBatch) throws(DiskFailure) {
        // One that holds no record yet has the name that the next would have.
        if length >= segmentLimit, nextSequence > activeFirst { try rotate() }
        out.removeAll(keepingCapacity: out.capacity <= 1 << 22)
        frame(batch)
        let end = length + out.count
        if end > reserved { try extend(to: end + reserve) }
        try disk.write(out, at: length)
        length = end
        swap(&chain, &hash)
        nextSequence += UInt64(batch.entries.count)
    }

    /// Begins the next segment, after the active one was cut to its records: zeros end only the last segment.
    private func rotate() throws(DiskFailure) {
        try disk.truncate(to: length)
        try disk.sync()
        let header = ChainHeader(chain: chain, first: nextSequence, log: log)
        let line = header.line
        try disk.activate(header.fileName, creating: true)
        // Durable before any record, so that a segment without a whole header never held one.
        try disk.write(line, at: 0)
        active = header.fileName
        activeFirst = nextSequence
        length = line.count
        reserved = length
    }

    private func extend(to end: Int) throws(DiskFailure) {
        guard reserve > 0 else { return }
        try disk.extend(to: end)
        reserved = end
    }

    package func prepare() {
        guard isTrusted, reserved - length < reserve / 2, length < segmentLimit else { return }
        // When it fails the zeros that are there still serve; at their end it is tried again, by somebody who waits.
        try? extend(to: reserved + reserve)
    }

    /// Writes the batch's lines to `out` and leaves the hash of the last in `hash`.
    private func frame(_ batch: borrowing RecordBatch) {
        hash.removeAll(keepingCapacity: true)
        hash.append(contentsOf: chain)
        var start = 0
        for (index, entry) in batch.entries.enumerated() {
            let split = start + entry.sequenceOffset
            appendDecimal(UInt64(index), to: &hash)
            let recordAt = hash.count
            hash.append(contentsOf: batch.bytes[start..<split])
            appendDecimal(nextSequence + UInt64(index), to: &hash)
            hash.append(contentsOf: batch.bytes[split..<entry.end])
            start = entry.end

            out.append(contentsOf: ChainLine.opening)
            appendDecimal(UInt64(index), to: &out)
            out.append(contentsOf: ChainLine.middle)
            let chainAt = out.count
            out.append(contentsOf: Self.placeholder)
            out.append(contentsOf: ChainLine.beforeRecord)
            out.append(contentsOf: hash[recordAt...])
            out.append(contentsOf: ChainLine.closing)

            ChainHash.replace(&hash)
            for (index, byte) in hash.enumerated() {
                out[chainAt + 2 * index] = JSONWriter.digit(byte >> 4)
                out[chainAt + 2 * index + 1] = JSONWriter.digit(byte & 15)
            }
        }
    }

    private static let placeholder = [UInt8](repeating: UInt8(ascii: "0"), count: 2 * ChainHash.length)

    private func appendDecimal(_ value: UInt64, to bytes: inout [UInt8]) {
        digits.removeAll(keepingCapacity: true)
        var rest = value
        repeat {
            digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes.append(contentsOf: digits.reversed())
    }

    /// After a failed sync the kernel may show pages that never reached the disk, so the tail is not trusted: the
    /// file is opened again, cut to what was durable, synced, and read back.
    package func recover() throws(StoreFailure) {
        do throws(DiskFailure) {
            disk.deactivate()
            for segment in try disk.segments() where segment > active { try disk.remove(segment) }
            try disk.activate(active, creating: false)
            try disk.truncate(to: length)
            try disk.sync()
        } catch {
            throw .disk(error)
        }
        let end = try ChainEnd.verifyTail(disk, active, length: length)
        guard end.chain == chain, end.next == nextSequence else {
            throw .chain(ChainFault(kind: .hash, segment: active, offset: length, sequence: nextSequence))
        }
        reserved = length
        isTrusted = true
    }

    package func noteUnavailable(_ record: [UInt8]) {
        // There is nobody left to tell when this fails too: the status and the answers say it already.
        try? disk.writeEmergency(record)
    }

    package func close() {
        if isTrusted, reserved > length {
            // Zeros that stay are no fault, only untidy.
            try? disk.truncate(to: length)
            try? disk.sync()
        }
        disk.deactivate()
    }
}
