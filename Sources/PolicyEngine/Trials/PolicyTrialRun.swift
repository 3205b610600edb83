// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What came of asking a policy all trials of a file.
package struct PolicyTrialRun: Sendable {
    package struct Outcome: Sendable {
        package let trial: PolicyTrial
        package let verdict: Verdict
        package let passed: Bool
    }

    package let outcomes: [Outcome]
    /// Ids of rules that decide something and decided no trial; sorted.
    package let rulesNeverAsked: [String]
    /// How many rules decide something.
    package let ruleCount: Int

    package init(_ file: PolicyTrialFile, of policy: Policy) {
        outcomes = file.trials.map { trial in
            let verdict =
                switch trial.given {
                case .refused(let reason): Verdict.refused(reason, by: nil)
                case .question(let question):
                    Self.answer(question, policy)
                }
            let expected = trial.expected
            let passed =
                verdict.isAllowed == expected.isAllowed && expected.reason.map { $0 == verdict.reason } != false
                && expected.rule.map { $0 == verdict.rule?.id } != false
            return Outcome(trial: trial, verdict: verdict, passed: passed)
        }
        let rules = policy.decidingRules
        ruleCount = rules.count
        rulesNeverAsked = rules.subtracting(outcomes.compactMap { $0.verdict.rule?.id }).sorted()
    }
}

extension PolicyTrialRun {
    private static func answer(_ question: PolicyTrialQuestion, _ policy: Policy) -> Verdict {
        let lockdowns = question.lockdowns.compactMap { try? policy.lockdown($0.value) }
        return question.question(to: policy).map(policy.under(lockdowns: lockdowns).answer)
            ?? .refused(.originUnknown, by: nil)
    }

    /// Lockdowns that trials put in force and the policy has not prepared so.
    package static func faults(_ file: PolicyTrialFile, of policy: Policy, fileName: String) -> [Diagnostic] {
        file.trials.flatMap { trial -> [Diagnostic] in
            guard case .question(let question) = trial.given else { return [] }
            return question.lockdowns.compactMap { lockdown in
                do throws(LockdownCheck.Refusal) {
                    _ = try policy.lockdown(lockdown.value)
                    return nil
                } catch {
                    return Diagnostic(
                        file: fileName, line: lockdown.place.line, column: lockdown.place.column, what: error.what,
                        meanwhile: "no test of this file is run", todo: error.todo)
                }
            }
        }
    }
}

extension Policy {
    /// The ids of all rules that decide some request.
    var decidingRules: Set<String> {
        let atoms = PolicyAtoms([self])
        var rules: Set<String> = []
        for (index, server) in atoms.servers.enumerated() {
            for own in atoms.own {
                for direction in Direction.allCases {
                    for concern in atoms.concerns(of: index) {
                        let verdict = answer(atoms.question(server, own: own.first, direction, concern))
                        if let rule = verdict.rule { rules.insert(rule.id) }
                    }
                }
            }
        }
        return rules
    }
}
