// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente explain --matrix", .enabled(if: Entente.isBuilt), .serialized)
struct MatrixTests {
    private func matrix(_ options: String...) throws -> Entente.Ended {
        let directory = try TemporaryDirectory()
        let file = try directory.file("asked.yaml", ExplainTests.policy)
        return try Entente.run(["explain", "--matrix", "--policy", file] + options)
    }

    @Test("draws states and classes as plain text where nobody looks")
    func text() throws {
        let ended = try matrix()
        #expect(ended.status == 0 && !ended.text.contains("\u{1B}"))
        #expect(ended.text.contains("FR  DE  NO  ??"))
        #expect(ended.text.contains("send              ●●  ●●  ··  ··"))
        #expect(ended.text.contains("refused to everybody: "))
    }

    @Test("answers in JSON, cell by cell")
    func json() throws {
        let rows = try #require(try matrix("--json", "--date", "2026-11-21").answer()["rows"] as? [[String: Any]])
        let germany = try #require(rows.first { $0["state"] as? String == "DE" })
        let inbound = try #require(germany["inbound"] as? [String: [String: String]])
        #expect(inbound["class"]?["send"] == "allow" && inbound["class"]?["media"] == "refuse")
        #expect(inbound["edu"]?["typing"] == "allow")
    }

    @Test("makes the same page twice, with policy, serial, hash and the date that is given, and without a script")
    func page() throws {
        let ended = try matrix("--html", "--date", "<2026-11-21>")
        #expect(ended.text.contains("<dd>asked</dd>") && ended.text.contains("&lt;2026-11-21&gt;"))
        #expect(!ended.text.contains("<script") && ended.text.contains("size: A4 portrait"))
        #expect(try matrix("--html", "--date", "<2026-11-21>").output == ended.output)
    }

    @Test("says what a lockdown would mean, in every form, and that it is only supposed")
    func lockdown() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("asked.yaml", ExplainTests.policy + LockdownNode.lockdowns)
        func ask(_ options: String...) throws -> Entente.Ended {
            try Entente.run(["explain", "--policy", file, "--lockdown", "sever_state:DE"] + options)
        }
        let text = try ask("--matrix")
        #expect(text.text.contains("AS IF LOCKDOWN sever_state DE WERE IN FORCE"))
        #expect(text.text.contains("FR  NO  DE  ??") && text.text.contains("profile           ●●  ●●  ··  ··"))
        #expect(try ask("--matrix", "--html", "--date", "x").text.contains("<dd>sever_state DE</dd>"))
        #expect(try ask("--matrix", "--json").answer()["lockdowns"] as? [String] == ["sever_state DE"])
        let one = try ask("--from", "de.example", "--class", "send")
        #expect(one.status == 1 && one.text.contains("as if lockdown `sever_state DE` were in force"))
        #expect(one.text.contains("refused (policy.lockdown) by lockdown.sever_state"))
        #expect(try ask("--from", "no.example", "--class", "keys").status == 0)
        let wrong = try ask("--from", "no.example", "--class", "keys", "--lockdown", "sever_stat:DE")
        #expect(wrong.status == 2 && wrong.errors.contains("did you mean `sever_state`?"), "\(wrong.errors)")
        let check = try Entente.run(["check", "--policy", file])
        #expect(
            check.text.contains("lockdown sever_state STATE: refuses everything to the state it is told; on needs 1"))
    }

    @Test("takes no flags that describe one request, and a page only for the matrix")
    func usage() throws {
        #expect(try matrix("--class", "send").status == 2 && matrix("--html", "--json").status == 2)
        #expect(try Entente.run(["explain", "--html", "--from", "de.example", "--class", "send"]).status == 2)
    }
}
