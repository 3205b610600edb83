// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// What came of one file of trials, for people and for JSON.
struct TrialReport {
    let file: String
    let run: PolicyTrialRun

    var failed: [PolicyTrialRun.Outcome] { run.outcomes.filter { !$0.passed } }

    /// One line for each failure: where, expected, got, rule.
    var failures: [String] { failed.map { "\(place($0)): \(quoted($0.trial.name)): \(Self.says($0))" } }

    func place(_ outcome: PolicyTrialRun.Outcome) -> String {
        "\(file):\(outcome.trial.place.line):\(outcome.trial.place.column)"
    }

    static func says(_ outcome: PolicyTrialRun.Outcome) -> String {
        let because = outcome.trial.because.map { "; expected because: \($0)" } ?? ""
        return "expected \(outcome.trial.expected.text), got \(outcome.verdict.summary)\(because)"
    }

    /// Which rules decide something and were asked nothing.
    var coverage: String {
        let asked = run.ruleCount - run.rulesNeverAsked.count
        let rest = run.rulesNeverAsked.isEmpty ? "" : "; never asked: \(run.rulesNeverAsked.joined(separator: ", "))"
        return "\(file): \(asked) of \(run.ruleCount) rules asked\(rest)"
    }

    var json: JSONValue {
        .object([
            ("file", .text(file)),
            (
                "tests",
                .list(
                    run.outcomes.map { outcome in
                        .object([
                            ("name", .text(outcome.trial.name)), ("at", .text(place(outcome))),
                            ("passed", .truth(outcome.passed)), ("expected", .text(outcome.trial.expected.text)),
                            ("allowed", .truth(outcome.verdict.isAllowed)),
                            ("reason_code", .text(outcome.verdict.reason.rawValue)),
                            ("rule_id", .optional(outcome.verdict.rule?.id)),
                            ("rule_at", .optional(outcome.verdict.rule?.location)),
                        ])
                    })
            ),
            ("rules", .number(run.ruleCount)), ("rules_never_asked", .list(run.rulesNeverAsked.map { .text($0) })),
        ])
    }
}
