// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Leave for one request to pass on although the log cannot be written: the one exception from "no record, no passage". A
/// policy makes it with `on_log_failure: refuse_except_own`, for servers of the own state. Passing one request on spends it.
package struct UnrecordedLeave: ~Copyable, Sendable {
    fileprivate init() {}
}

extension AuditLog {
    /// The only place where one is made. It is counted before it exists, and the count is in the next `audit.recovered`.
    ///
    /// - Returns: `nil` if the log can be written, or is just being repaired: what passes from then on has a record.
    func leaveUnrecorded() -> UnrecordedLeave? {
        let isCounted: Bool = queue.withLock { queue in
            guard queue.failure != nil, !queue.isRecovering, !queue.isClosing else { return false }
            queue.passedUnrecorded += 1
            queue.passedUnrecordedInAll += 1
            return true
        }
        guard isCounted else { return nil }
        return UnrecordedLeave()
    }
}
