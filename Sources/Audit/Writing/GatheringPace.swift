// SPDX-License-Identifier: Apache-2.0

/// How many records the writer waits for before it stores them.
///
/// A sync costs the same for one record as for a hundred, and so does waking a loop; but a record that waits delays its
/// request. So many are wanted as came together the last time: more may have come while they were stored, and fewer
/// are a wish for fewer. Where records come one at a time, none waits.
struct GatheringPace {
    private var goal = 1
    private var lastTaken: Int64 = 0

    /// Records that come so long after the last ones are the first of something new. Microseconds.
    static let memory: Int64 = 5000

    /// - Parameter now: monotonic microseconds.
    mutating func wanted(at now: Int64) -> Int {
        if now - lastTaken > Self.memory { goal = 1 }
        return goal
    }

    /// So many were taken together, at least one.
    mutating func took(_ count: Int, at now: Int64) {
        lastTaken = now
        goal = count
    }
}
