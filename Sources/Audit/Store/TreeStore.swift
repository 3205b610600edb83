// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Records as the entries of a C2SP tlog-tiles log, made durable in a journal beside it first.
///
/// INVARIANT: everything before `state.length` of the journal's active file is durable, and `state.tree` is over those
/// records and the ones before. Both change only after a write that was synced; what a failed one left behind is cut off
/// before anything is added. No checkpoint is signed over anything else.
package final class TreeStore: RecordStore {
    package struct Options: Sendable {
        /// A file of the journal that has reached this many bytes is followed by the next.
        package var journalBytes = 16 << 20
        /// Zeros are written ahead of the records, so many bytes at a time; 0: none.
        package var reserve = 1 << 20
        /// How far a checkpoint lags behind at most while records come; half of it, since the writer looks that often.
        package var checkpointMicroseconds: Int64 = 500_000

        package init() {}
    }

    let disk: any LogDisk
    let key: LogKey
    let options: Options
    let hasher: TreeHasher
    private let now: () -> Int64
    var state: StoreState
    /// Where the zeros behind the records end, and the file.
    private var reserved: Int
    private var isTrusted = true
    /// What went wrong while nobody waited; whoever comes next is told.
    private var failure: DiskFailure?
    private var frames: FrameWriter

    /// How many records the last published checkpoint counts.
    var published: UInt64
    var publishedAt: Int64 = .min
    /// The partial files of the last checkpoint, and of the one before, which somebody may be reading.
    var recentPartials: [[String]]

    /// What an unclean stop had left half written and `open` cut off, in bytes.
    package let cutBytes: Int

    init(
        _ disk: any LogDisk, _ key: LogKey, _ options: Options, _ hasher: TreeHasher, _ now: @escaping () -> Int64,
        at state: StoreState, published: Checkpoint?, cutBytes: Int
    ) {
        self.disk = disk
        self.key = key
        self.options = options
        self.hasher = hasher
        self.now = now
        self.state = state
        self.cutBytes = cutBytes
        reserved = state.length
        frames = FrameWriter(journal: state.digest)
        self.published = published?.size ?? 0
        recentPartials = [TilePath.partials(of: published?.size ?? 0)]
    }

    package var nextSequence: UInt64 { state.tree.size + 1 }

    package func append(_ batch: borrowing RecordBatch) throws(StoreFailure) {
        guard !batch.entries.isEmpty else { return }
        guard isTrusted else { throw .disk(DiskFailure(.write, file: state.journal, code: 0)) }
        if let failure {
            isTrusted = false
            throw .disk(failure)
        }
        do throws(DiskFailure) {
            try write(batch)
        } catch {
            isTrusted = false
            throw .disk(error)
        }
    }

    private func write(_ batch: borrowing RecordBatch) throws(DiskFailure) {
        frames.removeAll()
        var start = 0
        for (index, entry) in batch.entries.enumerated() {
            let split = start + entry.sequenceOffset
            frames.append(
                batch.bytes[start..<split], nextSequence + UInt64(index), batch.bytes[split..<entry.end], hasher)
            start = entry.end
        }
        let output = frames.finish(first: state.tree.size)
        let end = state.length + output.count
        if end > reserved { try extend(to: end + options.reserve) }
        try disk.write(output, at: state.length)
        state.length = end
        start = 0
        for (end, leaf) in zip(frames.ends, frames.leaves) {
            state.take(frames.body[start..<end], leaf, hasher)
            start = end
        }
    }

    private func extend(to end: Int) throws(DiskFailure) {
        guard options.reserve > 0 else { return }
        try disk.extend(to: end)
        reserved = end
    }

    package func prepare() {
        guard isTrusted, failure == nil else { return }
        if reserved - state.length < options.reserve / 2, state.length - state.begun < options.journalBytes {
            // When it fails the zeros that are there still serve; at their end it is tried again, by somebody who waits.
            try? extend(to: reserved + options.reserve)
        }
        do throws(DiskFailure) {
            try flush()
            let time = now()
            if state.tree.size > published, publishedAt == .min || time - publishedAt >= options.checkpointMicroseconds
            {
                try publish(at: time)
            }
            if disk.unsettled > Self.unsettledGoal { try disk.settle(atMost: Self.settledAtOnce) }
            if state.length - state.begun >= options.journalBytes { try rotate(at: time) }
        } catch {
            failure = error
        }
    }

    /// So many files may wait to be synced, and so many are synced at a time: nobody shall wait for many of them.
    private static let unsettledGoal = 16
    private static let settledAtOnce = 4

    /// Begins the next file of the journal, once everything in the active one that is in a full bundle is durable in it, and
    /// a checkpoint over it is.
    private func rotate(at time: Int64) throws(DiskFailure) {
        try publish(at: time)
        try disk.settle(atMost: .max)
        let old = state.journal
        let (bytes, next) = state.successor(key.name, hasher)
        guard next.journal != old else { return }
        try disk.activate(next.journal, creating: true)
        try disk.write(bytes, at: 0)
        go(to: next)
        try disk.remove(old)
    }

    private func go(to next: StoreState) {
        state = next
        reserved = next.length
        frames = FrameWriter(journal: next.digest)
    }

    /// After a failed sync the kernel may show pages that never reached the disk, so nothing is trusted: the journal is
    /// opened again, cut to what was durable, synced, and read back whole; what is made of it is made anew.
    package func recover() throws(StoreFailure) {
        do throws(DiskFailure) {
            disk.deactivate()
            try disk.activate(state.journal, creating: false)
            try disk.truncate(to: state.length)
            try disk.sync()
        } catch {
            throw .disk(error)
        }
        let result = try JournalLoad.run(disk, state.journal, origin: key.name, rootAt: nil, hasher)
        guard case .loaded(let load) = result, load.state.length == state.length,
            load.state.tree.size == state.tree.size, load.state.tree.root(hasher) == state.tree.root(hasher)
        else { throw .log(LogFault(.journalFrame, state.journal, sequence: nextSequence)) }
        do throws(DiskFailure) {
            // One that was begun, and one that was left behind.
            for journal in try disk.journals() where journal != state.journal { try disk.remove(journal) }
            go(to: load.state)
            try flush()
            try publishAnew(at: now())
        } catch {
            throw .disk(error)
        }
        failure = nil
        isTrusted = true
    }

    package func noteUnavailable(_ record: [UInt8]) {
        // There is nobody left to tell when this fails too: the status and the answers say it already.
        try? disk.writeEmergency(record)
    }

    package func close() {
        if isTrusted, failure == nil {
            do throws(DiskFailure) {
                try flush()
                try publish(at: now())
                discardOlderPartials()
                try disk.settle(atMost: .max)
                // Zeros that stay are no fault, only untidy.
                if reserved > state.length {
                    try disk.truncate(to: state.length)
                    try disk.sync()
                }
            } catch {
                // The next start does it.
            }
        }
        disk.deactivate()
    }
}
