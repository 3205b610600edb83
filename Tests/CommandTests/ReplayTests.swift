// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente replay and explain --record", .enabled(if: Entente.isBuilt), .serialized)
struct ReplayCommandTests {
    private static let policy = """
        entente: 1
        policy: { id: candidate, serial: 4 }
        self: { state: FR, servers: [matrix.example.fr] }
        tiers:
          own: { may: [send] }
          other: { may: [send, join], edu: [receipts] }
        assign: { "NO": other }
        servers: [{ name: no.example, state: "NO" }]

        """

    private static let lines =
        SampleLog.line(1, from: "no.example", "send", more: #""edus":{"m.presence":3,"m.receipt":1},"#)
        + SampleLog.line(2, from: "no.example", "invite") + SampleLog.line(3, from: "no.example", "invite")
        + SampleLog.line(4, "refuse", "endpoint.refused", from: "no.example", "join", rule: "tiers.other.refuse")
        + SampleLog.line(5, "refuse", "auth.sig_invalid", from: "no.example", "join")

    private func run(_ command: String, _ lines: String, _ options: String...) throws -> Entente.Ended {
        let log = try SampleLog(lines)
        let file = try log.directory.file("candidate.yaml", Self.policy)
        let ended = try Entente.run([command, "--policy", file, "--log", log.path] + options)
        let text = ended.text.replacing(log.path + "/", with: "").replacing(log.path, with: "LOG")
        return Entente.Ended(
            status: ended.status, output: Array(text.utf8), errors: ended.errors.replacing(log.path, with: "LOG"))
    }

    @Test("prints what would change, newly allowed first, with rules, places and records")
    func text() throws {
        let ended = try run("replay", Self.lines)
        let hash = try #require(ended.text.split(separator: "\n").first?.split(separator: " ").last)
        #expect(ended.status == 3, "\(ended.errors)")
        #expect(
            ended.text.replacing(hash, with: "HASH") == """
                policy candidate, serial 4, mode enforce, sha256 HASH
                5 decisions among 5 records of LOG, 2026-07-01T09:30:00Z to 2026-07-05T09:30:00Z
                5 decided by serial 3, mode enforce, sha256 00

                NEWLY ALLOWED  NO  other  inbound  join  1 request   tiers.other.refuse, endpoint.refused → tiers.other.may (candidate.yaml:6:24)
                  record 4, 2026-07-04T09:30:00.000001Z, no.example

                NEWLY REFUSED  NO  other  inbound  EDU presence  3 EDUs in 1 request   no rule → tiers.other.edu (candidate.yaml:6:31), edu.refused
                  record 1, 2026-07-01T09:30:00.000001Z, no.example
                NEWLY REFUSED  NO  other  inbound  invite  2 requests   tiers.other.may → tiers.other.may (candidate.yaml:6:12), endpoint.refused
                  record 2, 2026-07-02T09:30:00.000001Z, no.example
                  record 3, 2026-07-03T09:30:00.000001Z, no.example

                refused for what no policy changes, and so still: auth.sig_invalid 1
                something is loosened, something tightened: 1 newly allowed, 3 newly refused of 4 asked

                """)
    }

    @Test("ends with 0 if nothing changes, 1 if only tightened, 2 where an entry is no record")
    func status() throws {
        #expect(try run("replay", "").status == 0)
        #expect(try run("replay", Self.lines, "--from", "2026-07-02", "--to", "2026-07-03").status == 1)
        let broken = try run("replay", Self.lines + "garbage\u{1B}[2J\n" + Self.lines)
        #expect(broken.status == 2 && broken.errors.contains("LOG/tile/entries/000.p/"))
        #expect(!broken.errors.contains("\u{1B}") && broken.text.contains("NEWLY ALLOWED"))
        #expect(try run("replay", Self.lines, "--from", "yesterday").status == 2)
        #expect(try Entente.run(["replay", "--policy", "/nowhere", "--log", "/nowhere"]).status == 2)
    }

    @Test("has the same as JSON and as a page, and shows nothing of a log unescaped")
    func forms() throws {
        let answer = try run("replay", Self.lines, "--json").answer()
        #expect(answer["newly_allowed"] as? Int == 1 && answer["newly_refused"] as? Int == 3)
        let changes = try #require(answer["changes"] as? [[String: Any]])
        #expect(changes.first?["rule_at"] as? String == "candidate.yaml:6:24" && changes.count == 3)
        #expect(answer["kept"] as? [String: Int] == ["auth.sig_invalid": 1])
        let hostile = SampleLog.line(
            1, from: "no.example", state: #"<b>\u001b[2J"#, tier: #"\u202etier"#, "invite", rule: "<script>")
        let text = try run("replay", hostile)
        #expect(!text.text.contains("\u{1B}") && !text.text.contains("\u{202E}") && text.status == 1)
        let page = try run("replay", hostile, "--html", "--date", "2026-<b>")
        #expect(page.text.hasPrefix("<!DOCTYPE html>") && page.text.contains("Newly refused"))
        #expect(!page.text.contains("<script") && !page.text.contains("<b>") && !page.text.contains("\u{1B}"))
    }

    @Test("a record is asked again by its number, beside what was decided")
    func record() throws {
        let refused = try run("explain", Self.lines, "--record", "2")
        #expect(refused.status == 1, "\(refused.errors)")
        #expect(refused.text.contains("recorded: allow (policy.allowed) by tiers.other.may"))
        #expect(refused.text.contains("decided by another policy: serial 3, sha256 00"))
        #expect(refused.text.contains("otherwise than recorded: refused (endpoint.refused)"))
        let allowed = try run("explain", Self.lines, "--record", "4", "--json")
        let answer = try allowed.answer()
        #expect(allowed.status == 0 && answer["allowed"] as? Bool == true && answer["same_policy"] as? Bool == false)
        let items = try run("explain", Self.lines, "--record", "1")
        #expect(items.status == 1 && items.text.contains("EDU `presence`") && items.text.contains("EDU `receipts`"))
        #expect(try run("explain", Self.lines, "--record", "9").status == 2)
        #expect(try run("explain", Self.lines, "--record", "2", "--class", "join").status == 2)
    }

    @Test("a record is read from standard input; what is none ends with 2")
    func standardInput() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("candidate.yaml", Self.policy)
        let line = SampleLog.line(2, from: "no.example", "invite")
        let record = Array(line.dropLast().utf8)
        let ended = try Entente.run(["explain", "--policy", file, "--record", "-"], input: record)
        #expect(ended.status == 1 && ended.text.contains("record 2, 2026-07-02"), "\(ended.errors)")
        for none in ["", "{}", "[", #"{"kind":"log.stop","seq":1,"time":"2026-07-01T09:30:00.000001Z"}"#] {
            #expect(
                try Entente.run(["explain", "--policy", file, "--record", "-"], input: Array(none.utf8)).status == 2)
        }
    }
}
