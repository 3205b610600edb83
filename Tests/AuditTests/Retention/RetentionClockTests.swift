// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Audit

@Suite("When a clock is believed enough to destroy something, AC-95")
struct RetentionClockTests {
    private static let (hour, day): (Int64, Int64) = (3_600_000_000, 86_400_000_000)
    private static let start: Int64 = 1_795_000_000_000_000

    /// After a start an hour behind the last record, or less.
    private func clock(last: Int64? = start - hour, wasHeld: Bool = false) -> RetentionClock {
        RetentionClock(time: Self.start, monotonic: 0, last: last, wasHeld: wasHeld)
    }

    @Test("a clock that jumps forward destroys nothing for a day, whatever it says; then it is believed")
    func forward() {
        var clock = clock()
        #expect(clock.look(time: Self.start, monotonic: 0) == Self.start)
        let far = Self.start + 3650 * Self.day
        for hours in [1, 2, 12, 24] as [Int64] {
            let passed = hours * Self.hour
            #expect(clock.look(time: far + passed, monotonic: passed) == nil, "\(hours) h")
        }
        #expect(clock.isHeld)
        #expect(clock.look(time: far + 25 * Self.hour, monotonic: 25 * Self.hour) != nil && !clock.isHeld)
    }

    @Test("jumps of less than an hour add up, and setting the clock back begins the trial anew")
    func manySteps() {
        var clock = clock()
        #expect(clock.look(time: Self.start + Self.hour, monotonic: 0) != nil)
        #expect(clock.look(time: Self.start + 2 * Self.hour, monotonic: 1) == nil)
        #expect(clock.look(time: Self.start, monotonic: 23 * Self.hour) == nil)
        #expect(clock.look(time: Self.start + Self.day, monotonic: 46 * Self.hour) == nil)
        #expect(clock.look(time: .max, monotonic: 47 * Self.hour) == nil)
        #expect(clock.look(time: .min, monotonic: 48 * Self.hour) == nil)
    }

    @Test("a start long after the last record, without one, or in a trial waits for a day; a usual one does not")
    func starts() {
        var usual = clock()
        #expect(usual.look(time: Self.start, monotonic: 0) != nil)
        var back = clock(last: Self.start + Self.day)
        #expect(
            back.look(time: Self.start, monotonic: 0) != nil, "what is over by an earlier time is over by the later one"
        )
        for (last, wasHeld) in [
            (Self.start - Self.hour - 1, false), (nil, false), (.min, false), (Self.start - 1, true),
        ] as [(Int64?, Bool)] {
            var clock = clock(last: last, wasHeld: wasHeld)
            #expect(clock.look(time: Self.start + Self.hour, monotonic: Self.hour) == nil)
            #expect(clock.look(time: Self.start + Self.day, monotonic: Self.day) != nil)
        }
    }

    @Test("a clock that goes evenly is believed for years")
    func even() {
        var clock = clock()
        for day in 0..<1000 as Range<Int64> {
            // Slewed by half a second a day.
            let passed = day * Self.day
            #expect(clock.look(time: Self.start + passed + day * 500_000, monotonic: passed) != nil)
        }
    }
}
