// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente test", .enabled(if: Entente.isBuilt), .serialized)
struct PolicyTestTests {
    private static let good = "  - { name: friends write, given: { from: de.example, class: send }, expect: allow }\n"
    private static let bad = """
          - name: others <write> & "stay"
            given: { from: no.example, class: send }
            expect: { decision: allow, rule: tiers.other.may }
            because: art. 3

        """

    private func run(_ tests: String, _ options: (TemporaryDirectory) -> [String] = { _ in [] }) throws
        -> (Entente.Ended, TemporaryDirectory)
    {
        let directory = try TemporaryDirectory()
        _ = try directory.file("asked.yaml", ExplainTests.policy)
        let file = try directory.file("tests.yaml", "entente-test: 1\npolicy: asked.yaml\ntests:\n" + tests)
        return (try Entente.run(["test", file] + options(directory)), directory)
    }

    @Test("ends with 0 if all pass, and says which rules were asked")
    func passes() throws {
        let (ended, _) = try run(Self.good)
        #expect(ended.status == 0 && ended.text.hasSuffix("1 test, 0 failed\n"))
        #expect(ended.text.contains("1 of 6 rules asked; never asked: assign.unknown"))
    }

    @Test(
        "asks under lockdowns that a test puts in force; one that the policy has not prepared is an error with its place"
    )
    func lockdown() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.file("asked.yaml", ExplainTests.policy + LockdownNode.lockdowns)
        func run(_ lockdown: String) throws -> Entente.Ended {
            let file = try directory.file(
                "tests.yaml",
                "entente-test: 1\npolicy: asked.yaml\ntests:\n  - name: x\n"
                    + "    given: { from: de.example, class: send, lockdown: [\(lockdown)] }\n"
                    + "    expect: { decision: refuse, reason: policy.lockdown, rule: lockdown.sever_state }\n")
            return try Entente.run(["test", file])
        }
        #expect(try run("\"sever_state:DE\"").status == 0)
        #expect(try run("\"sever_state:NO\", quiet").status == 1)
        let wrong = try run("sever_state, \"quiet:DE\", gone")
        #expect(wrong.status == 2)
        let lines = wrong.errors.split(separator: "\n")
        #expect(
            lines.count == 3 && lines[0].contains("tests.yaml:5:56: `sever_state` has to be told a state"), "\(lines)")
    }

    @Test("ends with 1 and one line for each failure: where, expected, got, by which rule, why")
    func fails() throws {
        let (ended, _) = try run(Self.good + Self.bad)
        #expect(ended.status == 1 && ended.text.contains("2 tests, 1 failed"))
        let line = try #require(ended.text.split(separator: "\n").first)
        #expect(
            line.contains("tests.yaml:5:5: `others <write> & \"stay\"`: expected allow by tiers.other.may, got refused")
        )
        #expect(line.contains("asked.yaml:8:") && line.hasSuffix("expected because: art. 3"))
    }

    @Test("ends with 2 for a broken file, a broken policy and a missing one; the other files are run")
    func cannotRun() throws {
        #expect(try run("  - { nmae: x }\n").0.status == 2)
        let (ended, directory) = try run(Self.good) { _ in ["/nowhere.yaml"] }
        #expect(ended.status == 2 && ended.text.contains("1 test, 0 failed") && ended.errors.contains("/nowhere.yaml"))
        _ = try directory.file("asked.yaml", "entente: 1\n")
        let again = try Entente.run(["test", directory.url.appending(path: "tests.yaml").path])
        #expect(again.status == 2 && again.errors.contains("asked.yaml:1:1"))
    }

    @Test("writes JUnit XML that a reader takes, whatever a test is called")
    func junit() throws {
        let (ended, directory) = try run(Self.good + Self.bad) { ["--junit", $0.url.appending(path: "out.xml").path] }
        #expect(ended.status == 1)
        let data = try Data(contentsOf: directory.url.appending(path: "out.xml"))
        let text = String(decoding: data, as: UTF8.self)
        #expect(
            text.contains("tests=\"2\" failures=\"1\"") && text.contains("others &lt;write&gt; &amp; &quot;stay&quot;"))
        #expect(text.contains("<failure message=\"expected allow by tiers.other.may, got refused"))
    }

    @Test("answers with one line of JSON")
    func json() throws {
        let answer = try run(Self.good + Self.bad) { _ in ["--json"] }.0.answer()
        #expect(answer["ok"] as? Bool == false && answer["tests"] as? Int == 2 && answer["failed"] as? Int == 1)
    }

    private static var shippedTests: [String] {
        let folder = Shared.projectRoot.appending(path: "Policies/tests").path
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test("the tests of the shipped policies pass, and ask every rule", arguments: shippedTests)
    func shipped(file: String) throws {
        let ended = try Entente.run(["test", Shared.projectRoot.appending(path: "Policies/tests/\(file)").path])
        #expect(ended.status == 0 && !ended.text.contains("never asked"), "\(ended.text)")
    }
}
