// SPDX-License-Identifier: Apache-2.0

/// Records as lines in append-only segments, each line hashed with the one before.
///
/// INVARIANT: everything before `length` of `active` is durable, and `cursor` stands at its end. Both change only
/// after a sync succeeded; what a failed write or sync left behind `length` is cut off before anything is added.
package final class ChainStore: RecordStore {
    private let disk: any SegmentDisk
    private let segmentLimit: Int
    private var log: [UInt8]
    private var active: String
    /// The number of its first record.
    private var activeFirst: UInt64
    private var length: Int
    /// The hash of the last durable line, 32 bytes.
    private var chain: [UInt8]
    package private(set) var nextSequence: UInt64
    private var isTrusted = true

    private var out: [UInt8] = []
    private var hash: [UInt8] = []
    private var digits: [UInt8] = []

    /// What an unclean stop had left half written and `open` cut off, in bytes.
    package let cutBytes: Int

    init(_ disk: any SegmentDisk, segmentLimit: Int, at end: ChainEnd, cutBytes: Int) {
        self.disk = disk
        self.segmentLimit = segmentLimit
        self.cutBytes = cutBytes
        log = end.log
        active = end.segment
        activeFirst = end.first
        length = end.length
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
        out.removeAll(keepingCapacity: out.capacity <= 1 << 22)
        var segment = active
        var offset = length
        // One that holds no record yet has the name that the next would have.
        if length >= segmentLimit, nextSequence > activeFirst {
            let header = ChainHeader(chain: chain, first: nextSequence, log: log)
            out.append(contentsOf: header.line)
            segment = header.fileName
            offset = 0
        }
        frame(batch)
        if segment != active { try disk.activate(segment, creating: true) }
        try disk.append(out, at: offset)
        try disk.sync()
        if segment != active {
            active = segment
            activeFirst = nextSequence
        }
        length = offset + out.count
        chain = hash
        nextSequence += UInt64(batch.entries.count)
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
        isTrusted = true
    }

    package func noteUnavailable(_ record: [UInt8]) {
        // There is nobody left to tell when this fails too: the status and the answers say it already.
        try? disk.writeEmergency(record)
    }

    package func close() { disk.deactivate() }
}
