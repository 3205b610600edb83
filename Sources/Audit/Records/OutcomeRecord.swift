// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// What became of a request that had been let through: a later, small record that points at the decision.
///
/// It proves nothing that the decision does not; it tells the officer whether the other side took what was passed.
package struct OutcomeRecord: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    /// The sequence number of the decision.
    package var decision: UInt64
    package var http: AuditRecord.HTTP
    /// Why it ended otherwise than it was let through; `nil` when it did not.
    package var reason: ReasonCode?
    /// The rule by which its answer was refused or marked.
    package var ruleID: String?
    package var durations: AuditRecord.Durations?

    package init(
        time: Int64, decision: UInt64, http: AuditRecord.HTTP, reason: ReasonCode? = nil,
        ruleID: String? = nil, durations: AuditRecord.Durations? = nil
    ) {
        self.time = time
        self.decision = decision
        self.http = http
        self.reason = reason
        self.ruleID = ruleID
        self.durations = durations
    }
}

extension RecordEncoder {
    mutating func encode(_ record: OutcomeRecord) {
        begin()
        durations(record.durations)
        http(record.http)
        kind(#""outcome""#)
        nodeMember()
        member(#""of_seq":"#, record.decision)
        member(#""reason_code":"#, record.reason?.rawValue)
        member(#""rule_id":"#, record.ruleID)
        sequence()
        time(#""time":"#, microseconds: record.time)
        end()
    }
}
