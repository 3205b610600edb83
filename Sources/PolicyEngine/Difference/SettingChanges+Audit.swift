// SPDX-License-Identifier: Apache-2.0

/// Less evidence is loosened: shorter retention, fewer witnesses, a sink less.
extension SettingChanges {
    var audit: [PolicyDiff.Setting] {
        let (was, becomes) = (old.audit, new.audit)
        var found: [PolicyDiff.Setting?] = [
            Self.change("audit.on_log_failure", was.onLogFailure, becomes.onLogFailure, \.width),
            Self.change("audit.on_sink_loss", was.onSinkLoss, becomes.onSinkLoss, \.width),
            Self.witnesses(was.witnesses, becomes.witnesses),
        ]
        if was.checkpoint != becomes.checkpoint {
            // Without the key it is the log's own.
            let isOften = becomes.checkpoint.map { new in was.checkpoint.map { new < $0 } ?? true } ?? false
            found.append(
                .init(
                    effect: isOften ? .tightened : .loosened,
                    text: "audit.log.checkpoint: \(isOften ? "more often" : "less often")"))
        }
        for name in AuditTerms.RecordClass.allCases where was.retention[name] != becomes.retention[name] {
            let isLonger = becomes.retention[name].map { new in was.retention[name].map { new > $0 } ?? false } ?? true
            found.append(
                .init(
                    effect: isLonger ? .tightened : .loosened,
                    text: "audit.retention.\(name.rawValue): \(isLonger ? "longer" : "shorter")"))
        }
        if was.sealTo != becomes.sealTo {
            // Whoever comes can read, and who goes can prove nothing any more.
            found.append(.init(effect: .loosened, text: "audit.seal_to: other auditors can open records"))
        }
        let (before, after) = (Set(was.sinks), Set(becomes.sinks))
        found += before.subtracting(after).map {
            .init(effect: .loosened, text: "audit.sinks: no longer \($0.canonical)")
        }
        found += after.subtracting(before).map { .init(effect: .neutral, text: "audit.sinks: new \($0.canonical)") }
        return found.compactMap(\.self)
    }

    /// Tightened only if whatever satisfies the new wish satisfies the old one, whoever of them signs.
    private static func witnesses(
        _ was: AuditTerms.Witnesses?, _ becomes: AuditTerms.Witnesses?
    ) -> PolicyDiff.Setting? {
        guard was != becomes else { return nil }
        let isStricter =
            if let was, let becomes {
                becomes.need - Set(becomes.names).subtracting(was.names).count >= was.need
            } else { was == nil }
        func text(_ witnesses: AuditTerms.Witnesses?) -> String {
            witnesses.map { "\($0.need) of \($0.names.joined(separator: ", "))" } ?? "none"
        }
        return .init(
            effect: isStricter ? .tightened : .loosened,
            text: "audit.log.witnesses: \(text(was)) → \(text(becomes))")
    }
}
