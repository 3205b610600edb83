// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// What becomes of a transaction, decided item by item (D6). A value: nothing here acts.
struct TransactionPlan {
    enum Effect: Equatable {
        /// The very bytes go on.
        case pass
        /// No item passes: 200 with an error for each event, nothing goes on.
        case absorb
        /// Some items pass and `mixed: withhold`: answered like `absorb`.
        case withhold
        /// Some items pass and `mixed: refuse`: 403.
        case refuse
    }

    /// One item that does not pass.
    struct RefusedItem {
        enum Item {
            case pdu(Int)
            case edu(Int)
            /// A top-level member that the specification does not name: nothing of it was understood (AC-75).
            case member(String)
        }

        let item: Item
        let reason: ReasonCode
        let rule: RuleReference?
    }

    let effect: Effect
    /// In the order of the transaction, PDUs first, unknown members last.
    let refused: [RefusedItem]
    /// Whether every refusal is the policy's and the policy only watches: then `effect` is `pass`.
    let isShadowed: Bool
    /// What rules in shadow would have refused first, of what passes.
    let trial: ShadowVerdict?
    /// What the policy marks, among what passes and what does not; distinct.
    let alerts: [ReasonCode]

    init(
        _ transaction: Transaction, in document: JSONDocument, from peer: Peer, _ policy: Policy,
        mixed: MixedTransactions
    ) {
        var refused: [RefusedItem] = []
        var alerts: [ReasonCode] = []
        var trial: ShadowVerdict?
        let looksInto = policy.looksIntoEvents
        var faults = 0
        for (index, pdu) in transaction.pdus.enumerated() {
            if let fault = pdu.fault {
                faults += 1
                refused.append(RefusedItem(item: .pdu(index), reason: ReasonCode(fault), rule: nil))
                continue
            }
            // Most policies and most events need no more than the author.
            let verdict =
                looksInto || pdu.isStateEvent
                ? policy.decideEvent(
                    EventQuestion(pdu, in: looksInto ? document : nil), deliveredBy: peer, .inbound)
                : policy.decideAuthor(pdu.authorServer, eventType: pdu.type, deliveredBy: peer, .inbound)
            if let alert = verdict.alert, !alerts.contains(alert) { alerts.append(alert) }
            trial = trial ?? verdict.shadow
            if !verdict.isAllowed {
                refused.append(RefusedItem(item: .pdu(index), reason: verdict.reason, rule: verdict.rule))
            }
        }
        for (index, edu) in transaction.edus.enumerated() {
            if let fault = edu.fault {
                faults += 1
                refused.append(RefusedItem(item: .edu(index), reason: ReasonCode(fault), rule: nil))
                continue
            }
            var verdict = policy.decideEDU(edu.kind, from: peer, .inbound)
            if verdict.isAllowed, edu.kind == .toDevice, policy.looksIntoToDevice {
                verdict = policy.decideToDevice(
                    type: document.text("type", inContentOf: edu.node) ?? "",
                    bytes: document.rawRange(edu.node).count, from: peer)
            }
            trial = trial ?? verdict.shadow
            if !verdict.isAllowed {
                refused.append(RefusedItem(item: .edu(index), reason: verdict.reason, rule: verdict.rule))
            }
        }
        for name in transaction.unknownMembers {
            refused.append(RefusedItem(item: .member(name), reason: .eduUnknown, rule: nil))
        }
        self.refused = refused
        self.alerts = alerts
        self.trial = trial
        let items = transaction.pdus.count + transaction.edus.count + transaction.unknownMembers.count
        isShadowed = !refused.isEmpty && faults == 0 && policy.mode == .shadow
        if refused.isEmpty || isShadowed {
            effect = .pass
        } else if refused.count == items {
            effect = .absorb
        } else {
            effect = mixed == .withhold ? .withhold : .refuse
        }
    }
}

extension ReasonCode {
    /// What the record calls a fault of an event.
    init(_ fault: PDUFacts.Fault) {
        switch fault {
        case .malformed: self = .pduMalformed
        case .limits: self = .pduLimits
        case .number: self = .jsonNumber
        }
    }

    /// What the record calls a fault of an EDU.
    init(_ fault: EDUFacts.Fault) {
        switch fault {
        case .malformed, .recipient, .limits: self = .eduRefused
        case .subject: self = .eduSubjectMismatch
        }
    }
}
