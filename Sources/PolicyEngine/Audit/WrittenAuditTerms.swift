// SPDX-License-Identifier: Apache-2.0

/// `audit` with the places of its keys, for messages.
struct WrittenAuditTerms: Sendable {
    var terms = AuditTerms()
    /// By key, as `audit.log.checkpoint`.
    var rules: [String: RuleReference] = [:]

    /// What the log does not do yet.
    var gaps: [EnforcementGap] {
        var gaps: [EnforcementGap] = []
        func gap(_ key: String, _ meanwhile: String) {
            if let rule = rules[key] { gaps.append(EnforcementGap(rule: rule, kind: .absent, meanwhile: meanwhile)) }
        }
        // The log signs at most a second late, whatever is asked beyond that.
        if let checkpoint = terms.checkpoint, checkpoint < .seconds(1) {
            gap("audit.log.checkpoint", "checkpoints are signed once a second while records come")
        }
        let silent = terms.sinks.filter { !$0.isCarriedOut }
        if !silent.isEmpty {
            gap("audit.sinks", "nothing is sent to \(quotedList(silent.map(\.name))), the other sinks get their copies")
        }
        if terms.onLogFailure != .refuse {
            gap("audit.on_log_failure", "without a record nothing passes, the own state's traffic neither")
        }
        if terms.onSinkLoss != .goOn { gap("audit.on_sink_loss", "no gateway starts with it") }
        return gaps
    }
}
