// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// The month of times that come in their order, mostly.
struct MonthClock {
    private var day: Int64 = .min
    private var last: Int64 = 0

    /// `202610` of a time in October 2026.
    mutating func month(_ time: Int64) -> Int64 {
        let day = time / 86_400_000_000
        if day == self.day, time >= 0 { return last }
        let text = RecordTime.text(microseconds: time)
        (self.day, last) = (day, (Int64(text.prefix(4)) ?? 0) * 100 + (Int64(text.dropFirst(5).prefix(2)) ?? 0))
        return last
    }
}
