// SPDX-License-Identifier: Apache-2.0

/// What a log has done since it was opened, and how it is.
package struct AuditStatus: Sendable {
    package var isAvailable = true
    /// Why nothing can be stored.
    package var failure: StoreFailure?
    /// The number of the last durable record; 0 before the first.
    package var lastSequence: UInt64 = 0
    /// Records stored since the log was opened.
    package var records: UInt64 = 0
    /// Syncs that stored them.
    package var batches: UInt64 = 0
    /// The most records that one sync stored.
    package var largestBatch = 0
    /// Microseconds that writing and syncing took, in all.
    package var storingMicroseconds: Int64 = 0
    /// Records that wait for the writer now.
    package var waiting = 0
    /// Records that were turned away, because the queue was full or the log unavailable.
    package var refused: UInt64 = 0
    /// Requests of the own state that passed without a record, since the log was opened.
    package var passedUnrecorded: UInt64 = 0

    /// Why no new keys can be made for what is personal. Those in use go on for ten minutes.
    package var keyFailure: KeyFileFault?

    package init() {}
}
