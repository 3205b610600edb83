// SPDX-License-Identifier: Apache-2.0

/// How much a record wants to be looked at; each format has numbers of its own for it.
enum RecordSeverity: Int, Comparable, Sendable {
    case information, notice, warning, critical

    static func < (a: RecordSeverity, b: RecordSeverity) -> Bool { a.rawValue < b.rawValue }

    /// Refusals are everyday on the Internet; what the policy marks is not.
    init(_ fields: RecordFields) {
        switch fields.kind {
        case "request":
            if fields.node("alerts") != nil {
                self = .warning
            } else {
                self = fields.text("decision") == "allow" ? .information : .notice
            }
        case "outcome": self = fields.text("reason_code") == nil ? .information : .notice
        case "log.heartbeat", "admin.status": self = .information
        case "audit.unavailable", "policy.expired", "privacy.failed", "sink.lost": self = .critical
        case "admin.opened", "admin.refused", "clock.step", "list.rejected", "list.stale", "lockdown.off",
            "lockdown.on",
            "lockdown.refused", "policy.rejected", "sink.down":
            self = .warning
        default: self = .notice
        }
    }

    /// RFC 5424, section 6.2.1.
    var syslog: Int { [6, 5, 4, 2][rawValue] }
    /// 0 to 10.
    var cef: Int { [1, 3, 6, 10][rawValue] }
    /// `severity_id`: informational, low, medium, critical.
    var ocsf: Int { [1, 2, 3, 5][rawValue] }
    var word: String { ["informational", "notice", "warning", "critical"][rawValue] }
}
