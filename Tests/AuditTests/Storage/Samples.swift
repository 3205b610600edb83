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

    static let name = [UInt8](repeating: 0xAB, count: 16)

    static func open(_ disk: FaultyDisk, segmentLimit: Int = 1 << 20, reserve: Int = 500) throws -> ChainStore {
        try ChainStore.open(disk, segmentLimit: segmentLimit, reserve: reserve, newLog: name)
    }

    /// Without the zeros at its end.
    static func content(_ file: [UInt8]) -> [UInt8] {
        Array(file.prefix((file.lastIndex { $0 != 0 } ?? -1) + 1))
    }

    /// Reads and verifies everything.
    static func read(_ files: any SegmentFiles) throws -> (records: [AuditReader.Entry], tornBytes: Int) {
        var reader = try AuditReader(files)
        var records: [AuditReader.Entry] = []
        while let entry = try reader.next() { records.append(entry) }
        return (records, reader.tornBytes)
    }
}
