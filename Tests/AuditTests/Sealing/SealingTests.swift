// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Synchronization
import Testing

@testable import Audit

@Suite("Sealed fields")
struct SealingTests {
    private final class Clock: Sendable {
        let now = Atomic<Int64>(1_000_000)
        func advance(_ seconds: Int64) { now.add(seconds * 1_000_000, ordering: .relaxed) }
    }

    private static let clear = Array(#"{"subject":"@alice:example.org"}"#.utf8)
    private let files = FaultyKeyFiles()
    private let clock = Clock()
    private let auditor: AuditorKey
    private let other: AuditorKey
    /// 2026-11-21, noon.
    private let time: Int64
    private let sealer: RecordSealer

    init() throws {
        auditor = try #require(AuditorKey.generate())
        other = try #require(AuditorKey.generate())
        time = try #require(CalendarDay("2026-11-21")).start + 43_200_000_000
        let clock = clock
        var limits = RecordSealer.Limits()
        limits.records = 100
        sealer = RecordSealer(files, limits: limits) { clock.now.load(ordering: .relaxed) }
    }

    private func use(_ auditors: AuditorKey...) throws {
        sealer.take(try sealer.prepare(auditors.map(\.recipient).sorted(), time: time))
    }

    private func seal(_ recordClass: AuditTerms.RecordClass = .allow) throws -> SealedField {
        try #require(try sealer.seal(Self.clear, recordClass))
    }

    private func open(_ field: SealedField, _ key: AuditorKey? = nil) throws(OpeningFault) -> [UInt8] {
        var opener = SealOpener(files, key ?? auditor)
        return try opener.open(field, time: time)
    }

    /// What is said about a field that does not open.
    private func fault(_ field: SealedField, _ key: AuditorKey? = nil) -> String? {
        do throws(OpeningFault) {
            _ = try open(field, key)
            return nil
        } catch {
            return error.description
        }
    }

    // MARK: Hostile

    @Test("a box with any bit flipped, cut, or under another key's name does not open")
    func boxes() throws {
        try use(auditor)
        let field = try seal()
        for bit in 0..<field.box.count * 8 {
            var box = field.box
            box[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(fault(SealedField(key: field.key, box: box))?.contains("not the one that was made") == true)
        }
        for length in 0..<field.box.count {
            #expect(fault(SealedField(key: field.key, box: Array(field.box.prefix(length)))) != nil)
        }
        let other = try seal(.refuse)
        #expect(fault(SealedField(key: other.key, box: field.box))?.contains("not the one that was made") == true)
        #expect(try open(field) == Self.clear && open(other) == Self.clear)
    }

    @Test("another auditor opens nothing, and hears who it is not")
    func otherAuditor() throws {
        try use(auditor)
        let field = try seal()
        #expect(fault(field, other)?.contains("sealed to other auditors") == true)
        try use(auditor, other)
        let both = try seal()
        #expect(try open(both) == Self.clear && open(both, other) == Self.clear)
        #expect(fault(field, other) != nil, "what was sealed before stays closed to a new auditor")
    }

    @Test("a side file that is cut anywhere, or has a byte changed, opens what is whole in it and nothing else")
    func sideFiles() throws {
        try use(auditor)
        let field = try seal()
        let name = "2026-11-21.allow"
        let whole = try #require(files.contents[name])
        for length in whole.indices {
            files.contents[name] = Array(whole.prefix(length))
            #expect(fault(field) != nil, "\(length) bytes")
        }
        for place in whole.indices {
            var changed = whole
            changed[place] ^= 1
            files.contents[name] = changed
            #expect(fault(field) != nil, "byte \(place)")
        }
        for junk in ["", "\n\n\n", "key \n", "key x age1 y\n", String(repeating: "k", count: 5000) + "\n", "\u{0}"] {
            files.contents[name] = whole + Array(junk.utf8)
            #expect(try open(field) == Self.clear)
        }
    }

    @Test("a key that was moved to another day or class is noticed; a file under another name is none")
    func moved() throws {
        try use(auditor)
        let field = try seal()
        let whole = try #require(files.contents["2026-11-21.allow"])
        let line = try #require(whole.split(separator: 0x0A).last) + [0x0A]
        for (day, recordClass) in [("2027-11-21", AuditTerms.RecordClass.allow), ("2026-11-21", .admin)] {
            let head = SealedKeyFile.head(try #require(CalendarDay(day)), recordClass)
            files.contents = ["\(day).\(recordClass.rawValue)": head + line]
            #expect(fault(field)?.contains("altered or moved") == true)
            files.contents = ["\(day).\(recordClass.rawValue)": whole]
            #expect(fault(field) != nil)
        }
        files.contents = ["2026-11-21.allow.old": whole, "x": whole, "2026-11-21.": whole]
        #expect(fault(field)?.contains("in no file there") == true)
    }

    @Test("a name in the side file that leads to another key is noticed")
    func swapped() throws {
        try use(auditor)
        let first = try seal()
        clock.advance(61)
        try sealer.tend(time: time)
        let second = try seal()
        let text = String(decoding: try #require(files.contents["2026-11-21.allow"]), as: UTF8.self)
        files.contents["2026-11-21.allow"] = Array(
            text.replacing(first.key.hex, with: "*").replacing(second.key.hex, with: first.key.hex)
                .replacing("*", with: second.key.hex).utf8)
        #expect(fault(first)?.contains("not the one that the record names") == true)
        #expect(fault(second)?.contains("not the one that the record names") == true)
    }

    @Test("without the side file nothing opens, and what is said about it names the file")
    func destroyed() throws {
        try use(auditor)
        let field = try seal()
        try sealer.destroy(try #require(CalendarDay("2026-11-21")), .allow)
        #expect(fault(field) == "keys: the key is in no file there: it was destroyed, or not copied")
    }

    @Test("the gateway's files hold nothing with which it could open what it sealed")
    func gatewayCannotOpen() throws {
        try use(auditor)
        let field = try seal()
        clock.advance(61)
        try sealer.tend(time: time)
        // All that is on its disk: boxes to others. With no secret key of an auditor none of them opens.
        let entries = SealedKeyFile(
            try #require(files.contents["2026-11-21.allow"]), try #require(CalendarDay("2026-11-21")), .allow,
            for: auditor.recipient)
        let sealed = try #require(entries.keys[field.key])
        for _ in 0..<50 { #expect(try #require(SecretKey.generate()).openKey(sealed) == nil) }
        #expect(auditor.secret.openKey(sealed) != nil)
        #expect(try sealer.seal(Self.clear, .allow)?.key != field.key, "the key of before is not used again")
    }

    // MARK: Order of things

    @Test("a key is in the side file before anything is sealed with it; one whose storing failed is never used")
    func durableFirst() throws {
        try use(auditor)
        let first = try seal()
        for fault in [FaultyKeyFiles.Fault.undone, .half, .done] {
            clock.advance(61)
            files.fault = fault
            #expect(throws: KeyFileFault.self) { try sealer.tend(time: time) }
            let field = try seal()
            #expect(field.key == first.key, "the key of before goes on")
            #expect(try open(field) == Self.clear)
        }
        files.fault = nil
        try sealer.tend(time: time)
        let next = try seal()
        #expect(next.key != first.key)
        #expect(try open(next) == Self.clear && open(first) == Self.clear, "behind half a line and one that is unused")
    }

    @Test("a process that dies between side file and record leaves a key that no record names, and loses nothing")
    func killed() throws {
        try use(auditor)
        let field = try seal()
        let again = RecordSealer(files)
        again.take(try again.prepare([auditor.recipient], time: time))
        let next = try #require(try again.seal(Self.clear, .allow))
        #expect(next.key != field.key)
        #expect(try open(field) == Self.clear && open(next) == Self.clear)
    }

    @Test("after ten minutes without a new key nothing is sealed any more, until there is one")
    func overdue() throws {
        try use(auditor)
        _ = try seal()
        files.fault = .undone
        clock.advance(599)
        #expect(throws: KeyFileFault.self) { try sealer.tend(time: time) }
        _ = try seal()
        clock.advance(2)
        let error = #expect(throws: AuditError.self) { _ = try sealer.seal(Self.clear, .allow) }
        #expect(error?.description.contains("keys/2026-11-21.allow: cannot write") == true)
        _ = try seal(.refuse)
        files.fault = nil
        try sealer.tend(time: time)
        #expect(try open(try seal()) == Self.clear)
    }

    @Test("a key is followed by another after a minute of use, after its records, and with the day; unused ones stay")
    func rotation() throws {
        try use(auditor)
        let changes = files.changes
        for _ in 0..<100 {
            clock.advance(60)
            try sealer.tend(time: time)
        }
        #expect(files.changes == changes)
        let first = try seal()
        try sealer.tend(time: time)
        #expect(try seal().key == first.key)
        clock.advance(60)
        try sealer.tend(time: time)
        let second = try seal()
        #expect(second.key != first.key)
        for _ in 0..<99 { _ = try seal() }
        try sealer.tend(time: time)
        #expect(try seal().key != second.key)
        try sealer.tend(time: time + CalendarDay.microseconds)
        let tomorrow = try seal(.refuse)
        #expect(files.contents["2026-11-22.refuse"] != nil)
        #expect(try open(tomorrow) == Self.clear, "looked for by the time of a record of the day before")
    }

    @Test("other auditors get keys of their own at once; without auditors nothing is sealed")
    func policies() throws {
        #expect(try sealer.seal(Self.clear, .allow) == nil && !sealer.seals)
        try use(auditor)
        let first = try seal()
        let prepared = try sealer.prepare([other.recipient], time: time)
        #expect(try seal().key == first.key, "what is prepared is not in use")
        sealer.take(prepared)
        let second = try seal()
        #expect(second.key != first.key && fault(second) != nil)
        #expect(try open(second, other) == Self.clear)
        sealer.take(try sealer.prepare([], time: time))
        #expect(try sealer.seal(Self.clear, .allow) == nil)
        files.fault = .undone
        #expect(throws: KeyFileFault.self) { try sealer.prepare([auditor.recipient], time: time) }
    }

    @Test("what is too long is not sealed, and not left out either")
    func tooLong() throws {
        try use(auditor)
        let limit = SealedField.clearLimit
        #expect(try sealer.seal([UInt8](repeating: 1, count: limit), .allow) != nil)
        #expect(throws: AuditError.self) { _ = try sealer.seal([UInt8](repeating: 1, count: limit + 1), .allow) }
    }

    @Test("many threads seal while keys change places, and every box opens")
    func concurrency() async throws {
        try use(auditor)
        let fields = try await withThrowingTaskGroup(of: [SealedField].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try (0..<200).map { round in
                        if round % 20 == 0 {
                            clock.advance(61)
                            try sealer.tend(time: time)
                        }
                        return try seal()
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        var opener = SealOpener(files, auditor)
        for field in fields { #expect(try opener.open(field, time: time) == Self.clear) }
        #expect(Set(fields.map(\.box)).count == 800 && Set(fields.map(\.key)).count > 5)
    }
}
