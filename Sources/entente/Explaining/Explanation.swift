// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// The answer of `entente explain`.
struct Explanation {
    let isAllowed: Bool
    let reason: ReasonCode
    let rule: RuleReference?
    /// What was looked at, in order; the last line is the verdict.
    let lines: [String]

    init(_ explained: PolicyExplanation) {
        isAllowed = explained.verdict.isAllowed
        reason = explained.verdict.reason
        rule = explained.verdict.rule
        lines = explained.lines
    }

    /// A request that ends before the policy is asked.
    init(refused reason: ReasonCode, because what: String) {
        isAllowed = false
        self.reason = reason
        rule = nil
        lines = [what, "verdict: refused (\(reason.rawValue)) before the policy is asked"]
    }

    var json: JSONValue {
        .object([
            ("allowed", .truth(isAllowed)), ("reason_code", .text(reason.rawValue)), ("rule_id", .optional(rule?.id)),
            ("rule_at", .optional(rule?.location)), ("steps", .list(lines.map { .text($0) })),
        ])
    }
}
