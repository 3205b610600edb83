// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Why a request does not pass: what the peer is told, and what the record says.
///
/// The two are kept apart on purpose. A peer learns a status, an errcode and a constant text; the reason is for the officer.
struct Refusal: Error, Sendable {
    let status: Int
    let errcode: StaticString
    let reason: ReasonCode
    /// The rule of the policy that decided, if one did.
    var rule: RuleReference?
    /// One sentence for the record, without content of the request.
    var explain: String?
    /// Seconds after which the peer may ask again, for states that pass.
    var retryAfter: Int?
    /// The same in the body of a 429.
    var retryAfterMilliseconds: Int64?

    init(
        _ status: Int, _ errcode: StaticString, _ reason: ReasonCode, rule: RuleReference? = nil,
        explain: String? = nil, retryAfter: Int? = nil
    ) {
        self.status = status
        self.errcode = errcode
        self.reason = reason
        self.rule = rule
        self.explain = explain
        self.retryAfter = retryAfter
    }

    /// The policy says no: the same answer for every reason (abuse-case conventions; AC-87).
    static func forbidden(_ verdict: Verdict) -> Refusal {
        Refusal(403, "M_FORBIDDEN", verdict.reason, rule: verdict.rule)
    }

    /// The request cannot be recorded, so it cannot pass.
    static let unrecorded = Refusal(503, "M_UNKNOWN", .auditUnavailable, retryAfter: 5)

    /// A sink gets no records, and the policy wants traffic refused for that. AC-94.
    static let sinkFull = Refusal(503, "M_UNKNOWN", .sinkFull, retryAfter: 30)

    /// The server has used up what its tier's limits grant to one server. AC-105.
    static func exceeded(_ excess: OriginAccount.Excess) -> Refusal {
        let milliseconds = max((excess.nanoseconds + 999_999) / 1_000_000, 1)
        var refusal = Refusal(
            429, "M_LIMIT_EXCEEDED", excess.reason, rule: excess.rule, retryAfter: Int((milliseconds + 999) / 1000))
        refusal.retryAfterMilliseconds = milliseconds
        return refusal
    }

    /// More requests are under way than the gateway takes at a time.
    static let overloaded = Refusal(503, "M_UNKNOWN", .overload, retryAfter: 5)

    /// The gateway died of this request before. AC-106.
    static let quarantined = Refusal(503, "M_UNKNOWN", .quarantined, retryAfter: 600)

    /// Whether the server's key is valid cannot be told without a clock. AC-95.
    static let clockDoubtful = Refusal(503, "M_UNKNOWN", .keysClockDoubtful, retryAfter: 60)

    static let upstreamFailed = Refusal(502, "M_UNKNOWN", .upstreamFailed)
    static let upstreamTimeout = Refusal(504, "M_UNKNOWN", .upstreamTimeout)

    /// The gateway is going down and takes nothing new.
    static let draining = Refusal(503, "M_UNKNOWN", .draining, retryAfter: 10)
}
