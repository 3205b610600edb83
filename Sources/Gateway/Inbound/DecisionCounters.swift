// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Metrics

/// Counts decisions for the operator. Labels are ours: nothing a peer chose is in them.
package struct DecisionCounters: Sendable {
    private let allowed: Counter
    private let refused: Counter
    private let withheld: Counter
    private let absorbed: Counter
    private let partial: Counter
    private let unrecorded: Counter
    private let upstreamFailed: Counter
    private let fieldsDropped: Counter

    package init() {
        func counter(_ decision: String) -> Counter {
            Counter(label: "entente_decisions_total", dimensions: [("direction", "inbound"), ("decision", decision)])
        }
        allowed = counter("allow")
        refused = counter("refuse")
        withheld = counter("withheld")
        absorbed = counter("absorbed")
        partial = counter("partial")
        unrecorded = Counter(label: "entente_unrecorded_total")
        upstreamFailed = Counter(label: "entente_upstream_failures_total")
        fieldsDropped = Counter(label: "entente_header_fields_dropped_total")
    }

    func count(_ decision: AuditRecord.Decision) {
        switch decision {
        case .allow: allowed.increment()
        case .refuse: refused.increment()
        case .withheld: withheld.increment()
        case .absorbed: absorbed.increment()
        case .partial: partial.increment()
        }
    }

    /// The same by network, where a policy has closed ones: their names are the officers', and few.
    func count(_ decision: AuditRecord.Decision, over network: String) {
        Counter(
            label: "entente_network_decisions_total",
            dimensions: [("decision", decision.rawValue), ("direction", "inbound"), ("network", network)]
        ).increment()
    }

    func countUnrecorded() { unrecorded.increment() }
    func countUpstreamFailure() { upstreamFailed.increment() }

    /// Header fields of a request that did not pass to the homeserver (AC-26).
    func countDropped(_ fields: Int) {
        if fields > 0 { fieldsDropped.increment(by: Int64(fields)) }
    }
}
