// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Two policies and what tells them apart, as `entente diff` answers it.
struct PolicyComparison {
    let old: Policy
    let new: Policy
    let diff: PolicyDiff
    let oldFile: String
    let newFile: String

    /// One line on the whole.
    var conclusion: String {
        switch (diff.isLoosened, diff.isTightened) {
        case (true, true): "something is loosened, something tightened"
        case (true, false): "something is loosened"
        case (false, true): "only tightened"
        case (false, false): "no request is decided otherwise"
        }
    }

    /// For which date the answer holds.
    var asOf: String {
        diff.time.map { "dates as of \(StrictDate.text($0))" } ?? "no date is looked at"
    }

    /// What decided, for people: the new rule of what is allowed, and of what is refused why.
    static func ground(_ line: PolicyDiff.Line) -> String {
        if line.effect == .loosened { return line.rule?.description ?? "the protocol's minimum" }
        let now = line.rule.map { "\($0)" } ?? "no rule"
        return "\(now), \(line.reason.rawValue)" + (line.oldRule.map { "; was allowed by \($0.id)" } ?? "")
    }

    static func own(_ line: PolicyDiff.Line) -> String {
        line.own.isEmpty
            ? "" : (line.direction == .inbound ? " to " : " from ") + line.own.map(\.text).joined(separator: ", ")
    }

    static func heading(_ effect: PolicyDiff.Effect) -> String {
        switch effect {
        case .loosened: "NEWLY ALLOWED"
        case .tightened: "NEWLY REFUSED"
        case .neutral: "OTHERWISE"
        }
    }

    /// A command that asks the example of the new policy.
    func command(_ question: PolicyQuestion) -> String {
        var words = ["entente explain --policy \(Self.shell(newFile)) --direction \(question.direction.rawValue)"]
        words.append("--from \(Self.shell(question.origin.text))")
        if let destination = question.destination { words.append("--to \(Self.shell(destination.text))") }
        if let state = question.supposedState { words.append("--state \(state.text)") }
        if let author = question.author {
            words.append("--author \(Self.shell(author.text)) --event-type \(Self.shell(question.eventType))")
        } else if let edu = question.edu {
            words.append("--edu \(Self.shell(edu.name))")
        } else {
            words.append("--class \(question.endpointClass.rawValue)")
        }
        if let time = diff.time { words.append("--at \(StrictDate.text(time))") }
        return words.joined(separator: " ")
    }

    /// A word that a shell takes as it is.
    private static func shell(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case 0x2B, 0x2D...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

extension PolicyComparison {
    func lines(isColoured: Bool) -> [String] {
        var lines: [String] = []
        var heading: PolicyDiff.Effect?
        for line in diff.lines {
            let paint: Paint = line.effect == .loosened ? .red : .green
            if heading != line.effect, heading != nil { lines.append("") }
            heading = line.effect
            lines.append(
                Paint.bold(paint(Self.heading(line.effect), isColoured), isColoured)
                    + "  \(line.subjects.text)  \(line.direction.rawValue)\(Self.own(line))  "
                    + line.items.joined(separator: ", ") + "   " + Paint.faint(Self.ground(line), isColoured))
            lines.append(
                Paint.faint("  e.g. " + (line.example.map(command) ?? "a request without credentials"), isColoured))
        }
        var rest: [String] = []
        if !diff.serversAdded.isEmpty { rest.append("servers added: \(names(diff.serversAdded))") }
        if !diff.serversRemoved.isEmpty { rest.append("servers removed: \(names(diff.serversRemoved))") }
        for change in grouped(diff.stateChanges) { rest.append("tier of \(change)") }
        for setting in diff.settings {
            let word = setting.effect == .neutral ? "" : "\(setting.effect.rawValue): "
            let text = word + setting.text
            rest.append(setting.effect == .loosened ? Paint.red(text, isColoured) : text)
        }
        if !lines.isEmpty, !rest.isEmpty { lines.append("") }
        return lines + rest + ["\(conclusion) (\(diff.cellCount) cells compared, \(asOf))"]
    }

    private func names(_ servers: [ServerName]) -> String {
        servers.prefix(20).map(\.text).joined(separator: ", ")
            + (servers.count > 20 ? " and \(servers.count - 20) more" : "")
    }

    /// States with the same change in one line.
    func grouped(_ changes: [PolicyDiff.StateChange]) -> [String] {
        Dictionary(grouping: changes) { "\($0.old) → \($0.new)" }.sorted { $0.key < $1.key }.map { key, changes in
            "\(changes.map(\.state.text).joined(separator: ", ")): \(key)"
        }
    }

    var json: JSONValue {
        .object([
            ("loosened", .truth(diff.isLoosened)), ("tightened", .truth(diff.isTightened)),
            ("at", .optional(diff.time.map(StrictDate.text))), ("old", Self.json(old, oldFile)),
            ("new", Self.json(new, newFile)),
            ("lines", .list(diff.lines.map(json))),
            ("servers_added", .list(diff.serversAdded.map { .text($0.text) })),
            ("servers_removed", .list(diff.serversRemoved.map { .text($0.text) })),
            (
                "states",
                .list(
                    diff.stateChanges.map {
                        .object([("state", .text($0.state.text)), ("old", .text($0.old)), ("new", .text($0.new))])
                    })
            ),
            (
                "settings",
                .list(
                    diff.settings.map { .object([("effect", .text($0.effect.rawValue)), ("text", .text($0.text))]) })
            ),
            ("cells", .number(diff.cellCount)),
        ])
    }

    private static func json(_ policy: Policy, _ file: String) -> JSONValue {
        .object([
            ("file", .text(file)), ("id", .text(policy.id)), ("serial", .number(Int(policy.serial))),
            ("sha256", .text(policy.sha256.hex)),
        ])
    }

    private func json(_ line: PolicyDiff.Line) -> JSONValue {
        .object([
            ("effect", .text(line.effect.rawValue)), ("direction", .text(line.direction.rawValue)),
            (
                "subjects",
                .object([
                    ("states", .list(line.subjects.states.map { .text($0.text) })),
                    ("servers", .list(line.subjects.servers.map { .text($0.text) })),
                    ("new_servers_of", .list(line.subjects.newOnly.map { .text($0.text) })),
                    ("others", .list(line.subjects.others.map { .text($0) })),
                    ("listed", .number(line.subjects.listedCount)),
                ])
            ),
            ("own", .list(line.own.map { .text($0.text) })), ("items", .list(line.items.map { .text($0) })),
            ("reason_code", .text(line.reason.rawValue)), ("rule_id", .optional(line.rule?.id)),
            ("rule_at", .optional(line.rule?.location)), ("old_rule_id", .optional(line.oldRule?.id)),
            ("example", .optional(line.example?.text)), ("command", .optional(line.example.map(command))),
        ])
    }
}
