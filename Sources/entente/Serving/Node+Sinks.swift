// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import PolicyEngine

extension Node {
    /// What the gate has to be, so that nothing passes that the policy in force wants refused for want of a sink.
    static func position(_ terms: AuditTerms, hasFullSink: Bool) -> EvidenceGate.Position {
        guard hasFullSink else { return .open }
        return switch terms.onSinkLoss {
        case .goOn: .open
        case .refuse: .shut
        case .refuseExceptOwn: .ownOnly
        }
    }

    /// As the last run left it, before anything listens.
    static func positionAtStart(_ terms: AuditTerms, directory: String) -> EvidenceGate.Position {
        position(terms, hasFullSink: terms.sinks.contains { SinkForwarder.isFull($0, directory: directory) })
    }

    /// Somebody at the control socket lets a sink's records be passed over.
    ///
    /// - Returns: what is wrong with that, four parts; `nil`: it is done in the next turn.
    func resume(_ sink: String) -> String? {
        let terms = policyInForce.policy.audit
        let names = terms.sinks.map(\.name)
        switch forwarders.acknowledge(sink, terms) {
        case true?: return nil
        case false?: return "\(sink): its spool is not full; nothing was changed; traffic is not refused for it"
        case nil:
            let known = names.isEmpty ? "the policy has none" : "name \(quotedList(names))"
            return "\(sink): it is no sink of the policy in force; nothing was changed; \(known)"
        }
    }
}
