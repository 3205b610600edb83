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

    @Test("takes no flags that describe one request, and a page only for the matrix")
    func usage() throws {
        #expect(try matrix("--class", "send").status == 2 && matrix("--html", "--json").status == 2)
        #expect(try Entente.run(["explain", "--html", "--from", "de.example", "--class", "send"]).status == 2)
    }
}
