// SPDX-License-Identifier: Apache-2.0

/// Says whether a clock may be believed enough to destroy something by it. AC-95.
///
/// Whoever can set the clock forward must not have everything destroyed at once: after a jump, and after a start with a gap
/// behind the log's last record, nothing is destroyed until the gateway has run for a day with a clock that goes evenly. `clock.step` is on record before.
package struct RetentionClock: Sendable {
    /// A jump or a gap that is shorter is no reason to wait. Microseconds.
    package static let tolerance: Int64 = 3_600_000_000
    /// So long the clock must go evenly. Microseconds.
    package static let trial: Int64 = 86_400_000_000

    /// Of both clocks when they were looked at first, or jumped last: they must go on alike from there. Microseconds.
    private var time: Int64
    private var monotonic: Int64
    /// What the trial still takes of even running, from `monotonic` on. Microseconds; `nil`: there is none.
    private var trialLeft: Int64?

    /// - Parameters:
    ///   - last: the time of the log's last record before this start; `nil` for a log without one.
    ///   - served: so long the clock was on trial when the gateway ended, in microseconds: a restart does not end that; `nil`: it
    ///     was not.
    package init(time: Int64, monotonic: Int64, last: Int64?, served: Int64? = nil) {
        self.time = time
        self.monotonic = monotonic
        let gap = last.map { time.subtractingReportingOverflow($0) }
        if gap.map({ $0.overflow || $0.partialValue > Self.tolerance }) ?? false {
            trialLeft = Self.trial
        } else {
            trialLeft = served.map { max(Self.trial - max($0, 0), 0) }
        }
    }

    /// How much of its trial the clock has behind it; `nil`: it is on none.
    package func served(monotonic: Int64) -> Int64? {
        trialLeft.map { Self.trial - $0 + (monotonic - self.monotonic) }
    }

    /// - Returns: the time by which may be destroyed; `nil`: by none.
    package mutating func look(time: Int64, monotonic: Int64) -> Int64? {
        let jump = (time &- self.time) &- (monotonic &- self.monotonic)
        if jump.magnitude > Self.tolerance.magnitude {
            self.time = time
            self.monotonic = monotonic
            trialLeft = Self.trial
        }
        if let left = trialLeft {
            guard monotonic - self.monotonic >= left else { return nil }
            trialLeft = nil
            self.time = time
            self.monotonic = monotonic
        }
        // A clock that is ahead by less than the tolerance destroys nothing early: see `RetentionJob.margin`.
        return time
    }
}
