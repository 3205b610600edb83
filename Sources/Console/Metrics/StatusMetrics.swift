// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// The part of `/metrics` that is read from the gateway's status when it is asked for.
extension PrometheusText {
    mutating func add(_ status: GatewayStatus) {
        let audit = status.audit
        add("entente_audit_available", "gauge", audit.isAvailable ? "1" : "0")
        add("entente_audit_batches_total", "counter", String(audit.batches))
        add("entente_audit_keys_available", "gauge", audit.keyFailure == nil ? "1" : "0")
        add("entente_audit_last_sequence", "gauge", String(audit.lastSequence))
        add("entente_audit_passed_unrecorded_total", "counter", String(audit.passedUnrecorded))
        add("entente_audit_records_total", "counter", String(audit.records))
        add("entente_audit_refused_total", "counter", String(audit.refused))
        let seconds = Double(audit.storingMicroseconds) / 1e6
        add("entente_audit_storing_seconds_total", "counter", Self.number(seconds))
        add("entente_audit_waiting", "gauge", String(audit.waiting))
        add("entente_connections", "gauge", String(status.listeners.reduce(0) { $0 + $1.connections }))
        add("entente_healthy", "gauge", Health(status).isHealthy ? "1" : "0")
        add("entente_lockdowns", "gauge", String(status.lockdowns.count))
        if let policy = status.policy {
            add("entente_policy_serial", "gauge", String(policy.serial))
            add("entente_policy_rejected", "gauge", policy.rejected == nil ? "0" : "1")
        }
        for sink in status.sinks {
            add("entente_sink_full", labels: [("sink", sink.name)], "gauge", sink.isFull ? "1" : "0")
        }
        for sink in status.sinks {
            let lag = audit.lastSequence - min(sink.delivered, audit.lastSequence)
            add("entente_sink_lag_records", labels: [("sink", sink.name)], "gauge", String(lag))
        }
        for sink in status.sinks {
            add("entente_sink_up", labels: [("sink", sink.name)], "gauge", sink.isUp ? "1" : "0")
        }
        add("entente_start_time_seconds", "gauge", Self.number(Double(status.startedAt / 1_000_000)))
        if let quorum = status.quorum {
            add("entente_witnesses_current", "gauge", String(quorum.have))
            add("entente_witnesses_needed", "gauge", String(quorum.need))
        }
        for witness in status.witnesses {
            // Since the start where it never cosigned: an alarm on the age fires for both.
            let age = max(status.now - (witness.cosignedAt ?? status.startedAt), 0)
            add(
                "entente_witness_age_seconds", labels: [("witness", witness.name)], "gauge",
                Self.number(Double(age) / 1e6))
        }
    }
}
