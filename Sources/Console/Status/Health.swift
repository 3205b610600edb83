// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// Whether a gateway takes traffic, and every reason why it does not.
package struct Health: Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// No record, no passage: every request gets 503.
        case auditUnavailable = "audit_unavailable"
        case policyUnavailable = "policy_unavailable"
        case draining
        case noListener = "no_listener"
    }

    package let reasons: [Reason]
    package var isHealthy: Bool { reasons.isEmpty }

    package init(_ status: GatewayStatus) {
        var reasons: [Reason] = []
        if !status.audit.isAvailable { reasons.append(.auditUnavailable) }
        if status.policy == nil { reasons.append(.policyUnavailable) }
        if status.isDraining { reasons.append(.draining) }
        if status.listeners.isEmpty { reasons.append(.noListener) }
        self.reasons = reasons
    }

    /// `{"reasons":[…],"status":"ok"}` or `"unavailable"`.
    package var json: String {
        let list = reasons.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        return "{\"reasons\":[\(list)],\"status\":\"\(isHealthy ? "ok" : "unavailable")\"}\n"
    }
}
