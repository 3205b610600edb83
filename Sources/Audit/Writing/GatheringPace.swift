// SPDX-License-Identifier: Apache-2.0

/// How many records the writer waits for before it stores them.
///
/// A sync costs the same for one record as for a hundred, and so does waking a loop; but a record that waits delays its
/// request. Which number comes together within the time that the writer waits at most is learnt by trying: after
/// some batches for one more or a quarter more, and, where they do not come, less often. Where records come one at a
/// time only such a try waits, and after a pause not even that.
struct GatheringPace {
    private var goal = 1
    private var lastTaken: Int64 = 0
    private var patience = Self.leastPatience
    private var batchesUntilTry = Self.leastPatience

    /// Records that come so long after the last ones are the first of something new. Microseconds.
    static let memory: Int64 = 5000
    /// So many batches lie between two tries while tries succeed.
    static let leastPatience = 4
    /// And at most so many when they fail.
    static let mostPatience = 64
    /// More than this is not waited for.
    static let mostWanted = 64

    /// - Parameter now: monotonic microseconds.
    mutating func wanted(at now: Int64) -> Int {
        if now - lastTaken > Self.memory { self = GatheringPace() }
        return goal
    }

    /// So many were taken together, at least one.
    mutating func took(_ count: Int, at now: Int64) {
        lastTaken = now
        if count < goal {
            // Waited in vain.
            goal = max(count, goal - max(1, goal / 4))
            patience = min(patience * 2, Self.mostPatience)
            batchesUntilTry = patience
        } else if batchesUntilTry > 0 {
            batchesUntilTry -= 1
        } else {
            if count > goal { patience = Self.leastPatience }
            goal = min(count + max(1, count / 4), Self.mostWanted)
        }
    }
}
