// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// The one page: how the gateway is, under which policy, and what it has decided since it started.
struct StatusPage {
    let status: GatewayStatus

    /// Decisions in the table at most; the rest is in the log.
    static let rows = 60
    static let errors = 12

    var html: String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <meta http-equiv="refresh" content="15"><title>\(escaped(status.node)) · Entente</title>
        <style>\(ConsoleStyle.css)</style></head><body><main>
        <header><h1>\(escaped(status.node))</h1><p>Entente \(escaped(status.build)) · up \(uptime) ·
        \(time(status.now)) UTC</p></header>
        \(health)\(lockdowns)\(rejectedPolicy)
        <div class="grid">\(policy)\(audit)\(witnesses)\(listeners)</div>
        \(decisions)
        \(errorList)
        <footer>Read only, counted since the start. What is recorded is in the audit log, not here ·
        <a href="/metrics">metrics</a> · <a href="/healthz">health</a></footer>
        </main></body></html>

        """
    }

    private func escaped(_ text: String) -> String { HTMLText.escaped(text) }

    private var uptime: String { HTMLText.duration(microseconds: status.now - status.startedAt) }

    /// `2026-07-01 09:30:00`.
    private func time(_ microseconds: Int64) -> String {
        String(AuditTime.text(microseconds: microseconds).prefix(19)).replacing("T", with: " ")
    }

    private var health: String {
        let health = Health(status)
        guard !health.isHealthy else {
            return #"<div class="state good">Taking traffic</div>"#
        }
        let sentences = health.reasons.map { reason in
            switch reason {
            case .auditUnavailable:
                "No record, no passage: "
                    + escaped(status.audit.failure?.description ?? "the audit log was closed")
            case .policyUnavailable: "There is no policy in force: everything is refused."
            case .draining: "The gateway is stopping: it finishes what it began and takes nothing new."
            case .noListener: "Nothing listens for traffic."
            }
        }
        return #"<div class="state bad">Not taking traffic"# + sentences.map { "<p>\($0)</p>" }.joined() + "</div>"
    }

    private var lockdowns: String {
        status.lockdowns.map { lockdown in
            let name = lockdown.name + (lockdown.argument.map { " \($0)" } ?? "")
            return #"<div class="state bad">Lockdown in force: <code>\#(escaped(name))</code>"#
                + "<p>Since \(time(lockdown.since)), until \(time(lockdown.until)) UTC.</p></div>"
        }.joined()
    }

    private var rejectedPolicy: String {
        guard let rejected = status.policy?.rejected else { return "" }
        return #"<div class="state warn">The policy file on disk was not taken"# + "<p>\(escaped(rejected))</p></div>"
    }

    private func list(_ title: String, _ pairs: [(String, String)]) -> String {
        let rows = pairs.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
        return "<section><h2>\(title)</h2><dl>\(rows)</dl></section>\n"
    }

    private var policy: String {
        guard let policy = status.policy else { return list("Policy", [("State", "none in force")]) }
        return list(
            "Policy",
            [
                ("Name", escaped(policy.id)), ("Serial", String(policy.serial)), ("Mode", escaped(policy.mode)),
                ("Since", time(policy.activatedAt)), ("SHA-256", "<code>\(escaped(policy.sha256))</code>"),
            ])
    }

    private var audit: String {
        let audit = status.audit
        let mean = audit.batches > 0 ? Double(audit.records) / Double(audit.batches) : 0
        let sync = audit.batches > 0 ? audit.storingMicroseconds / Int64(audit.batches) : 0
        return list(
            "Audit log",
            [
                ("State", audit.isAvailable ? "writing" : #"<span class="refused">not writing</span>"#),
                ("Last record", HTMLText.grouped(audit.lastSequence)),
                ("Since start", "\(HTMLText.grouped(audit.records)) records"),
                ("Each sync", "\((mean * 10).rounded() / 10) records, \(sync) µs"),
                ("Waiting", String(audit.waiting)), ("Turned away", HTMLText.grouped(audit.refused)),
            ] + keys + status.sinks.map(row))
    }

    private var keys: [(String, String)] {
        guard let failure = status.audit.keyFailure else { return [] }
        return [("New keys", #"<span class="refused">none can be made: \#(escaped("\(failure)"))</span>"#)]
    }

    private func row(_ sink: SinkForwarder.Status) -> (String, String) {
        let lag = status.audit.lastSequence - min(sink.delivered, status.audit.lastSequence)
        let state = sink.isUp ? "up" : #"<span class="refused">down: \#(escaped(sink.cause ?? "not known"))</span>"#
        let full = sink.isFull ? #", <span class="refused">its spool is full</span>"# : ""
        return (
            "Sink", "<code>\(escaped(sink.name))</code><br>\(state)\(full), \(HTMLText.grouped(lag)) records behind"
        )
    }

    private var quorum: [(String, String)] {
        guard let quorum = status.quorum else { return [] }
        let text = "\(quorum.have) cosign, the policy needs \(quorum.need)"
        let clock =
            quorum.isClockDoubtful
            ? #"<br><span class="refused">their clocks and ours differ: no key with an end counts</span>"# : ""
        return [("Enough", (quorum.isMissing ? #"<span class="refused">\#(text)</span>"# : text) + clock)]
    }

    private var witnesses: String {
        guard !status.witnesses.isEmpty || status.quorum != nil else { return "" }
        return list(
            "Witnesses",
            quorum
                + status.witnesses.map { witness in
                    let cosigned = witness.cosignedAt.map { at in
                        "\(HTMLText.grouped(witness.size)) records, "
                            + "\(HTMLText.duration(microseconds: max(status.now - at, 0))) ago"
                    }
                    let lost = witness.lost.map { #"<br><span class="refused">\#(escaped($0))</span>"# } ?? ""
                    return (escaped(witness.name), (cosigned ?? "not since the start") + lost)
                })
    }

    private var listeners: String {
        guard !status.listeners.isEmpty else { return list("Listeners", [("State", "none")]) }
        return list(
            "Listeners",
            status.listeners.map { listener in
                let connections = "\(listener.connections) connection\(listener.connections == 1 ? "" : "s")"
                return (escaped(listener.name), "<code>\(escaped(listener.address))</code><br>\(connections)")
            })
    }

    private var decisions: String {
        let title = #"<section class="wide"><h2>Decisions</h2>"#
        guard !status.decisions.isEmpty else { return title + #"<p class="none">None yet.</p></section>"# }
        let sorted = status.decisions.sorted {
            ($0.state, $0.direction, $0.endpointClass) < ($1.state, $1.direction, $1.endpointClass)
        }
        let rows = sorted.prefix(Self.rows).map { row in
            let refused =
                row.refused == 0
                ? #"<td class="n none">0</td>"# : #"<td class="n refused">\#(HTMLText.grouped(row.refused))</td>"#
            return "<tr><td>\(escaped(row.state))</td><td>\(escaped(row.direction))</td>"
                + "<td><code>\(escaped(row.endpointClass))</code></td>"
                + #"<td class="n">\#(HTMLText.grouped(row.passed))</td>\#(refused)</tr>"#
        }
        let more =
            sorted.count > Self.rows
            ? #"<p class="none">\#(sorted.count - Self.rows) more rows in the metrics.</p>"# : ""
        return title + #"<div class="scroll"><table><thead><tr><th>State</th><th>Direction</th><th>Class</th>"#
            + #"<th class="n">Passed</th><th class="n">Refused</th></tr></thead><tbody>"#
            + rows.joined(separator: "\n") + "</tbody></table></div>\(more)</section>"
    }

    private var errorList: String {
        let title = #"<section class="wide"><h2>Latest errors</h2>"#
        guard !status.errors.isEmpty else { return title + #"<p class="none">None.</p></section>"# }
        let rows = status.errors.prefix(Self.errors).map { note in
            "<li><time>\(time(note.time))</time>\(escaped(note.text))</li>"
        }
        return title + #"<ul class="errors">"# + rows.joined(separator: "\n") + "</ul></section>"
    }
}
