// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// What lets one request pass on: its record, or the policy's exception for the own state while none can be written.
enum Passage: ~Copyable {
    case recorded(Permit)
    case unrecorded(UnrecordedLeave)

    /// The number of the record.
    var sequence: UInt64? {
        switch self {
        case .recorded(let permit): permit.sequence
        case .unrecorded: nil
        }
    }
}
