// SPDX-License-Identifier: Apache-2.0

/// Where records become durable.
///
/// Used by the writer's thread only.
package protocol RecordStore: AnyObject {
    /// The number that the first record of the next batch will have.
    var nextSequence: UInt64 { get }

    /// Stores all records of the batch, durable on return, or none.
    ///
    /// After an error nothing may be appended until `recover` has returned.
    func append(_ batch: borrowing RecordBatch) throws(StoreFailure)

    /// Does what nobody waits for: after each `append`, and now and then when there was none.
    func prepare()

    /// Brings the store back to its last durable state and proves that it is there.
    func recover() throws(StoreFailure)

    /// Says in reserved space that nothing can be stored.
    func noteUnavailable(_ record: [UInt8])

    func close()
}

/// Encoded records that wait to be stored together.
package struct RecordBatch: Sendable {
    package struct Entry: Sendable {
        /// Where the record ends in `bytes`.
        package let end: Int
        /// Where in the record, from its first byte, the digits of its sequence number go.
        package let sequenceOffset: Int
    }

    package internal(set) var bytes: [UInt8] = []
    package internal(set) var entries: [Entry] = []

    package init() {}

    package mutating func append(_ record: [UInt8], sequenceOffset: Int) {
        bytes.append(contentsOf: record)
        entries.append(Entry(end: bytes.count, sequenceOffset: sequenceOffset))
    }

    mutating func append(_ record: borrowing RecordEncoder) {
        record.json.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
        }
        entries.append(Entry(end: bytes.count, sequenceOffset: record.sequenceOffset))
    }

    mutating func append(_ other: borrowing RecordBatch) {
        let start = bytes.count
        bytes += other.bytes
        for entry in other.entries {
            entries.append(Entry(end: start + entry.end, sequenceOffset: entry.sequenceOffset))
        }
    }

    mutating func removeAll(keepingAtMost capacity: Int) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= capacity)
        entries.removeAll(keepingCapacity: bytes.capacity <= capacity)
    }
}

package enum StoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case disk(DiskFailure)
    /// What is on the disk is not what this log wrote.
    case log(LogFault)

    package var description: String {
        switch self {
        case .disk(let failure): failure.description
        case .log(let fault): fault.description
        }
    }
}
