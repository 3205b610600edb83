// SPDX-License-Identifier: Apache-2.0

import AuditIndex
import Foundation
import Testing

@Suite("Making an index and continuing it")
struct IndexBuildTests {
    private let records = RandomRecord.log(200, seed: 7).map(\.json)

    private func build(_ log: WrittenLog, rebuild: Bool = false) throws -> IndexBuild.Outcome {
        try IndexBuild(log: log.path, path: log.index).run(rebuild: rebuild) { _ in }
    }

    @Test("doing it again adds nothing")
    func idempotent() throws {
        let log = try WrittenLog()
        try log.hold(records, isSigned: true)
        #expect(try build(log).added == 200)
        let again = try build(log)
        #expect(again.added == 0 && again.rebuilt == nil && again.last == 200)
        let rebuilt = try build(log, rebuild: true)
        #expect(rebuilt.added == 200 && rebuilt.rebuilt != nil)
    }

    @Test("of a directory that is no log none is made")
    func noLog() throws {
        let log = try WrittenLog()
        #expect(throws: IndexFailure.self) { try build(log) }
        #expect(!FileManager.default.fileExists(atPath: log.index))
        // The control: a log is there.
        try log.hold(Array(records.prefix(1)))
        #expect(try build(log).last == 1)
    }

    @Test("a log whose last record is another one is noticed, and its index made anew")
    func replaced() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        var other = records
        other[199] = RandomRecord.log(200, seed: 8)[199].json
        try log.hold(other)
        let outcome = try build(log)
        #expect(outcome.rebuilt == "other records are in the log" && outcome.added == 200)
    }

    @Test("a log that has become shorter is noticed")
    func shortened() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        try log.hold(Array(records[..<120]))
        let outcome = try build(log)
        #expect(outcome.rebuilt == "the log has become shorter" && outcome.last == 120)
        #expect(try LogIndex(path: log.index).count(RecordFilter()) == 120)
    }

    @Test("a log in which only a record before the last is another one is noticed by its signed root")
    func forked() throws {
        let log = try WrittenLog()
        try log.hold(records, isSigned: true)
        _ = try build(log)
        var other = records
        other[3] = RandomRecord.log(200, seed: 8)[3].json
        try log.hold(other, isSigned: true)
        #expect(try build(log).rebuilt == "other records are in the log")
        // The control: a log that only grew.
        try log.hold(other + [RandomRecord.log(201, seed: 9)[200].json], isSigned: true)
        let grown = try build(log)
        #expect(grown.rebuilt == nil && grown.added == 1)
    }

    @Test("another log under the same path is noticed by its name")
    func renamed() throws {
        let (log, other) = (try WrittenLog(), try WrittenLog(name: "other.example/audit"))
        try log.hold(records, isSigned: true)
        _ = try build(log)
        try other.hold(records, isSigned: true)
        try FileManager.default.removeItem(atPath: log.path)
        try FileManager.default.moveItem(atPath: other.path, toPath: log.path)
        #expect(try build(log).rebuilt == "the log has another name")
    }

    @Test("what is no record, or says another number, is counted, named and passed over")
    func faults() throws {
        let log = try WrittenLog()
        var broken = records
        broken[5] = "{\"seq\":6"
        broken[9] = records[10]
        broken[20] = "[" + String(repeating: "[", count: 5000)
        try log.hold(broken)
        let outcome = try build(log)
        #expect(outcome.faultCount == 3 && outcome.faults.count == 3 && outcome.last == 200)
        let index = try LogIndex(path: log.index)
        #expect(try index.count(RecordFilter()) == 197)
        #expect(index.faults == 3)
    }

    @Test("a file that is no index is left as it is, also with --rebuild")
    func foreign() throws {
        let log = try WrittenLog()
        try log.hold(records)
        try Data("precious".utf8).write(to: URL(filePath: log.index))
        #expect(throws: IndexFailure.self) { try build(log, rebuild: true) }
        #expect(try Data(contentsOf: URL(filePath: log.index)) == Data("precious".utf8))
        #expect(throws: IndexFailure.self) { try LogIndex(path: log.index) }
    }

    /// What a stop in the middle of a commit leaves: the last page half written, and the old one in the journal, as SQLite's
    /// file format has it ("The Rollback Journal").
    private func interrupt(_ path: String) throws {
        func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
        var file = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let size = Int(file[16]) << 8 | Int(file[17])
        let (pages, nonce) = (file.count / size, 7)
        let page = Array(file[(pages - 1) * size..<pages * size])
        let sum = stride(from: size - 200, to: 0, by: -200).reduce(nonce) { $0 + Int(page[$1]) }
        let head =
            [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7] + number(1) + number(nonce) + number(pages) + number(512)
            + number(size)
        let journal = head + [UInt8](repeating: 0, count: 512 - head.count) + number(pages) + page + number(sum)
        try Data(journal).write(to: URL(filePath: path + "-journal"))
        for index in (pages - 1) * size..<pages * size - size / 2 { file[index] = 0xFF }
        try Data(file).write(to: URL(filePath: path))
    }

    @Test("one whose writing was stopped in the middle of a commit is not answered from, and put right by the next")
    func interrupted() throws {
        let log = try WrittenLog()
        try log.hold(Array(records[..<150]))
        _ = try build(log)
        let before = try Data(contentsOf: URL(filePath: log.index))
        try interrupt(log.index)
        #expect(try Data(contentsOf: URL(filePath: log.index)) != before)
        #expect {
            try LogIndex(path: log.index)
        } throws: {
            "\($0)".hasSuffix("who wrote it was stopped while he did")
        }
        try log.hold(records)
        let outcome = try build(log)
        #expect(outcome.added == 50 && outcome.rebuilt == nil && outcome.last == 200)
        #expect(try LogIndex(path: log.index).count(RecordFilter()) == 200)
        // Somebody else's file is left as it is, also then.
        var other = before
        other.replaceSubrange(68..<72, with: [1, 2, 3, 4])
        try other.write(to: URL(filePath: log.index))
        try interrupt(log.index)
        let left = try Data(contentsOf: URL(filePath: log.index))
        #expect(throws: IndexFailure.self) { try build(log) }
        #expect(try Data(contentsOf: URL(filePath: log.index)) == left)
    }

    @Test("only its owner may read it, and nothing else is left beside it")
    func rights() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        let rights = try FileManager.default.attributesOfItem(atPath: log.index)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        let beside = try FileManager.default.contentsOfDirectory(atPath: log.url.path)
        #expect(Set(beside).isSubset(of: ["log", "log.index.sqlite", "log.index.sqlite-journal"]))
        #expect(IndexFile.path(ofLog: "a/b//") == "a/b.index.sqlite")
    }

    @Test("names with SQL in them are names")
    func injection() throws {
        let log = try WrittenLog()
        let name = "a'); DROP TABLE record; --"
        try log.hold([
            #"{"kind":"request","origin":{"claimed":"\#(name)"},"decision":"refuse","reason_code":"x","seq":1,"time":"2026-10-01T09:30:00.000001Z"}"#
        ])
        _ = try build(log)
        let index = try LogIndex(path: log.index)
        var filter = RecordFilter()
        filter.origin = name
        #expect(try index.count(filter) == 1)
        filter.origin = "' OR ''='"
        #expect(try index.count(filter) == 0)
    }
}

