// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// A policy's sinks on a node: what the one names and the other has.
struct NodeSinks {
    let policy: Policy
    let settings: SinkSettings

    /// Each receiver that the policy names and the configuration lacks, four parts a line.
    func faults(policyFile: String, meanwhile: String) -> [String] {
        policy.audit.sinks.compactMap { sink in
            guard case .syslogTLS(let host, let port) = sink.target, settings.receiver(host: host, port: port) == nil
            else { return nil }
            return
                "\(policyFile): sink \(quoted(sink.name)) of `audit.sinks` has no certificate and no authorities on this "
                + "node; \(meanwhile); add `{ syslog_tls: \"\(host):\(port)\", chain: FILE, key: FILE, roots: FILE }` to "
                + "`audit.sinks` at \(settings.place)"
        }
    }

    /// Receivers to which nothing is sent.
    var warnings: [String] {
        let wanted = policy.audit.sinks.compactMap { sink -> String? in
            guard case .syslogTLS(let host, let port) = sink.target else { return nil }
            return settings.receiver(host: host, port: port)?.place
        }
        return settings.receivers.filter { !wanted.contains($0.place) }.map { receiver in
            "\(receiver.place): no sink of the policy is \(quoted("syslog_tls \(receiver.address)")); nothing is sent there; "
                + "name it under `audit.sinks` of the policy, or remove it here"
        }
    }
}
