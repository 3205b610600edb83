// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@testable import Audit

@Suite("Names of persons and files in records")
struct PseudonymsTests {
    private static let user = "@alice:example.org"
    private let files = FaultyKeyFiles()

    /// The noon of a day.
    private func time(_ day: String) throws -> Int64 { try #require(CalendarDay(day)).start + 43_200_000_000 }

    @Test(
        "key files with one byte changed, of another month or class, cut or longer are refused by name, and not replaced"
    )
    func hostileFiles() throws {
        let now = try time("2026-11-21")
        try Pseudonyms(files).tend(time: now)
        let whole = files.contents
        let key = try #require(whole["2026-11.allow"])
        var wrong: [[UInt8]] = [
            [], Array(key.dropLast()), key + [0x0A], try #require(whole["2026-11.refuse"]),
            try #require(whole["2026-12.allow"]), [UInt8](repeating: 0x41, count: 1 << 16), Array("-".utf8),
        ]
        for place in key.indices where place < 48 {
            var changed = key
            changed[place] ^= 1
            wrong.append(changed)
        }
        for bytes in wrong {
            files.contents = whole.merging(["2026-11.allow": bytes]) { $1 }
            let error = #expect(throws: KeyFileFault.self) { try Pseudonyms(files).tend(time: now) }
            #expect(error?.description == "keys/2026-11.allow: it is no pseudonym key of this month and class")
            #expect(files.contents["2026-11.allow"] == bytes)
        }
    }

    @Test("a name is the same within a month and class, and another in other ones")
    func linking() throws {
        let names = Pseudonyms(files)
        let now = try time("2026-11-21")
        try names.tend(time: now)
        let name = try #require(names.reference(.user, Self.user, .allow, time: now))
        #expect(names.reference(.user, Self.user, .allow, time: try time("2026-11-01")) == name)
        let others = [
            names.reference(.user, Self.user, .refuse, time: now), names.reference(.user, Self.user, .admin, time: now),
            names.reference(.media, Self.user, .allow, time: now),
            names.reference(.user, "@alice:example.or", .allow, time: now),
            names.reference(.user, Self.user, .allow, time: try time("2026-12-01")),
        ]
        #expect(Set(others + [name]).count == 6 && !others.contains(nil))
        let again = Pseudonyms(files)
        try again.tend(time: now)
        #expect(again.reference(.user, Self.user, .allow, time: now) == name, "after a restart")
    }

    @Test("keys are there a month ahead, and the disk is touched once a month")
    func ahead() throws {
        let names = Pseudonyms(files)
        try names.tend(time: try time("2026-11-21"))
        #expect(
            files.contents.keys.sorted().map { String($0.prefix(7)) }.reduce(into: []) {
                if $0.last != $1 { $0.append($1) }
            } == ["2026-11", "2026-12"])
        let before = files.changes
        files.fault = .undone
        for _ in 0..<100 { try names.tend(time: try time("2026-11-30")) }
        let turn = try #require(CalendarDay("2026-12-01")).start
        for time in [turn - 1, turn, turn + 60_000_000] {
            #expect(names.reference(.user, Self.user, .allow, time: time) != nil)
        }
        #expect(files.changes == before)
        #expect(throws: KeyFileFault.self) { try names.tend(time: turn) }
        #expect(names.reference(.user, Self.user, .allow, time: turn) != nil, "until January they were made before")
        files.fault = nil
        try names.tend(time: turn)
        #expect(files.contents["2027-01.admin"] != nil)
    }

    @Test("of a month that is over no key is made again, and what was destroyed names nobody")
    func destroyed() throws {
        let (november, december) = (try time("2026-11-21"), try time("2026-12-02"))
        let names = Pseudonyms(files)
        try names.tend(time: november)
        try names.tend(time: december)
        #expect(names.reference(.user, Self.user, .allow, time: november) != nil, "the month before is still known")
        let month = try #require(CalendarMonth("2026-11"))
        try names.destroy(month, .allow)
        #expect(names.reference(.user, Self.user, .allow, time: november) == nil)
        #expect(names.reference(.user, Self.user, .refuse, time: november) != nil)
        let again = Pseudonyms(files)
        try again.tend(time: december)
        #expect(again.reference(.user, Self.user, .allow, time: november) == nil)
        #expect(files.contents["2026-11.allow"] == nil)
        #expect(try again.kept().count == 8)
    }

    @Test("a key that was stored while its storing seemed to fail is taken, not replaced")
    func storedButFailed() throws {
        let now = try time("2026-11-21")
        let names = Pseudonyms(files)
        files.fault = .done
        #expect(throws: KeyFileFault.self) { try names.tend(time: now) }
        #expect(names.reference(.user, Self.user, .allow, time: now) == nil)
        let first = try #require(files.contents["2026-11.allow"])
        files.fault = nil
        try names.tend(time: now)
        #expect(files.contents["2026-11.allow"] == first)
    }

    @Test("months and days are read only as they are written, and follow each other over years")
    func periods() throws {
        for wrong in ["2026-13", "2026-00", "2026-1", "026-11", "2026-11-", "2026/11", " 2026-1", "９026-11"] {
            #expect(CalendarMonth(wrong) == nil, "\(wrong)")
        }
        for wrong in ["2026-02-29", "2026-11-31", "2026-11-00", "2026-1-01", "20261-1-1"] {
            #expect(CalendarDay(wrong) == nil, "\(wrong)")
        }
        let december = try #require(CalendarMonth("2026-12"))
        #expect(december.next.text == "2027-01" && december.next.previous == december)
        #expect(december.end == CalendarDay("2027-01-01")?.start)
        for time in [.min, -1, 0, .max] as [Int64] {
            #expect(CalendarDay(CalendarDay(microseconds: time).text) == CalendarDay(microseconds: time))
            #expect(CalendarMonth(CalendarMonth(microseconds: time).text) == CalendarMonth(microseconds: time))
        }
    }
}
