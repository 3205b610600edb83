// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import Testing

@testable import Audit

@Suite("What is over by retention")
final class RetentionJobTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID().uuidString)").path

    deinit {
        for end in ["", ".key", ".pseudonyms", ".sealed"] {
            try? FileManager.default.removeItem(atPath: directory + end)
        }
    }

    private let (pseudonyms, sealed) = (FaultyKeyFiles(), FaultyKeyFiles())
    private var job: RetentionJob { RetentionJob(LogKeys(pseudonyms, sealed)) }

    private func end(_ day: String) throws -> Int64 { try #require(CalendarDay(day)).end }

    private func names(_ due: [RetentionJob.Due]) -> [String] { due.map { "\($0.period).\($0.recordClass.rawValue)" } }

    @Test("without a policy's word, or for a class without one, nothing is ever over")
    func nothing() throws {
        sealed.contents = ["2026-11-21.allow": [1], "2026-11-21.admin": [1]]
        pseudonyms.contents = ["2026-11.refuse": [1]]
        #expect(try job.due([:], time: .max).isEmpty)
        #expect(try job.due([.refuse: .zero], time: .max).isEmpty)
        #expect(try names(job.due([.admin: .seconds(86_400)], time: .max)) == ["2026-11-21.admin"])
        for time in [.min, 0, try end("2026-11-21")] as [Int64] {
            #expect(try job.due([.allow: .seconds(86_400), .refuse: .seconds(86_400)], time: time).isEmpty)
        }
        #expect(try job.due([.allow: .seconds(Int64.max)], time: .max).isEmpty)
    }

    @Test("files of other names are never touched")
    func strangers() throws {
        sealed.contents = [
            "2026-11.allow": [1], "2026-11-21": [1], "2026-11-21.all": [1], "2026-11-21.allow.bak": [1], "x": [1],
            "2026-02-30.allow": [1], "..": [1],
        ]
        pseudonyms.contents = ["2026-11-21.allow": [1], "2026-13.allow": [1]]
        #expect(try job.due([.allow: .seconds(86_400)], time: .max).isEmpty)
    }

    @Test("a day's keys are over when its last record is as old as the policy says, a month's when its last day's are")
    func due() throws {
        sealed.contents = ["2026-11-29.allow": [1], "2026-11-30.allow": [1], "2026-11-30.refuse": [1]]
        pseudonyms.contents = ["2026-11.allow": [1], "2026-12.allow": [1], "2026-11.refuse": [1]]
        let retention: [AuditTerms.RecordClass: Duration] = [
            .allow: .seconds(10 * 86_400), .refuse: .seconds(365 * 86_400),
        ]
        let over = try end("2026-11-30") + 10 * CalendarDay.microseconds + RetentionJob.margin
        #expect(try names(job.due(retention, time: over - 1)) == ["2026-11-29.allow"])
        #expect(try names(job.due(retention, time: over)) == ["2026-11-29.allow", "2026-11-30.allow", "2026-11.allow"])
    }

    @Test("what could not be destroyed is due again; what is destroyed is not")
    func again() throws {
        sealed.contents = ["2026-11-21.allow": [1]]
        let due = try #require(try job.due([.allow: .seconds(86_400)], time: .max).first)
        sealed.fault = .undone
        #expect(throws: KeyFileFault.self) { try job.destroy(due) }
        sealed.fault = nil
        #expect(try job.due([.allow: .seconds(86_400)], time: .max) == [due])
        try job.destroy(due)
        try job.destroy(due)
        #expect(try job.due([.allow: .seconds(86_400)], time: .max).isEmpty)
    }

    @Test(
        "after destruction the log verifies as before, the sealed fields open for nobody, and a record says what was done"
    )
    func wholeLog() async throws {
        let auditor = try #require(AuditorKey.generate())
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.emergencyBytes = 4096
        let log = try AuditLog.open(configuration, build: "0.1.0", policy: nil)
        var terms = AuditTerms()
        terms.sealTo = [auditor.recipient]
        log.use(try log.prepare(terms))
        let now = SystemClock.now()
        let field = try #require(try log.sealer.seal(Array("{}".utf8), .allow))
        let name = try #require(log.pseudonyms.reference(.user, "@a:b", .allow, time: now))
        var opener = SealOpener(KeyDirectory.sealed(of: directory), auditor)
        #expect(try opener.open(field, time: now) == Array("{}".utf8))

        let job = RetentionJob(log.keys)
        // Two months from now, by a clock that is believed.
        let due = try job.due([.allow: .seconds(86_400)], time: now + 70 * CalendarDay.microseconds)
        #expect(due.map(\.what).contains(.sealedKeys) && due.map(\.what).contains(.pseudonymKey))
        #expect(Set(due.map(\.recordClass)) == [.allow])
        for each in due {
            _ = try await log.record(.privacy(each.notice))
            try job.destroy(each)
        }
        #expect(log.pseudonyms.reference(.user, "@a:b", .allow, time: now) == nil)
        #expect(log.pseudonyms.reference(.user, "@a:b", .refuse, time: now) != name)
        log.close(reason: "test")

        var again = SealOpener(KeyDirectory.sealed(of: directory), auditor)
        #expect(throws: OpeningFault.self) { try again.open(field, time: now) }
        let left = try FileManager.default.contentsOfDirectory(atPath: directory + ".sealed")
        #expect(left.sorted().map { String($0.split(separator: ".")[1]) } == ["admin", "refuse"])
        let key = try #require(
            try? NoteKey(
                parsing: String(contentsOfFile: directory + "/verifier-key", encoding: .utf8)
                    .trimmingCharacters(in: .newlines)))
        let outcome = try LogVerifier(LogDirectory(directory), key: key).run()
        #expect(outcome.fault == nil && outcome.verified >= 3)
        let records = try Samples.read(LogDirectory(directory)).records.map {
            String(decoding: $0.record, as: UTF8.self)
        }
        #expect(records.filter { $0.contains(#""kind":"audit.retention""#) }.count == due.count)
        let period = try #require(due.first?.period)
        #expect(records.contains { $0.contains(#""class":"allow","destroyed":"sealed_keys""#) && $0.contains(period) })
    }

    @Test("files of keys and their directories are for their owner only, and nothing is left of one that was destroyed")
    func files() throws {
        let files = KeyDirectory.sealed(of: directory + "/")
        #expect(files.path == directory + ".sealed")
        #expect(try files.names().isEmpty && files.read("x", limit: 10) == nil)
        try files.destroy("x")
        let head = Array("head\n".utf8)
        try files.append(Array("one\n".utf8), to: "x", head: head)
        try files.append(Array("two\n".utf8), to: "x", head: head)
        #expect(try files.read("x", limit: 100) == Array("head\none\ntwo\n".utf8))
        // What a crash left of a line, and of the first one.
        for (left, whole) in [("head\none\ntw", "head\none\n"), ("hea", "head\n"), ("", "head\n")] {
            try Data(left.utf8).write(to: URL(filePath: files.path + "/x"))
            try files.append(Array("new\n".utf8), to: "x", head: head)
            #expect(try files.read("x", limit: 100) == Array((whole + "new\n").utf8))
        }
        try Data(repeating: 0x61, count: 9000).write(to: URL(filePath: files.path + "/x"))
        try files.append(Array("new\n".utf8), to: "x", head: head)
        #expect(try files.read("x", limit: 100) == Array("head\nnew\n".utf8))
        try files.create("y", [1, 2, 3])
        #expect(try files.names() == ["x", "y"] && files.read("y", limit: 2)?.count == 3)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        // Files that the test itself made have the test's rights.
        #expect(try mode(files.path) == 0o700 && mode(files.path + "/y") == 0o600)
        // The bytes are overwritten, not only their name removed: a second name shows it.
        try FileManager.default.linkItem(atPath: files.path + "/y", toPath: files.path + "/z")
        try files.destroy("y")
        #expect(try files.names() == ["x", "z"] && files.read("z", limit: 10) == [0, 0, 0])
        // A link that somebody put there leads nowhere.
        try FileManager.default.createSymbolicLink(atPath: files.path + "/l", withDestinationPath: files.path + "/x")
        #expect(throws: DiskFailure.self) { try files.append([0x0A], to: "l", head: []) }
        #expect(throws: DiskFailure.self) { try files.destroy("l") }
    }
}
