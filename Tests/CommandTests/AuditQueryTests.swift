// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("entente audit index, query, ledger, tail, report", .enabled(if: Entente.isBuilt))
struct AuditQueryTests {
    private static let counts = #""method":"PUT","path_template":"/_matrix/federation/v1/send/{txnId}","#
    private static let hostile = "=HYPERLINK(1)\\u001b[2J<script>\\u202e.example"

    /// Four records of July 2026: two servers of NO, one of PL that is refused, one with a name made to be harmful.
    private static func log(indexed: Bool = true) throws -> SampleLog {
        let log = try SampleLog(
            SampleLog.line(1, from: "a.example.no", "send", more: counts)
                + SampleLog.line(2, from: "b.example.no", "join")
                + SampleLog.line(
                    3, "refuse", "endpoint.refused", from: "c.example.pl", state: "PL", "send", rule: "tiers.x.refuse",
                    more: counts)
                + SampleLog.line(
                    4, "refuse", "origin.unknown", from: hostile, state: "??", "send", rule: "assign.unknown"))
        if indexed {
            let made = try Entente.run(["audit", "index", "--log", log.path])
            #expect(made.status == 0, "\(made.errors)")
        }
        return log
    }

    private static func clean(_ log: SampleLog) {
        try? FileManager.default.removeItem(atPath: log.path + ".index.sqlite")
    }

