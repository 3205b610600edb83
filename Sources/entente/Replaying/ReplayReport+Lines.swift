// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine

extension ReplayReport {
    func lines(isColoured: Bool) -> [String] {
        var lines = [
            "policy \(policy.id), serial \(policy.serial), mode \(policy.mode.rawValue), sha256 \(policy.sha256.hex)",
            "\(count(tally.decisions, "decision")) among \(count(tally.records, "record")) of \(visible(log))" + span,
        ]
        if tally.aggregated > 0 {
            lines.append(
                "\(count(tally.aggregated, "refusal")) of strangers counted together, which cannot be asked again")
        }
        for decider in tally.policies.prefix(10) {
            lines.append("\(decider.decisions) decided by \(Self.decider(decider.policy))")
        }
        if let at { lines.append("all judged as of \(StrictDate.text(at))") }
        lines.append("")
        var heading: PolicyDiff.Effect?
        for change in tally.changes {
            let paint: Paint = change.effect == .loosened ? .red : .green
            if heading != nil, heading != change.effect { lines.append("") }
            heading = change.effect
            lines.append(
                Paint.bold(paint(PolicyComparison.heading(change.effect), isColoured), isColoured)
                    + "  \(Self.state(change))  \(Self.tier(change))  \(change.direction.rawValue)  "
                    + "\(visible(change.item.text))  \(Self.amount(change))   "
                    + Paint.faint(Self.rules(change), isColoured))
            for example in change.examples { lines.append(Paint.faint("  " + Self.example(example), isColoured)) }
        }
        if heading != nil { lines.append("") }
        return lines + remarks + [conclusion]
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private var span: String {
        guard let first = tally.first, let last = tally.last else { return "" }
        return ", \(StrictDate.text(first.time)) to \(StrictDate.text(last.time))"
    }

    var json: JSONValue {
        .object([
            ("loosened", .truth(tally.isLoosened)), ("tightened", .truth(tally.isTightened)),
            (
                "policy",
                .object([
                    ("id", .text(policy.id)), ("serial", .number(Int(policy.serial))),
                    ("mode", .text(policy.mode.rawValue)), ("sha256", .text(policy.sha256.hex)),
                ])
            ),
            ("log", .text(log)), ("at", .optional(at.map(StrictDate.text))), ("records", .number(tally.records)),
            ("decisions", .number(tally.decisions)), ("asked", .number(tally.asked)),
            ("aggregated", .number(tally.aggregated)),
            ("newly_allowed", .number(tally.newlyAllowed)), ("newly_refused", .number(tally.newlyRefused)),
            ("partly_unanswered", .number(tally.partlyUnanswered)), ("from", Self.json(tally.first)),
            ("to", Self.json(tally.last)),
            (
                "decided_by",
                .list(
                    tally.policies.map {
                        .object([("policy", .text($0.policy)), ("decisions", .number($0.decisions))])
                    })
            ),
            ("changes", .list(tally.changes.map(Self.json))),
            ("changes_without_line", .number(tally.changesWithoutLine)),
            (
                "unanswered",
                .list(
                    tally.gaps.sorted { $0.key < $1.key }.map { gap, count in
                        .object([
                            ("why", .text(gap.rawValue)), ("requests", .number(count.requests)),
                            ("items", .number(count.items)),
                        ])
                    })
            ),
            (
                "kept",
                .object(
                    tally.kept.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, .number($0.value)) }
                )
            ),
            ("missing", .number(tally.missing)), ("faults", .number(reading.faultCount)),
        ])
    }

    private static func json(_ end: (sequence: Int, time: Timestamp)?) -> JSONValue {
        guard let end else { return .nothing }
        return .object([("record", .number(end.sequence)), ("time", .text(StrictDate.text(end.time)))])
    }

    private static func json(_ change: ReplayChange) -> JSONValue {
        .object([
            ("effect", .text(change.effect.rawValue)), ("direction", .text(change.direction.rawValue)),
            ("item", .text(change.item.text)), ("state", .optional(change.state)),
            ("old_tier", .optional(change.oldTier)), ("new_tier", .optional(change.newTier)),
            ("requests", .number(change.requests)), ("items", .number(change.items)),
            ("old_reason_code", .text(change.oldReason.rawValue)), ("old_rule_id", .optional(change.oldRule)),
            ("reason_code", .text(change.newReason.rawValue)), ("rule_id", .optional(change.newRule?.id)),
            ("rule_at", .optional(change.newRule?.location)),
            (
                "examples",
                .list(
                    change.examples.map {
                        .object([
                            ("record", .number($0.sequence)), ("time", .text($0.time)), ("server", .text($0.server)),
                        ])
                    })
            ),
        ])
    }

    /// A record's `policy` for people; as it stands there, if it has no serial and hash.
    private static func decider(_ recorded: String) -> String {
        guard let document = try? JSONDocument(reading: Array(recorded.utf8)),
            let serial = document.member("serial", of: document.root).flatMap({ document.integer($0) }),
            let hash = document.member("sha256", of: document.root).flatMap({ document.string($0) })
        else { return visible(recorded) }
        let mode = document.member("mode", of: document.root).flatMap { document.string($0) }
        return "serial \(serial)\(mode.map { ", mode \(visible($0))" } ?? ""), sha256 \(visible(hash))"
    }
}
