// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// Refusals of one minute that were alike and too many for a record each: exactly how many, the first and the last. AC-88.
///
/// Only of requests that proved nothing and of handshakes that failed: nothing that passed is ever among them.
package struct AggregatedRecord: Sendable {
    /// One of those that were counted.
    package struct Moment: Hashable, Sendable {
        /// Microseconds since 1970-01-01T00:00:00Z.
        package var time: Int64
        /// SHA-256 of its body, where that was read.
        package var requestHash: Digest?

        package init(time: Int64, requestHash: Digest?) {
            self.time = time
            self.requestHash = requestHash
        }
    }

    package var count: UInt64
    package var reason: ReasonCode
    package var policy: PolicyStamp?
    /// The address range that they came from, as `192.0.2.0/24`; `nil`: of several, where the table was full.
    package var source: String?
    /// The server that all of them named; `nil`: none, or several.
    package var claimed: String?
    package var state: String?
    package var tier: String?
    package var first: Moment
    package var last: Moment

    package init(
        count: UInt64, reason: ReasonCode, policy: PolicyStamp?, source: String?, claimed: String?, state: String?,
        tier: String?, first: Moment, last: Moment
    ) {
        self.count = count
        self.reason = reason
        self.policy = policy
        self.source = source
        self.claimed = claimed
        self.state = state
        self.tier = tier
        self.first = first
        self.last = last
    }
}

extension RecordEncoder {
    mutating func encode(_ record: AggregatedRecord, at microseconds: Int64) {
        begin()
        member(#""count":"#, record.count)
        member(#""decision":"#, AuditRecord.Decision.refuse.rawValue)
        member(#""direction":"#, AuditRecord.Direction.inbound.rawValue)
        moment(#""first":{"#, record.first)
        kind(#""audit.aggregated""#)
        moment(#""last":{"#, record.last)
        nodeMember()
        object(#""origin":{"#)
        member(#""claimed":"#, record.claimed)
        member(#""state":"#, record.state)
        member(#""tier":"#, record.tier)
        close()
        policy(record.policy)
        member(#""reason_code":"#, record.reason.rawValue)
        sequence()
        member(#""source":"#, record.source)
        time(#""time":"#, microseconds: microseconds)
        end()
    }

    private mutating func moment(_ opening: StaticString, _ moment: AggregatedRecord.Moment) {
        object(opening)
        digest(#""req_sha256":"#, moment.requestHash)
        time(#""time":"#, microseconds: moment.time)
        close()
    }
}
