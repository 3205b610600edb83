// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente diff", .enabled(if: Entente.isBuilt), .serialized)
struct DiffTests {
    private func diff(_ new: String, _ options: String...) throws -> Entente.Ended {
        let directory = try TemporaryDirectory()
        let files = [try directory.file("old.yaml", ExplainTests.policy), try directory.file("new.yaml", new)]
        return try Entente.run(["diff"] + files + options)
    }

    private func changed(_ old: String, _ new: String) -> String {
        #expect(ExplainTests.policy.contains(old))
        return ExplainTests.policy.replacing(old, with: new)
    }

    @Test("ends with 0 without a difference, 1 if only tightened, 3 if something is loosened, 2 without an answer")
    func status() throws {
        let same = try diff(ExplainTests.policy + "# a comment\n")
        #expect(same.status == 0 && same.text.hasPrefix("no request is decided otherwise"))
        let tighter = try diff(changed("other: { may: [discovery, keys, profile] }", "other: { may: [keys] }"))
        #expect(
            tighter.status == 1 && tighter.text.contains("NEWLY REFUSED  NO (1 server)  inbound  discovery, profile"))
        let looser = try diff(changed("other: { may: [discovery", "other: { may: [media, discovery"))
        #expect(
            looser.status == 3
                && looser.text.contains("NEWLY ALLOWED  NO (1 server)  inbound  media   tiers.other.may ("))
        #expect(try diff("entente: 1\n").status == 2)
        #expect(try diff(ExplainTests.policy, "--json", "--html").status == 2)
    }

    @Test("the example of a line, run, gets the answer that the line says")
    func example() throws {
        let directory = try TemporaryDirectory()
        let old = try directory.file("old.yaml", ExplainTests.policy)
        let new = try directory.file("new.yaml", changed("other: { may: [discovery", "other: { may: [media, discovery"))
        let text = try Entente.run(["diff", old, new]).text
        let line = try #require(text.split(separator: "\n").first { $0.contains("e.g. entente ") })
        let words = line.split(separator: " ").map(String.init).drop { $0 != "explain" }
        #expect(try Entente.run(Array(words)).status == 0)
        #expect(try Entente.run(words.map { $0.replacing(new, with: old) }).status == 1)
    }

    @Test("says for which date its answer holds, and looks at dates as of that day")
    func date() throws {
        let server = "{ name: no.example, state: NO"
        #expect(ExplainTests.policy.contains(server))
        func due(_ day: String) -> String {
            ExplainTests.policy.replacing(server, with: server + ", on_overdue: refuse, review_by: \(day)")
        }
        let directory = try TemporaryDirectory()
        let files = [
            try directory.file("old.yaml", due("2027-01-10")), try directory.file("new.yaml", due("2027-02-10")),
        ]
        let timeless = try Entente.run(["diff"] + files)
        #expect(timeless.status == 3 && timeless.text.contains("cells compared, no date is looked at)"))
        #expect(timeless.text.contains("review_by 2027-01-10 → 2027-02-10: it is due later"))
        #expect(!timeless.text.contains("NEWLY ALLOWED"))
        let dated = try Entente.run(["diff"] + files + ["--at", "2027-01-20"])
        #expect(dated.status == 3 && dated.text.contains("NEWLY ALLOWED"))
        #expect(dated.text.contains("dates as of 2027-01-20T00:00:00Z)") && dated.text.contains("--at 2027-01-20T"))
        #expect(try Entente.run(["diff"] + files + ["--at", "soon"]).status == 2)
        let matrix = ["explain", "--matrix", "--policy", files[0]]
        #expect(try Entente.run(matrix).text.contains("\nno date is looked at\n"))
        let then = try Entente.run(matrix + ["--at", "2027-01-20"]).text
        #expect(then.contains("\ndates as of 2027-01-20T00:00:00Z\n"))
        #expect(try Entente.run(matrix + ["--at", "2027-01-10"]).text != then)
    }

    @Test("has the same as JSON, and has no colours where nobody looks")
    func json() throws {
        let new = changed("other: { may: [discovery", "other: { may: [media, discovery")
        let answer = try diff(new, "--json").answer()
        #expect(answer["loosened"] as? Bool == true && answer["tightened"] as? Bool == false)
        let lines = try #require(answer["lines"] as? [[String: Any]])
        #expect(
            lines.first?["items"] as? [String] == ["media"] && lines.first?["rule_id"] as? String == "tiers.other.may")
        #expect(try !diff(new).text.contains("\u{1B}"))
    }

    @Test("a page holds no script and nothing unescaped, whatever a file name is")
    func page() throws {
        let directory = try TemporaryDirectory()
        let old = try directory.file("old.yaml", ExplainTests.policy)
        let new = try directory.file(
            "<script>alert(1)<\u{202E}.yaml", changed("other: { may: [discovery", "other: { may: [media, discovery"))
        let page = try Entente.run(["diff", old, new, "--html", "--date", "2026-<b>"])
        #expect(page.status == 3 && page.text.hasPrefix("<!DOCTYPE html>"))
        #expect(!page.text.contains("<script") && !page.text.contains("<b>") && !page.text.contains("\u{202E}"))
        #expect(page.text.contains("Newly allowed") && page.text.contains("2026-&lt;b&gt;"))
    }
}
