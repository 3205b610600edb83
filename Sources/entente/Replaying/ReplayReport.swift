// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine

/// What came of asking a log again, as `entente replay` answers it.
struct ReplayReport {
    let policy: Policy
    let log: String
    /// As of when everything was judged; `nil`: each as of when it was decided.
    let at: Timestamp?
    let reading: LogReading

    var tally: ReplayTally { reading.replay.tally }

    /// One line on the whole.
    var conclusion: String {
        let counts = "\(tally.newlyAllowed) newly allowed, \(tally.newlyRefused) newly refused of \(tally.asked) asked"
        return switch (tally.isLoosened, tally.isTightened) {
        case (true, true): "something is loosened, something tightened: \(counts)"
        case (true, false): "something is loosened: \(counts)"
        case (false, true): "only tightened: \(counts)"
        case (false, false): "nothing that a record can answer is decided otherwise (\(tally.asked) asked)"
        }
    }

    /// Faults of the log, for standard error.
    var complaints: [String] {
        var lines = reading.faults.map {
            "\(visible(log))/\($0); it is left out of the answer; `entente audit verify` says whether the log is whole"
        }
        if reading.faultCount > lines.count { lines.append("… and \(reading.faultCount - lines.count) more places") }
        return lines
    }

    /// What was read, and of which time.
    var facts: [(name: String, value: String)] {
        var facts = [
            ("Policy", "\(policy.id), serial \(policy.serial), mode \(policy.mode.rawValue)"),
            ("SHA-256", policy.sha256.hex), ("Log", visible(log)),
        ]
        if let first = tally.first, let last = tally.last {
            facts.append(("From", "\(StrictDate.text(first.time)), record \(first.sequence)"))
            facts.append(("To", "\(StrictDate.text(last.time)), record \(last.sequence)"))
        }
        facts.append(("Judged as of", at.map(StrictDate.text) ?? "when each was decided"))
        return facts
    }

    static func tier(_ change: ReplayChange) -> String {
        let new = change.newTier.map(visible) ?? "not admitted"
        guard change.item.isRequest else { return new }
        let old = change.oldTier.map(visible) ?? "not admitted"
        return old == new ? new : "\(old) → \(new)"
    }

    static func state(_ change: ReplayChange) -> String { change.state.map(visible) ?? "no state" }

    static func amount(_ change: ReplayChange) -> String {
        let requests = "\(change.requests) request\(change.requests == 1 ? "" : "s")"
        return switch change.item {
        case .request: requests
        case .event: "\(change.items) event\(change.items == 1 ? "" : "s") in \(requests)"
        case .edu: "\(change.items) EDU\(change.items == 1 ? "" : "s") in \(requests)"
        }
    }

    /// The rule that decided, and the one that would.
    static func rules(_ change: ReplayChange) -> String {
        let old = change.oldRule.map(visible) ?? "no rule"
        let new = change.newRule.map { "\($0)" } ?? "no rule"
        return change.effect == .loosened
            ? "\(old), \(change.oldReason.rawValue) → \(new)" : "\(old) → \(new), \(change.newReason.rawValue)"
    }

    static func example(_ example: ReplayChange.Example) -> String {
        "record \(example.sequence), \(visible(example.time)), "
            + (example.server.isEmpty ? "nobody named" : visible(example.server))
    }

    /// What is not among the changes and no agreement either, a line each.
    var remarks: [String] {
        var remarks: [String] = []
        for (gap, count) in tally.gaps.sorted(by: { $0.key < $1.key }) {
            let items = count.items == count.requests ? "" : ", \(count.items) events or EDUs"
            remarks.append(
                "cannot be told of \(count.requests) request\(count.requests == 1 ? "" : "s")\(items): \(gap.rawValue)")
        }
        if !tally.kept.isEmpty {
            let kept = tally.kept.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            remarks.append(
                "refused for what no policy changes, and so still: "
                    + kept.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "))
        }
        if tally.changesWithoutLine > 0 { remarks.append("\(tally.changesWithoutLine) changes of other kinds") }
        if tally.missing > 0 { remarks.append("\(tally.missing) records are missing between others") }
        return remarks
    }
}

extension ReplayChange.Item {
    var isRequest: Bool {
        if case .request = self { true } else { false }
    }
}
