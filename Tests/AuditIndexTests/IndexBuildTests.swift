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
