// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine

/// A recorded decision beside what a policy says of it.
struct RecordExplanation {
    let recorded: RecordedDecision
    let policy: Policy
    let questions: [PolicyQuestion]
    let explanations: [PolicyExplanation]

    init(_ recorded: RecordedDecision, _ policy: Policy, _ references: ReferenceKey?) {
        self.recorded = recorded
        self.policy = policy
        questions = recorded.questions(to: policy, references)
        explanations = questions.map(policy.explain)
    }

    /// The first refusal, else the last permission.
    var verdict: Verdict? { explanations.map(\.verdict).first { !$0.isAllowed } ?? explanations.last?.verdict }

    var isAllowed: Bool { verdict?.isAllowed ?? false }

    private var isSamePolicy: Bool { recorded.sha256 == policy.sha256.hex }

    private var recordedText: String {
        let rule = recorded.ruleID.map { " by \(visible($0))" } ?? ""
        return "recorded: \(visible(recorded.decision)) (\(visible(recorded.reason)))\(rule)"
            + (recorded.explain.map { ", \(visible($0))" } ?? "")
    }

    private var difference: String? {
        guard !isSamePolicy else { return nil }
        let serial = recorded.serial.map { "serial \($0)" } ?? "no serial"
        return "decided by another policy: \(serial), sha256 \(recorded.sha256.map(visible) ?? "not told")"
    }

    private var conclusion: String {
        guard let verdict else { return "no policy is asked of such a request: what was decided stays" }
        let wasAllowed = recorded.decision == "allow"
        if wasAllowed == verdict.isAllowed { return "as recorded: \(verdict.summary)" }
        return verdict.isAllowed
            ? "otherwise than recorded: \(verdict.summary); its signature and contents are for the gateway to judge"
            : "otherwise than recorded: \(verdict.summary)"
    }

    var lines: [String] {
        var lines = ["record \(recorded.sequence), \(visible(recorded.time))", recordedText]
        if let difference { lines.append(difference) }
        for (question, explanation) in zip(questions, explanations) {
            lines += ["", "question: \(question.text)"] + explanation.lines.dropFirst(2)
        }
        if !questions.isEmpty { lines.append("") }
        return lines + recorded.remarks + [conclusion]
    }

    var json: JSONValue {
        .object([
            ("record", .number(Int(recorded.sequence))), ("time", .text(recorded.time)),
            (
                "recorded",
                .object([
                    ("decision", .text(recorded.decision)), ("reason_code", .text(recorded.reason)),
                    ("rule_id", .optional(recorded.ruleID)),
                    ("serial", recorded.serial.map { .number(Int($0)) } ?? .nothing),
                    ("sha256", .optional(recorded.sha256)),
                ])
            ),
            ("same_policy", .truth(isSamePolicy)), ("allowed", verdict.map { .truth($0.isAllowed) } ?? .nothing),
            ("reason_code", .optional(verdict?.reason.rawValue)), ("rule_id", .optional(verdict?.rule?.id)),
            ("rule_at", .optional(verdict?.rule?.location)),
            (
                "questions",
                .list(
                    zip(questions, explanations).map { question, explanation in
                        .object([
                            ("question", .text(question.text)), ("allowed", .truth(explanation.verdict.isAllowed)),
                            ("reason_code", .text(explanation.verdict.reason.rawValue)),
                            ("rule_id", .optional(explanation.verdict.rule?.id)),
                            ("rule_at", .optional(explanation.verdict.rule?.location)),
                            ("steps", .list(explanation.lines.map { .text($0) })),
                        ])
                    })
            ),
        ])
    }
}
