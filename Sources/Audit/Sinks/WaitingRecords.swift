// SPDX-License-Identifier: Apache-2.0

/// How many bytes of a log wait for a sink. Counted a piece at a time, and no further than a limit.
struct WaitingRecords {
    /// So few are not worth counting.
    static let few: UInt64 = 4096
    /// Records that are counted at a time.
    private static let atOnce = 20_000

    private let directory: String
    private var reader: LogReader
    /// The sink has everything up to this record.
    private var first: UInt64
    /// What waits up to this one is counted.
    private var counted: UInt64
    private(set) var bytes = 0
    /// Whether all that waits is counted.
    private(set) var isAll = false

    init(directory: String, after delivered: UInt64) {
        self.directory = directory
        first = delivered
        counted = delivered
        reader = LogReader(directory: directory, from: delivered + 1)
    }

    /// - Parameters:
    ///   - delivered: up to where the sink has everything by now.
    ///   - newest: the log's last record.
    ///   - limit: in bytes; what is beyond it is not looked at.
    mutating func count(from delivered: UInt64, to newest: UInt64, limit: Int) {
        if delivered > first { leave(upTo: delivered) }
        guard newest > counted else {
            isAll = true
            return
        }
        isAll = false
        reader.lookAgain()
        for _ in 0..<Self.atOnce {
            guard bytes <= limit else { return }
            guard let entry = try? reader.next() else {
                isAll = true
                return
            }
            counted = entry.sequence
            bytes += entry.record.count
        }
    }

    /// The last of the records that have to go so that at most so many bytes of those that were counted stay; `nil`: none.
    mutating func excess(over limit: Int) -> UInt64? {
        var oldest = LogReader(directory: directory, from: first + 1)
        var last = first
        while bytes > limit, last < counted, let entry = try? oldest.next() {
            last = entry.sequence
            bytes -= entry.record.count
        }
        guard last > first else { return nil }
        first = last
        return last
    }

    private mutating func leave(upTo delivered: UInt64) {
        guard delivered < counted else {
            self = WaitingRecords(directory: directory, after: delivered)
            return
        }
        var gone = LogReader(directory: directory, from: first + 1)
        while first < delivered, let entry = try? gone.next(), entry.sequence <= delivered {
            first = entry.sequence
            bytes -= entry.record.count
        }
        first = delivered
    }
}
