// SPDX-License-Identifier: Apache-2.0

import AuditIndex
import Foundation
import Testing

@Suite("A new index takes its place when it is whole")
struct IndexDraftTests {
    private let records = RandomRecord.log(600, seed: 11).map(\.json)

    private func build(_ log: WrittenLog, rebuild: Bool = false) throws -> IndexBuild.Outcome {
        try IndexBuild(log: log.path, path: log.index).run(rebuild: rebuild) { _ in }
    }

    private func draft(_ log: WrittenLog) -> String { log.index + ".draft" }

    /// What one that is made looks like, at the last moment before it is whole.
    private func halfMade(_ log: WrittenLog) throws -> Data {
        var half = try Data(contentsOf: URL(filePath: log.index))
        // `user_version` and `application_id`, which are written last. SQLite, "Database File Format", 1.3.
        half.replaceSubrange(60..<64, with: [0, 0, 0, 0])
        half.replaceSubrange(68..<72, with: [0, 0, 0, 0])
        return half
    }

    @Test("what a stop left of one is not asked and not continued, and the next is as if there had been no stop")
    func interrupted() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        let half = try halfMade(log)
        try FileManager.default.removeItem(atPath: log.index)
        try half.write(to: URL(filePath: draft(log)))
        #expect(throws: IndexFailure.self) { try LogIndex(path: log.index) }
        #expect(throws: IndexFailure.self) { try LogIndex(path: draft(log)) }
        let outcome = try build(log)
        #expect(outcome.added == 600 && outcome.rebuilt == nil)
        #expect(try LogIndex(path: log.index).count(RecordFilter()) >= 600)
        #expect(!FileManager.default.fileExists(atPath: draft(log)))
    }

    @Test("one that is half made is no index wherever it lies, and is left as it is")
    func misplaced() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        let half = try halfMade(log)
        try half.write(to: URL(filePath: log.index))
        #expect(throws: IndexFailure.self) { try LogIndex(path: log.index) }
        #expect(throws: IndexFailure.self) { try build(log) }
        #expect(try Data(contentsOf: URL(filePath: log.index)) == half)
    }

    @Test("while one is made nobody else makes it, and the one that was there can be asked until then")
    func alone() throws {
        let log = try WrittenLog()
        try log.hold(records)
        _ = try build(log)
        var asked: Int64?
        var isRefused = false
        _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: true) { _ in
            guard asked == nil else { return }
            asked = try? LogIndex(path: log.index).last
            do {
                _ = try build(log, rebuild: true)
            } catch {
                isRefused = true
            }
        }
        #expect(asked == 600 && isRefused)
        #expect(try LogIndex(path: log.index).last == 600)
    }

    @Test("of a log with a file that is missing, what comes before can be asked, and the failure is said")
    func damaged() throws {
        let log = try WrittenLog()
        try log.hold(records)
        let bundle = URL(filePath: log.path).appending(path: "tile/entries/001")
        let bytes = try Data(contentsOf: bundle)
        try bytes.dropLast(1).write(to: bundle)
        #expect(throws: IndexFailure.self) { try build(log) }
        #expect(try LogIndex(path: log.index).last == 256)
        // The control: it goes on when the file is there again.
        try bytes.write(to: bundle)
        let outcome = try build(log)
        #expect(outcome.added == 344 && outcome.rebuilt == nil && outcome.last == 600)
    }

    @Test("texts that differ in their bytes only are different ones")
    func composed() throws {
        let log = try WrittenLog()
        let names = ["\u{E9}.example", "e\u{301}.example"]
        try log.hold(
            names.enumerated().map { place, name in
                #"{"kind":"request","origin":{"claimed":"\#(name)"},"decision":"refuse","reason_code":"x","#
                    + #""seq":\#(place + 1),"time":"2026-10-01T09:30:00.000001Z"}"#
            })
        _ = try build(log)
        let index = try LogIndex(path: log.index)
        for name in names {
            var filter = RecordFilter()
            filter.origin = name
            #expect(try index.count(filter) == 1)
        }
    }
}
