// SPDX-License-Identifier: Apache-2.0

/// Says whether a clock may be believed enough to destroy something by it. AC-95.
///
/// Whoever can set the clock forward must not have everything destroyed at once: after a jump forward, and after a start with a gap
/// behind the log's last record, nothing is destroyed for a day in which the clock goes evenly. `clock.step` is on record before.
package struct RetentionClock: Sendable {
    /// A jump or a gap that is shorter is no reason to wait. Microseconds.
    package static let tolerance: Int64 = 3_600_000_000
    /// So long the clock must go evenly. Microseconds.
    package static let trial: Int64 = 86_400_000_000

    /// When both clocks were trusted last: they must go on alike from there. Microseconds.
    private var time: Int64
    private var monotonic: Int64
    /// Until then, by the monotonic clock, nothing is destroyed.
    private var heldUntil: Int64?

    /// - Parameters:
    ///   - last: the time of the log's last record before this start; `nil` for a log without one.
    ///   - wasHeld: the clock was on trial when the gateway ended: a restart does not end that.
    package init(time: Int64, monotonic: Int64, last: Int64?, wasHeld: Bool = false) {
        self.time = time
        self.monotonic = monotonic
        let gap = last.map { time.subtractingReportingOverflow($0) }
        let isLong = gap.map { $0.overflow || $0.partialValue > Self.tolerance } ?? true
        heldUntil = isLong || wasHeld ? monotonic + Self.trial : nil
    }

    /// Whether nothing is destroyed for now.
    package var isHeld: Bool { heldUntil != nil }

    /// - Returns: the time by which may be destroyed; `nil`: by none.
    package mutating func look(time: Int64, monotonic: Int64) -> Int64? {
        let jump = (time &- self.time) &- (monotonic &- self.monotonic)
        if jump.magnitude > Self.tolerance.magnitude {
            self.time = time
            self.monotonic = monotonic
            heldUntil = monotonic + Self.trial
        }
        if let until = heldUntil {
            guard monotonic >= until else { return nil }
            heldUntil = nil
            self.time = time
            self.monotonic = monotonic
        }
        // A clock that is ahead by less than the tolerance destroys nothing early: see `RetentionJob.margin`.
        return time
    }
}
