// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Files of policy tests")
struct PolicyTrialTests {
    private func run(_ tests: String) throws -> PolicyTrialRun {
        let text = "entente-test: 1\npolicy: p.yaml\ntests:\n" + tests
        let file = try PolicyTrialFile.read(Array(text.utf8), fileName: "t.yaml")
        #expect(file.policy == "p.yaml")
        return PolicyTrialRun(file, of: try .of(VerdictTests.text))
    }

    @Test(
        "a test passes exactly if the answer is the one expected",
        arguments: [
            ("{ from: a.example.de, class: join }", "allow", true),
            ("{ from: a.example.de, class: join }", "refuse", false),
            (
                "{ from: c.example.no, class: join }",
                "{ decision: refuse, reason: endpoint.refused, rule: tiers.partner.inbound.refuse }", true
            ),
            ("{ from: c.example.no, class: join }", "{ decision: refuse, reason: origin.unknown }", false),
            ("{ from: c.example.no, class: join }", "{ decision: refuse, rule: tiers.eu.inbound.may }", false),
            ("{ direction: outbound, to: b.example.it, class: send }", "allow", true),
            ("{ direction: outbound, from: matrix.example.gouv.fr, to: b.example.it, class: join }", "refuse", true),
            (
                "{ from: a.example.de, to: a.example.de, class: join }",
                "{ decision: refuse, reason: auth.destination_mismatch }", true
            ),
            ("{ from: a.example.de, edu: receipts }", "allow", true),
            ("{ from: a.example.de, edu: m.presence }", "refuse", true),
            ("{ from: a.example.de, edu: org.example.odd }", "{ decision: refuse, reason: edu.unknown }", true),
            (
                "{ from: a.example.de, event: { author: \"@u:d.example.ch\" } }",
                "{ decision: refuse, reason: pdu.author_denied }", true
            ),
            ("{ from: a.example.de, event: { type: m.room.message } }", "allow", true),
            ("{ state: IS, class: join }", "refuse", true), ("{ state: IS, class: send }", "allow", true),
            ("{ state: AQ, class: send }", "{ decision: refuse, reason: origin.unknown }", false),
            ("{ from: A.example.de, class: send }", "{ decision: refuse, reason: origin.lookalike_of }", true),
            ("{ from: a.example.de, endpoint: \"PUT /_matrix/federation/v1/send/1\" }", "allow", true),
            (
                "{ from: a.example.de, endpoint: \"GET /_matrix/federation/v1/../x\" }",
                "{ decision: refuse, reason: path.noncanonical }", true
            ),
            ("{ from: a.example.de, class: send, at: \"2026-12-01T12:00:00Z\" }", "allow", true),
        ])
    func outcome(given: String, expect: String, passes: Bool) throws {
        let run = try run("  - { name: one, given: \(given), expect: \(expect), because: law }\n")
        #expect(run.outcomes.map(\.passed) == [passes])
    }

    @Test("rules that decide something and were asked nothing are named")
    func coverage() throws {
        let run = try run("  - { name: one, given: { from: a.example.de, class: join }, expect: allow }\n")
        #expect(!run.rulesNeverAsked.contains("tiers.eu.inbound.may"))
        #expect(run.rulesNeverAsked.contains("tiers.partner.inbound.refuse"))
        #expect(run.rulesNeverAsked.contains("assign.unknown") && run.ruleCount == run.rulesNeverAsked.count + 1)
    }

    @Test(
        "a broken file is refused with the messages that are expected",
        arguments: Fixtures.names(in: "broken-tests", suffix: ".yaml"))
    func broken(file: String) throws {
        let bytes = try Fixtures.bytes("broken-tests/\(file)")
        let errors = #expect(throws: PolicyErrors.self) { try PolicyTrialFile.read(bytes, fileName: file) }
        let lines = try #require(errors).diagnostics.map(\.description)
        #expect(!lines.isEmpty && lines.allSatisfy { !$0.contains("\n") && $0.hasPrefix(file + ":") })
        try Fixtures.expectGolden(
            lines.joined(separator: "\n") + "\n", "broken-tests/" + file.dropLast(5) + ".expected")
    }

    @Test("there are at least fifteen of them")
    func count() { #expect(Fixtures.names(in: "broken-tests", suffix: ".yaml").count >= 15) }

    @Test(
        "what is told of an event or of users decides as the gateway does",
        arguments: [
            ("class: send, event: { type: m.room.message, msgtype: m.image }", "refuse"),
            ("class: send, event: { type: m.room.message, msgtype: m.text }", "allow"),
            ("event: { type: org.x, state: true }", "refuse"), ("event: { type: org.x, state: false }", "allow"),
            ("event: { type: m.room.encrypted, algorithm: odd }", "refuse"),
            ("event: { type: m.room.encrypted }", "allow"),
            ("event: { sender: \"@irc_a:b.example\" }", "refuse"),
            ("event: { author: \"@irc_a:b.example\" }", "refuse"),
            ("class: profile, event: { sender: \"@irc_a:b.example\" }", "refuse"),
            ("class: invite, event: { sender: \"@a:b.example\", target: \"@desk:a.example\" }", "allow"),
            ("class: invite, event: { sender: \"@a:b.example\", target: \"@boss:a.example\" }", "refuse"),
        ])
    func details(given: String, expected: String) throws {
        let policy = try Policy.of(
            """
            entente: 1
            policy: { id: p, serial: 1 }
            self: { state: FR, servers: [a.example] }
            tiers:
              own: { may: [send] }
              eu:
                may: [send, profile, invite]
                events: { refuse_types: [files], state_types: [m.room.member] }
                encryption: { algorithms: [megolm] }
                users: { refuse_localparts: ["irc_*"], invite_to: ["@desk:a.example"] }
            assign: { DE: eu }
            servers: [{ name: b.example, state: DE }]
            """)
        let file = try PolicyTrialFile.read(
            Array(
                """
                entente-test: 1
                policy: p.yaml
                tests: [{ name: a, given: { from: b.example, \(given) }, expect: \(expected) }]
                """.utf8), fileName: "t.yaml")
        let outcome = try #require(PolicyTrialRun(file, of: policy).outcomes.first)
        #expect(outcome.passed, "\(outcome.verdict.summary)")
    }
}