    @Test("a query answers with one line for each record, the newest first, and says how far it looked")
    func table() throws {
        let log = try Self.log()
        defer { Self.clean(log) }
        let found = try Entente.run(["audit", "query", "--log", log.path, "--state", "no"])
        #expect(found.status == 0)
        #expect(
            found.text == """
                record  time                         from               to                      class  decision  reason          rule             events
                     2  2026-07-02T09:30:00.000001Z  b.example.no (NO)  matrix.example.fr (FR)  join   allow     policy.allowed  tiers.other.may
                     1  2026-07-01T09:30:00.000001Z  a.example.no (NO)  matrix.example.fr (FR)  send   allow     policy.allowed  tiers.other.may
                2 found; indexed: records 1 to 4, up to 2026-07-04T09:30:00.000001Z

                """)
        let one = try Entente.run([
            "audit", "query", "--log", log.path, "--from", "2026-07-03", "--to", "2026-07-03", "--decision", "refuse",
            "--rule", "tiers.x.refuse", "--json",
        ])
        #expect(try one.answer()["seq"] as? Int == 3)
        #expect(try one.answer()["origin_state"] as? String == "PL")
        let none = try Entente.run(["audit", "query", "--log", log.path, "--server", "nobody.example", "--count"])
        #expect(none.status == 0 && none.text == "0\n")
    }

    @Test("what a peer wrote moves no cursor, is no formula and no markup, whatever the answer")
    func hostile() throws {
        let log = try Self.log()
        defer { Self.clean(log) }
        let commands = [
            ["query", "--decision", "refuse"], ["query", "--csv"], ["query", "--json"], ["ledger", "--state", "FR"],
            ["ledger", "--state", "FR", "--json"], ["ledger", "--state", "FR", "--csv"],
            ["ledger", "--state", "FR", "--html"], ["ledger", "--state", "FR", "--events"], ["report"],
            ["report", "--html"], ["tail"], ["tail", "--json"],
        ]
        for command in commands {
            let answer = try Entente.run(["audit"] + command + ["--log", log.path])
            #expect(answer.status == 0, "\(command): \(answer.errors)")
            #expect(!answer.output.contains(0x1B), "\(command)")
            #expect(!answer.text.unicodeScalars.contains("\u{202E}"), "\(command)")
            if command.contains("--html") { #expect(!answer.text.contains("<script>")) }
            if command.contains("--csv") && command[0] == "query" {
                #expect(answer.text.contains("'=HYPERLINK"))
                #expect(!answer.text.contains(",=") && !answer.text.contains(",\"="))
            }
        }
    }

    @Test("the ledger parts what arrived from what left and what was refused, with verdict and rule")
    func ledger() throws {
        let log = try Self.log()
        defer { Self.clean(log) }
        let answer = try Entente.run(["audit", "ledger", "--log", log.path, "--server", "a.example.no"])
        #expect(answer.status == 0)
        #expect(
            answer.text == """
                a.example.no, all that is indexed

                ARRIVED FROM IT
                who asked  what                                     verdict  reason          rule             requests  records
                they       PUT /_matrix/federation/v1/send/{txnId}  allow    policy.allowed  tiers.other.may         1  1
                indexed: records 1 to 4, up to 2026-07-04T09:30:00.000001Z

                """)
        let json = try Entente.run(["audit", "ledger", "--log", log.path, "--state", "PL", "--json"]).answer()
        let requests = try #require(json["requests"] as? [[String: Any]])
        #expect(requests.count == 1 && requests[0]["decision"] as? String == "refuse")
        let page = try Entente.run([
            "audit", "ledger", "--log", log.path, "--server", "a.example.no", "--html", "--date", "2026-11-21",
        ]).text
        #expect(page.contains("<h2>Arrived from it</h2>") && !page.contains("<h2>Left to it</h2>"))
        #expect(page.contains("<td>tiers.other.may</td>") && page.contains("2026-11-21"))
        #expect(try Entente.run(["audit", "ledger", "--log", log.path]).status == 2)
        let two = ["audit", "ledger", "--log", log.path, "--state", "NO", "--html"]
        #expect(try Entente.run(two + ["--json"]).status == 2 && Entente.run(two + ["--events"]).status == 2)
    }

    @Test(
        "events, rooms, users and files are found by their IDs, with the log's salt and the keys of the months that have one"
    )
    func names() throws {
        let salt = [UInt8](repeating: 7, count: 32)
        let references = ReferenceKey(salt: salt)
        let url = FileManager.default.temporaryDirectory.appending(path: "entente-names-\(UUID().uuidString)")
        let keys = KeyDirectory(url.appending(path: "keys").path)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let july: Int64 = 1_783_209_600_000_000
        let pseudonyms = Pseudonyms(keys)
        try pseudonyms.tend(time: july)
        func name(_ kind: Pseudonyms.Kind, _ id: String) throws -> String {
            let name = pseudonyms.reference(kind, id, AuditTerms.RecordClass.allow, time: july)
            return try #require(name).hex
        }
        let event = "$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO+/"
        let (known, asked) = (
            references.reference(.event, EventID.urlSafe(event)), references.reference(.event, "$x:y")
        )
        let more =
            #""events":["\#(known.hex)"],"events_asked":["\#(asked.hex)"],"media":{"ref":"\#(try name(.media, "file"))"},"#
            + #""room":"\#(references.reference(.room, "!r:a.example.no").hex)","target":"\#(try name(.user, "@u:b.example"))","#
        let log = try SampleLog(
            SampleLog.line(1, from: "a.example.no", "send", more: Self.counts + more)
                + SampleLog.line(2, from: "b.example.no", "join"))
        defer { Self.clean(log) }
        #expect(try Entente.run(["audit", "index", "--log", log.path]).status == 0)
        func count(_ option: String, _ id: String) throws -> Entente.Ended {
            try Entente.run(["audit", "query", "--log", log.path, "--count", option, id])
        }
        for (option, id) in [
            ("--event", event), ("--event", "$x:y"), ("--room", "!r:a.example.no"), ("--user", "@u:b.example"),
            ("--media", "mxc://matrix.example.fr/file"), ("--media", "file"),
        ] {
            let answer = try count(option, id)
            #expect(answer.status == 2 && answer.errors.contains("there is no answer"), "\(option): \(answer.errors)")
        }
        #expect(try count("--event", known.hex).text == "1\n")
        try Data(salt).write(to: URL(filePath: log.path + "/salt"))
        try FileManager.default.copyItem(atPath: keys.path, toPath: log.path + ".pseudonyms")
        defer { try? FileManager.default.removeItem(atPath: log.path + ".pseudonyms") }
        for (option, id, found) in [
            ("--event", event, "1"), ("--event", event.replacing("+/", with: "-_"), "1"), ("--event", "$x:y", "1"),
            ("--event", "$z:y", "0"), ("--room", "!r:a.example.no", "1"), ("--room", "!s:a.example.no", "0"),
            ("--user", "@u:b.example", "1"), ("--user", "@v:b.example", "0"),
            ("--media", "mxc://matrix.example.fr/file", "1"),
            ("--media", "other", "0"),
        ] {
            #expect(try count(option, id).text == found + "\n", "\(option) \(id)")
        }
        let listed = try Entente.run([
            "audit", "ledger", "--log", log.path, "--server", "a.example.no", "--events", "--csv",
        ])
        let lines = listed.text.split(separator: "\n")
        #expect(lines.count == 6 && lines[1].contains("event,\(known.hex),arrived,inbound"), "\(listed.text)")
    }

    @Test(
        "what left with answers is found by event, and is in the ledger with path, verdict, rule, and type and bytes of files"
    )
    func answers() throws {
        let (one, two, told) = ("\(1)".repeated, "\(2)".repeated, "\(3)".repeated)
        let file = "f".repeated
        func outcome(_ sequence: Int, of decision: Int, _ members: String, media: String = "") -> String {
            #"{\#(members)"http":{"status":200},"kind":"outcome",\#(media)"node":"n","of_seq":\#(decision),"seq":\#(sequence),"#
                + "\"time\":\"2026-07-0\(sequence)T09:30:00.000001Z\",\"v\":1}\n"
        }
        let backfill = #""method":"GET","path_template":"/_matrix/federation/v1/backfill/{roomId}","#
        let download =
            #""media":{"ref":"\#(file)"},"method":"GET","path_template":"/_matrix/federation/v1/media/download/{mediaId}","#
        let log = try SampleLog(
            SampleLog.line(1, from: "a.example.no", "history", more: backfill)
                + SampleLog.line(2, from: "a.example.no", "media", more: download)
                + outcome(3, of: 1, #""answered":{"events":1},"events":["\#(one)"],"#)
                + outcome(
                    4, of: 1, #""answered":{"events":1,"ids":1},"events":["\#(two)"],"events_named":["\#(told)"],"#)
                + outcome(5, of: 2, "", media: #""media":{"bytes":4711,"type":"image/png"},"#))
        defer { Self.clean(log) }
        #expect(try Entente.run(["audit", "index", "--log", log.path]).status == 0)
        for event in [one, two, told] {
            let found = try Entente.run(["audit", "query", "--log", log.path, "--event", event, "--json"]).answer()
            #expect(found["seq"] as? Int == 1, "\(event)")
        }
        let asked = ["audit", "ledger", "--log", log.path, "--server", "a.example.no"]
        let listed = try Entente.run(asked + ["--events", "--csv"]).text.split(separator: "\n")
        let path =
            "left,inbound,a.example.no,true,matrix.example.fr,GET,/_matrix/federation/v1/backfill/{roomId},history,allow,policy.allowed,tiers.other.may,,"
        #expect(listed.count == 5, "\(listed)")
        #expect(listed[1].hasSuffix("\"event in the answer\",\(one),\(path)"), "\(listed[1])")
        #expect(listed[2].hasSuffix("\"event in the answer\",\(two),\(path)"))
        #expect(listed[3].hasSuffix("\"event ID in the answer\",\(told),\(path)"))
        #expect(listed[4].contains("file,\(file),left,") && listed[4].hasSuffix(",image/png,4711"), "\(listed[4])")
        let lines = try #require(try Entente.run(asked + ["--json"]).answer()["requests"] as? [[String: Any]])
        #expect(
            lines.map { $0["events_answered"] as? Int } == [2, 0]
                && lines.map { $0["file_bytes"] as? Int } == [0, 4711])
        #expect(
            lines.map { $0["ids_answered"] as? Int } == [1, 0] && lines.map { $0["events_named"] as? Int } == [2, 0])
        #expect(try Entente.run(asked).text.contains("LEFT TO IT"))
    }

    @Test("the report is CSV with a line for each sum, or one page that fetches nothing")
    func report() throws {
        let log = try Self.log()
        defer { Self.clean(log) }
        let csv = try Entente.run(["audit", "report", "--log", log.path, "--from", "2026-07"])
        #expect(csv.text.contains("2026-07,PL,FR,inbound,send,refuse,endpoint.refused,1,0,0\n"))
        #expect(
            try Entente.run(["audit", "report", "--log", log.path, "--from", "2026-08"]).text.split(separator: "\n")
                .count == 1)
        let page = try Entente.run(["audit", "report", "--log", log.path, "--html", "--date", "today"])
        #expect(page.text.contains("<svg") && page.text.contains("default-src 'none'"))
        #expect(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("<script"))
        #expect(try Entente.run(["audit", "report", "--log", log.path, "--from", "July"]).status == 2)
    }

    @Test("tail reads the log without an index")
    func tail() throws {
        let log = try Self.log(indexed: false)
        let answer = try Entente.run(["audit", "tail", "--log", log.path, "-n", "2"])
        #expect(answer.status == 0)
        let lines = answer.text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines[0]
                == "3  2026-07-03T09:30:00.000001Z  refuse  inbound  c.example.pl (PL) → matrix.example.fr (FR)  send  endpoint.refused  by tiers.x.refuse"
        )
        #expect(try Entente.run(["audit", "tail", "--log", "/nowhere"]).status == 2)
    }

    @Test("without an index, or with a wrong flag, there is no answer: status 2 and what to do")
    func refusals() throws {
        let log = try Self.log(indexed: false)
        for command in [["query"], ["ledger", "--state", "NO"], ["report"]] {
            let answer = try Entente.run(["audit"] + command + ["--log", log.path])
            #expect(answer.status == 2 && answer.errors.contains("entente audit index"), "\(command)")
        }
        for flags in [
            ["--decision", "maybe"], ["--direction", "up"], ["--json", "--csv"], ["--limit", "0"], ["--from", "soon"],
            ["--room", "r:example.org"], ["--event", "e"], ["--user", "u"], ["--media", "mxc://a"],
        ] {
            #expect(try Entente.run(["audit", "query", "--log", log.path] + flags).status == 2, "\(flags)")
        }
    }

    @Test("what is no record is named, and the status says so")
    func faults() throws {
        let log = try SampleLog("{\"seq\":1}\n")
        defer { Self.clean(log) }
        let answer = try Entente.run(["audit", "index", "--log", log.path])
        #expect(answer.status == 2 && answer.errors.contains("this is no record"))
        #expect(try Entente.run(["audit", "index", "--log", "/nowhere"]).status == 2)
    }
}

extension String {
    /// A reference of one digit.
    fileprivate var repeated: String { String(repeating: self, count: 32) }
}
