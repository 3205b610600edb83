// SPDX-License-Identifier: Apache-2.0

/// What waits for the writer. Lives in the log's mutex.
struct SubmissionQueue: Sendable {
    /// Set while nothing can be stored: submissions fail at once.
    var failure: StoreFailure?
    /// What waits is still stored, then the writer ends.
    var isClosing = false
    /// The writer has ended.
    var isClosed = false
    var batch = RecordBatch()
    var receivers: [Receiver] = []
    /// How many of them somebody waits for.
    var urgent = 0
    /// The writer wants a signal once so many records are waited for; `.max`: it is awake and looks by itself.
    var signalAtUrgent = Int.max
    /// The same for records of both kinds.
    var signalAt = Int.max
    /// How many were turned away since the log became unavailable.
    var refused: UInt64 = 0
    /// How many were turned away since the log was opened.
    var refusedInAll: UInt64 = 0
    /// How many requests of the own state passed without a record and are in no record yet.
    var passedUnrecorded: UInt64 = 0
    /// The same since the log was opened, in a record or not.
    var passedUnrecordedInAll: UInt64 = 0
    /// The record that counts them is being written: none passes meanwhile.
    var isRecovering = false
    /// Monotonic microseconds; a submission after it wakes the writer to try again.
    var nextAttempt: Int64 = 0
}

/// Who is told what became of a record.
enum Receiver: Sendable {
    case desk(AuditDesk, slot: Int32, passes: Bool)
    case continuation(CheckedContinuation<Result<UInt64, AuditError>, Never>)
    case nobody
}