@Suite("Refusals that were counted together")
struct AggregatedIndexTests {
    private func record(_ sequence: Int, _ kind: String, _ more: String) -> String {
        #"{\#(more)"decision":"refuse","direction":"inbound","kind":"\#(kind)","node":"n","origin":{"claimed":"x.example","#
            + #""state":"FR"},"reason_code":"auth.sig_invalid","seq":\#(sequence),"time":"2026-07-01T09:30:00.000001Z","v":1}"#
    }

    @Test("AC-88 count as so many in a query, a ledger and a report, and one record counts as one")
    func counted() throws {
        let log = try WrittenLog()
        try log.hold([
            record(1, "request", ""), record(2, "audit.aggregated", #""count":41,"#), record(3, "request", ""),
            record(4, "audit.aggregated", #""count":1,"#),
        ])
        _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: false) { _ in }
        let index = try LogIndex(path: log.index)
        #expect(try index.count(RecordFilter()) == 44)
        var filter = RecordFilter()
        filter.reason = "auth.sig_invalid"
        #expect(try index.count(filter) == 44)
        filter.state = "FR"
        #expect(try index.count(filter) == 44)
        filter.state = "DE"
        #expect(try index.count(filter) == 0)
        #expect(try index.ledger(.state("FR"), from: nil, to: nil).lines.map(\.requests).reduce(0, +) == 44)
        #expect(try index.traffic(from: nil, to: nil).map(\.requests).reduce(0, +) == 44)
    }
}

@Suite("What outcomes say of answers")
struct AnsweredTests {
    @Test("is found with the decision that they point at, whichever is indexed first, and summed up once")
    func answered() throws {
        func decision(_ sequence: Int, _ method: String, _ more: String) -> String {
            #"{"decision":"allow","destination":{"state":"EE"},"direction":"inbound","kind":"request",\#(more)"method":"\#(method)","#
                + #""node":"n","origin":{"authenticated":"x.example","state":"FR"},"seq":\#(sequence),"time":"2026-07-01T09:30:00.000001Z","v":1}"#
        }
        func outcome(_ sequence: Int, of decision: Int, _ more: String) -> String {
            #"{\#(more)"http":{},"kind":"outcome","node":"n","of_seq":\#(decision),"seq":\#(sequence),"#
                + #""time":"2026-07-01T09:30:01.000001Z","v":1}"#
        }
        let (one, two) = (String(repeating: "1f", count: 16), String(repeating: "2f", count: 16))
        let records = [
            decision(1, "GET", ""), outcome(2, of: 1, #""answered":{"events":500},"events":["\#(one)","\#(two)"],"#),
            outcome(3, of: 1, #""answered":{"events":7,"ids":2},"events":["\#(one)"],"#),
            decision(4, "GET", #""media":{"ref":"\#(two)"},"#),
            outcome(5, of: 4, #""media":{"bytes":9,"type":"a/b"},"#),
            outcome(6, of: 4, ""),
        ]
        let log = try WrittenLog()
        for count in [1, 3, 6] {
            try log.hold(Array(records.prefix(count)))
            _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: false) { _ in }
        }
        let index = try LogIndex(path: log.index)
        let line = try #require(try index.ledger(.state("FR"), from: nil, to: nil).lines.first)
        #expect(line.requests == 2 && line.eventsAnswered == 507 && line.idsAnswered == 2 && line.fileBytes == 9)
        #expect(line.named[.answered] == 2 && line.events == 2)
        var filter = RecordFilter()
        filter.events = [two]
        var found: [Int64] = []
        try index.find(filter, limit: 9) { found.append($0.sequence) }
        #expect(found == [1])
        var disclosures: [Disclosure] = []
        try index.disclosures(.server("x.example"), from: nil, to: nil) { disclosures.append($0) }
        #expect(disclosures.map(\.what) == [.answered, .answered, .media])
        #expect(disclosures.allSatisfy { $0.flow == .left })
        #expect(disclosures.map(\.fileBytes) == [nil, nil, 9] && disclosures.map(\.fileType) == [nil, nil, "a/b"])
    }
}

@Suite("Silences of a log")
struct SilenceTests {
    @Test("AC-113 a log that ran and said nothing for more than three minutes is found; a stop and a start are none")
    func found() throws {
        func record(_ sequence: Int, _ kind: String, _ minute: Int) -> String {
            #"{"kind":"\#(kind)","node":"n","seq":\#(sequence),"time":"2026-07-01T09:\#(minute):00.000001Z","v":1}"#
        }
        let log = try WrittenLog()
        try log.hold([
            record(1, "log.start", 10), record(2, "log.heartbeat", 11), record(3, "log.heartbeat", 14),
            record(4, "log.heartbeat", 20), record(5, "log.stop", 21), record(6, "log.start", 50),
            record(7, "log.heartbeat", 51),
        ])
        _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: false) { _ in }
        let index = try LogIndex(path: log.index)
        var found: [Silence] = []
        try index.silences(from: nil, to: nil) { found.append($0) }
        #expect(found.map(\.last) == [3] && found.map(\.next) == [4])
        #expect(found.first.map { $0.to - $0.from } == 360_000_000)
        var none = 0
        try index.silences(from: found.first.map { $0.to + 1 }, to: nil) { _ in none += 1 }
        #expect(none == 0)
    }
}
