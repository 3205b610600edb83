// SPDX-License-Identifier: Apache-2.0

/// Proof that an allow verdict is on disk. Passing one request on spends it.
package struct Permit: ~Copyable, Sendable {
    package let sequence: UInt64

    /// Only `AuditDesk` makes one, when the writer has synced the record.
    init(sequence: UInt64) { self.sequence = sequence }
}

/// What became of a submitted record.
package enum AuditOutcome: ~Copyable, Sendable {
    /// The record says that something passes, and is durable.
    case permitted(Permit)
    /// The record says that nothing passes, and is durable.
    case recorded(sequence: UInt64)
    /// Nothing was recorded, and the policy lets this request pass all the same. Only for who asked for that.
    case excused(UnrecordedLeave)
    /// Nothing was recorded, so nothing may pass: 503.
    case failed(AuditError)
}
