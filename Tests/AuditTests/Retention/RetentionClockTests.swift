// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Audit

@Suite("When a clock is believed enough to destroy something, AC-95")
struct RetentionClockTests {
    private static let (hour, day): (Int64, Int64) = (3_600_000_000, 86_400_000_000)
    private static let start: Int64 = 1_795_000_000_000_000

    /// After a start an hour behind the last record, or less.
    private func clock(last: Int64? = start - hour, served: Int64? = nil) -> RetentionClock {
        RetentionClock(time: Self.start, monotonic: 0, last: last, served: served)
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
        #expect(clock.served(monotonic: Self.day) == Self.day - Self.hour)
        #expect(clock.look(time: far + 25 * Self.hour, monotonic: 25 * Self.hour) != nil)
        #expect(clock.served(monotonic: 26 * Self.hour) == nil)
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

    @Test("a start long after the last record, or in a trial, waits for a day; a usual one, and the first one, do not")
    func starts() {
        for last in [Self.start - Self.hour, nil, Self.start + Self.day] {
            var clock = clock(last: last)
            #expect(clock.look(time: Self.start, monotonic: 0) != nil)
        }
        for (last, served) in [
            (Self.start - Self.hour - 1, nil), (.min, nil), (Self.start - 1, 0), (nil, -5),
            (Self.start - Self.day, 20 * Self.hour),
        ] as [(Int64?, Int64?)] {
            var clock = clock(last: last, served: served)
            #expect(clock.look(time: Self.start + 23 * Self.hour, monotonic: 23 * Self.hour) == nil)
            #expect(clock.look(time: Self.start + Self.day, monotonic: Self.day) != nil)
        }
    }

    @Test("a trial goes on where a restart interrupted it, and ends although the gateway is restarted every day")
    func restarts() {
        var served: Int64? = 0
        var days = 0
        while let before = served, days < 10 {
            var clock = clock(last: Self.start - 1, served: before)
            _ = clock.look(time: Self.start + 20 * Self.hour, monotonic: 20 * Self.hour)
            served = clock.served(monotonic: 20 * Self.hour)
            days += 1
        }
        #expect(days == 2)
    }

    @Test("what is noted of a trial is read again; a note that is none begins it anew")
    func notes() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "held-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let hold = RetentionHold(directory: directory)
        #expect(hold.read() == nil)
        hold.write(4711)
        #expect(hold.read() == 4711)
        for wrong in [
            "", "served", "served -1\n", "served 1", "served x\n", String(repeating: "served 1\n", count: 100),
        ] {
            try Data(wrong.utf8).write(to: URL(filePath: directory + "/retention.held"))
            #expect(hold.read() == 0, "\(wrong.prefix(20))")
        }
        hold.write(nil)
        #expect(hold.read() == nil)
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
