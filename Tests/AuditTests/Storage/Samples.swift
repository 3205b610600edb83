// SPDX-License-Identifier: Apache-2.0

import Audit

/// Records and logs that tests are about.
enum Samples {
    /// A batch of small records; each says `text`.
    static func batch(_ count: Int, _ text: String = "x") -> RecordBatch {
        var batch = RecordBatch()
        for _ in 0..<count {
            let head = Array(#"{"a":"\#(text)","seq":"#.utf8)
            batch.append(head + Array(#","v":1}"#.utf8), sequenceOffset: head.count)
        }
        return batch
    }

    /// A key that is the same in every run.
    static func key(_ name: String = "gw-1/test", seed: UInt8 = 7) throws -> LogKey {
        try LogKey(name: name, seed: [UInt8](repeating: seed, count: 32).span)
    }

    /// - Parameter checkpoints: how far they lag behind in microseconds; 0: each `prepare` publishes one.
    static func open(
        _ disk: FaultyDisk, journalBytes: Int = 1 << 20, reserve: Int = 100, checkpoints: Int64 = 0,
        key: LogKey? = nil
    ) throws -> TreeStore {
        var options = TreeStore.Options()
        options.journalBytes = journalBytes
        options.reserve = reserve
        options.checkpointMicroseconds = checkpoints
        return try TreeStore.open(disk, key: key ?? Samples.key(), options: options)
    }

    /// Without the zeros at its end.
    static func content(_ file: [UInt8]) -> [UInt8] {
        Array(file.prefix((file.lastIndex { $0 != 0 } ?? -1) + 1))
    }

    /// Reads everything.
    static func read(_ files: any LogFiles, from sequence: UInt64 = 1) throws -> (
        records: [LogReader.Entry], tornBytes: Int
    ) {
        var reader = LogReader(files, from: sequence)
        var records: [LogReader.Entry] = []
        while let entry = try reader.next() { records.append(entry) }
        return (records, reader.tornBytes)
    }
}
