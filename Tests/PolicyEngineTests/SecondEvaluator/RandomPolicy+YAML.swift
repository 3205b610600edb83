// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

extension RandomPolicy {
    /// - Parameter dice: shuffles every mapping and every list.
    func yaml(using dice: inout SeededGenerator) -> String {
        func list(_ words: some Sequence<String>) -> String {
            "[" + words.sorted().shuffled(using: &dice).joined(separator: ", ") + "]"
        }
        func mapping(_ entries: [String]) -> String {
            "{ " + entries.shuffled(using: &dice).joined(separator: ", ") + " }"
        }
        let tierLines = tiers.map { tier in
            var entries = tier.like.map { ["like: \($0)"] } ?? []
            for direction in Direction.allCases {
                var inner: [String] = []
                if let may = tier.may[direction] { inner.append("may: " + list(may.map(\.rawValue))) }
                if let refuse = tier.refuse[direction] { inner.append("refuse: " + list(refuse.map(\.rawValue))) }
                if !inner.isEmpty { entries.append("\(direction.rawValue): " + mapping(inner)) }
            }
            if let edu = tier.edu { entries.append("edu: " + list(edu.map(\.rawValue))) }
            if tier.pinnedOnly { entries.append("keys: pinned_only") }
            if tier.isShadowed { entries.append("mode: shadow") }
            if let lower = tier.downgradeTo { entries.append("downgrade_to: \(lower)") }
            var events = tier.events.map { "\($0.key.rawValue): " + list($0.value) }.sorted()
            if let refused = tier.unknownEventsAreRefused {
                events.append("unknown_types: \(refused ? "refuse" : "allow")")
            }
            if !events.isEmpty { entries.append("events: " + mapping(events)) }
            for (section, key, condition) in [
                ("rooms", "encrypted: required", tier.rooms), ("media", "require_reference: true", tier.media),
            ] {
                guard let condition else { continue }
                entries.append("\(section): " + mapping([key] + (condition.unknown.map { ["unknown: \($0)"] } ?? [])))
            }
            if closed != nil, tier.name == "two" { entries.append("network: closed") }
            return "\(tier.name): " + mapping(entries)
        }
        let assignLines =
            assign.map { "\($0.key): \($0.value)" } + (unknown.map { ["unknown: \($0)"] } ?? [])
            + (anonymous.map { ["anonymous: \($0)"] } ?? [])
        let serverLines = servers.map { server in
            var entries = [
                "name: \"\(server.isPattern ? "*." : "")\(server.name)\"", "state: \(server.state ?? "none")",
            ]
            let countries = [
                server.owner.map { "owner_country: \($0)" }, server.hosting.map { "hosting_country: \($0)" },
            ]
            if countries.contains(where: { $0 != nil }) {
                entries.append("operator: " + mapping(countries.compactMap(\.self)))
            }
            if let review = server.review { entries.append("review_by: \(day(review))") }
            if let overdue = server.onOverdue { entries.append("on_overdue: \(overdue.rawValue)") }
            if let tier = server.tier { entries.append("tier: \(tier)") }
            if server.isPinned {
                var keys = ["\"ed25519:a\": \"\(Self.key)\""]
                if let end = server.keyEnd { keys.append("not_after: \(day(end))") }
                if let overdue = server.onKeyOverdue { keys.append("on_overdue: \(overdue.rawValue)") }
                entries.append("keys: " + mapping(keys))
            }
            return mapping(entries)
        }
        let exceptionLines = exceptions.map { exception in
            let direction = exception.directions.count == 2 ? "both" : exception.directions.first?.rawValue ?? ""
            var entries = [
                "id: \(exception.id)", "between: " + list([exception.own, exception.other]), "direction: \(direction)",
                "until: \(day(exception.until))", "reason: dice", "approved_by: [officer-a]",
            ]
            if !exception.allow.isEmpty { entries.append("allow: " + list(exception.allow.map(\.rawValue))) }
            if !exception.refuse.isEmpty { entries.append("refuse: " + list(exception.refuse.map(\.rawValue))) }
            if exception.isShadowed { entries.append("mode: shadow") }
            if let rooms = exception.rooms { entries.append("rooms: " + list(rooms.map { "\"\($0)\"" })) }
            return mapping(entries)
        }
        let requirementLines = requirements.map { requirement in
            mapping([
                "\(requirement.attribute.rawValue): { in: \(list(requirement.states)) }",
                "except_tier: " + list(requirement.exceptTiers),
            ])
        }
        let lockdownLines = lockdowns.map { lockdown in
            var entries = ["keep: " + list(lockdown.keep), "max: 24h"]
            if lockdown.takesState { entries.append("argument: state") }
            if let refuse = lockdown.refuse { entries.append("refuse: " + list(refuse.map(\.rawValue))) }
            return "\(lockdown.name): " + mapping(entries)
        }
        let listLines = lists.map { list in
            "\(list.name): "
                + mapping([
                    "file: \(list.name).txt", "form: text", "tier: \(list.tier)", "state: \(list.state ?? "none")",
                ])
        }
        let networkLines = closed.map { closed in
            var entries = ["listener: l", "resolver: r", "ca: c", "servers: " + list(closed.servers)]
            if closed.isRelayedOverInternet { entries.append("relayed_over: [internet]") }
            return ["closed: " + mapping(entries)]
        }
        return [
            "entente: 1", "networks: " + mapping(networkLines ?? []),
            "policy: " + mapping(["id: random", "serial: 3"]),
            "self: " + mapping(["state: FR", "servers: " + list(own)]),
            "groups: " + mapping(groups.sorted { $0.key < $1.key }.map { "\($0.key): " + list($0.value) }),
            "tiers: " + mapping(tierLines), "assign: " + mapping(assignLines.sorted()),
            "exceptions: [" + exceptionLines.shuffled(using: &dice).joined(separator: ", ") + "]",
            "require: [" + requirementLines.shuffled(using: &dice).joined(separator: ", ") + "]",
            "lockdown: " + mapping(lockdownLines), "lists: " + mapping(listLines),
            "servers: [" + serverLines.shuffled(using: &dice).joined(separator: ", ") + "]",
        ].shuffled(using: &dice).joined(separator: "\n") + "\n"
    }

    /// The policy, compiled with its lists.
    func compiled(using dice: inout SeededGenerator) throws -> Policy {
        let text = yaml(using: &dice)
        var readings: [String: ListReading] = [:]
        for list in lists {
            let names = list.servers.shuffled(using: &dice).joined(separator: "\n")
            readings[list.name] = .read(try ServerList(text: Array(names.utf8)), isStale: list.isStale)
        }
        return try Policy.compile(Array(text.utf8), fileName: "policy.yaml", lists: readings)
    }

    private func day(_ number: Int) -> String { "2027-01-" + (number < 10 ? "0" : "") + String(number) }
}
