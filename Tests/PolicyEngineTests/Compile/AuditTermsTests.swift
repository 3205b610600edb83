// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("What a policy wants of the audit log")
struct AuditTermsTests {
    /// The recipient in the manual of `age`, and two of our own.
    static let auditors = [
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "age1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7rusqmwn7f2",
        "age1yy3zxfp9ycnjs2f29vkz6t30xqcnyve5x5mrwwpe8ganc0f78aqqefkvq6",
    ]

    static let whole = """
        audit:
          log: { checkpoint: 1s, witnesses: { need: 1, of: [witness-ssi, witness-de] } }
          seal_to: [\(auditors[0]), \(auditors[1])]
          retention: { allow: 90d, refuse: 365d, admin: 3650d }
          sinks:
            - { syslog_tls: "siem.example.gouv.fr:6514", format: ocsf-1.6 }
            - { file: /var/log/entente.json }
            - { stdout: true, format: ecs, spool: 10MiB }
          on_log_failure: refuse
          on_sink_loss: refuse_except_own

        """

    private func policy(_ audit: String) throws -> Policy { try .of(ContentPolicy.text([]) + audit) }

    @Test("is read whole, with defaults where nothing is said")
    func read() throws {
        let terms = try policy(Self.whole).audit
        #expect(terms.checkpoint == .seconds(1))
        #expect(terms.witnesses?.need == 1 && terms.witnesses?.names == ["witness-de", "witness-ssi"])
        #expect(terms.sealTo.map(\.text) == Array(Self.auditors[0...1]))
        #expect(terms.sealTo[1].key == Array(1...32))
        #expect(
            terms.retention == [
                .allow: .seconds(90 * 86_400), .refuse: .seconds(365 * 86_400), .admin: .seconds(3650 * 86_400),
            ])
        #expect(Set(terms.sinks.map(\.format)) == [.ocsf, .json, .ecs])
        #expect(terms.sinks.contains { $0.target == .syslogTLS(host: "siem.example.gouv.fr", port: 6514) })
        #expect(terms.sinks.contains { $0.target == .standardOutput && $0.spool == 10 << 20 })
        #expect(terms.onLogFailure == .refuse && terms.onSinkLoss == .refuseExceptOwn)
        #expect(try policy("").audit == AuditTerms())
    }

    @Test("changes no verdict, is part of what the policy means, and its order means nothing")
    func meaning() throws {
        let (plain, audited) = (try policy(""), try policy(Self.whole))
        #expect(plain.contentHash != audited.contentHash)
        #expect(try PolicyDiff(from: plain, to: audited).lines.isEmpty)
        let shuffled = Self.whole.replacing("[witness-ssi, witness-de]", with: "[witness-de, witness-ssi]")
            .replacing("\(Self.auditors[0]), \(Self.auditors[1])", with: "\(Self.auditors[1]), \(Self.auditors[0])")
        #expect(try policy(shuffled).contentHash == audited.contentHash)
        for (old, new) in [
            ("checkpoint: 1s", "checkpoint: 2s"), ("need: 1", "need: 2"), ("witness-de", "witness-nl"),
            (Self.auditors[1], Self.auditors[2]), ("allow: 90d", "allow: 91d"), ("6514", "6515"), ("ocsf-1.6", "cef"),
            ("10MiB", "11MiB"), ("entente.json", "entente.log"),
            ("on_log_failure: refuse", "on_log_failure: refuse_except_own"),
            ("refuse_except_own", "continue"),
        ] {
            #expect(try policy(Self.whole.replacing(old, with: new)).contentHash != audited.contentHash, "\(old)")
        }
    }

    @Test("a difference calls less evidence loosened and more tightened")
    func difference() throws {
        func effect(_ old: String, _ new: String) throws -> [Bool] {
            let diff = try PolicyDiff(
                from: policy(Self.whole), to: policy(Self.whole.replacing(old, with: new)))
            #expect(diff.lines.isEmpty)
            return [diff.isLoosened, diff.isTightened]
        }
        for (old, new) in [
            ("allow: 90d", "allow: 89d"), ("refuse: 365d, ", "refuse: 30d, "), ("checkpoint: 1s", "checkpoint: 10s"),
            ("of: [witness-ssi, witness-de]", "of: [witness-ssi]"),
            ("of: [witness-ssi, witness-de]", "of: [witness-ssi, witness-de, witness-nl]"),
            ("    - { file: /var/log/entente.json }\n", ""),
            ("on_log_failure: refuse", "on_log_failure: refuse_except_own"),
            ("on_sink_loss: refuse_except_own", "on_sink_loss: continue"),
            (", \(Self.auditors[1])", ""), (Self.auditors[1], "\(Self.auditors[1]), \(Self.auditors[2])"),
        ] where new != "of: [witness-ssi]" {
            #expect(try effect(old, new) == [true, false], "\(old) → \(new)")
        }
        for (old, new) in [
            ("allow: 90d", "allow: 91d"), ("allow: 90d, ", ""), ("checkpoint: 1s", "checkpoint: 500ms"),
            ("need: 1", "need: 2"), ("need: 1, of: [", "need: 2, of: [witness-nl, "),
            ("on_sink_loss: refuse_except_own", "on_sink_loss: refuse"),
            ("of: [witness-ssi, witness-de]", "of: [witness-ssi]"),
        ] {
            #expect(try effect(old, new) == [false, true], "\(old) → \(new)")
        }
        #expect(try effect("spool: 10MiB }\n", "spool: 10MiB }\n    - { file: /b }\n") == [false, false])
        let without = try PolicyDiff(from: policy(Self.whole), to: policy(""))
        #expect(without.isLoosened)
    }

    @Test("what the gateway does not do yet is named; what it does is not")
    func unenforced() throws {
        let named = try policy(Self.whole).unenforced.map { String($0.what.split(separator: "`")[0]) }
        #expect(
            named == [
                "audit.sinks", "audit.on_sink_loss",
            ])
        let log = "audit: { log: { checkpoint: 1s, witnesses: { need: 1, of: [w] } } }\n"
        #expect(try policy(log).unenforced.isEmpty)
        #expect(try policy(log.replacing("1s", with: "900ms")).unenforced.count == 1)
        #expect(try policy("audit: { on_log_failure: refuse }\n").unenforced.isEmpty)
        #expect(try policy("audit: { on_log_failure: refuse_except_own }\n").unenforced.count == 1)
    }

    @Test("AC-15 `self.replay` is read, compared and named as not enforced with its reason")
    func replay() throws {
        func policy(_ word: String?) throws -> Policy {
            try .of(
                ContentPolicy.text([]).replacing(
                    "servers: [own.example.fr] }",
                    with: "servers: [own.example.fr]\(word.map { ", replay: \($0)" } ?? "") }"))
        }
        let (refuse, alert, none) = (try policy("refuse"), try policy("alert"), try policy(nil))
        #expect(refuse.replay == .refuse && none.replay == .allow)
        #expect(Set([refuse, alert, none].map(\.contentHash)).count == 3)
        #expect(try policy("allow").contentHash == none.contentHash)
        #expect(try PolicyDiff(from: refuse, to: alert).isLoosened && PolicyDiff(from: none, to: refuse).isTightened)
        #expect(refuse.unenforced.map(\.what) == ["`self.replay` is not enforced yet"] && none.unenforced.isEmpty)
    }

    @Test("a key of an auditor with one wrong sign, another kind, or that anybody opens is refused")
    func recipients() throws {
        _ = try policy("audit: { seal_to: [\(Self.auditors[0])] }\n")
        for wrong in [
            Self.auditors[0].replacing("age1ql", with: "age1qk"), Self.auditors[0].uppercased(),
            String(Self.auditors[0].dropLast()), Self.auditors[0] + "q", "age1auditor1",
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
            "agf1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7rusqnn238p",
        ] {
            #expect(throws: PolicyErrors.self, "\(wrong)") { try policy("audit: { seal_to: [\(wrong)] }\n") }
        }
        let dice = Array(Self.auditors[1])
        for index in dice.indices.dropFirst(4) {
            var changed = dice
            changed[index] = dice[index] == "q" ? "p" : "q"
            #expect(throws: PolicyErrors.self) { try policy("audit: { seal_to: [\(String(changed))] }\n") }
        }
    }
}
