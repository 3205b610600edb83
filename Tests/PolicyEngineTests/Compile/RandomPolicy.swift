// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// A policy made by dice: it can be written as YAML with its lines in any order, and answer questions in the most
/// obvious way, by searching lists. The compiled one must agree.
struct RandomPolicy {
    struct Tier {
        var name: String
        var like: String?
        var may: [Direction: Set<EndpointClass>] = [:]
        var refuse: [Direction: Set<EndpointClass>] = [:]
        var edu: Set<EDUType>?
        var pinnedOnly = false
    }
    struct Server {
        var name: String
        var state: String?
        var tier: String?
        var isPinned: Bool
    }

    static let states = ["DE", "IT", "NL", "IS", "NO", "CH", "GB", "KP"]
    static let key = "6FqpLhuG5QjdyXjU6wU4LvYKttK/MWmwwtusJlPuqpw"

    var tiers: [Tier] = []
    var groups: [String: [String]] = [:]
    var assign: [String: String] = [:]
    var unknown: String?
    var servers: [Server] = []

    init(using dice: inout SeededGenerator) {
        let names = ["own", "one", "two", "three", "blocked"]
        for name in names {
            var tier = Tier(name: name)
            if name == "three", Bool.random(using: &dice) { tier.like = "one" }
            for direction in Direction.allCases where name != "blocked" {
                if tier.like == nil || Bool.random(using: &dice) {
                    tier.may[direction] = Set(EndpointClass.allCases.filter { _ in Bool.random(using: &dice) })
                }
                if Int.random(in: 0..<3, using: &dice) == 0 {
                    tier.refuse[direction] = Set(
                        EndpointClass.allCases.filter { _ in Int.random(in: 0..<5, using: &dice) == 0 })
                }
            }
            if name != "blocked", Bool.random(using: &dice) {
                tier.edu = Set(EDUType.allCases.filter { _ in Bool.random(using: &dice) })
            }
            tier.pinnedOnly = name == "two" && Int.random(in: 0..<4, using: &dice) == 0
            tiers.append(tier)
        }
        for (index, state) in Self.states.enumerated() {
            let group = "group\(index % 3)"
            if Bool.random(using: &dice) { groups[group, default: []].append(state) }
        }
        let assignable = ["one", "two", "three", "blocked"]
        for group in groups.keys.sorted() where Int.random(in: 0..<4, using: &dice) > 0 {
            assign[group] = assignable.randomElement(using: &dice)
        }
        let grouped = Set(groups.values.flatMap { $0 })
        for state in Self.states where !grouped.contains(state) && Bool.random(using: &dice) {
            assign[state] = assignable.randomElement(using: &dice)
        }
        unknown = ["one", "two", "blocked", nil, nil].randomElement(using: &dice) ?? nil
        for index in 0..<12 {
            let state = ["FR", nil] + Self.states.map { Optional($0) }
            var server = Server(
                name: "s\(index).example.net", state: state.randomElement(using: &dice) ?? nil, tier: nil,
                isPinned: Bool.random(using: &dice))
            if server.state != "FR", server.state.flatMap({ tierName(ofState: $0) }) == nil {
                server.tier = (["one", "two", "blocked", nil] as [String?]).randomElement(using: &dice) ?? nil
            }
            servers.append(server)
        }
    }

    // MARK: The obvious answers

    private func tierName(ofState state: String) -> String? {
        assign[state] ?? groups.first { $0.value.contains(state) }.flatMap { assign[$0.key] }
    }

    private func tier(_ name: String) -> Tier? { tiers.first { $0.name == name } }

    /// The tier of an admitted server.
    func tierName(of server: String) -> String? {
        var name = unknown ?? "blocked"
        var isPinned = false
        if server == "matrix.example.fr" {
            name = "own"
        } else if let listed = servers.first(where: { $0.name == server }) {
            isPinned = listed.isPinned
            if let tier = listed.tier {
                name = tier
            } else if listed.state == "FR" {
                name = "own"
            } else if let state = listed.state, let assigned = tierName(ofState: state) {
                name = assigned
            }
        }
        if name == "blocked" { return nil }
        guard let tier = tier(name) else { return nil }
        let isPinnedOnly = tier.pinnedOnly || tier.like.flatMap { self.tier($0)?.pinnedOnly } == true
        return isPinnedOnly && !isPinned ? nil : name
    }

    func allows(_ endpointClass: EndpointClass, _ direction: Direction, from server: String) -> Bool {
        guard let tier = tierName(of: server).flatMap(tier) else { return false }
        let base = tier.like.flatMap { self.tier($0) }
        if tier.refuse[direction]?.contains(endpointClass) == true { return false }
        if base?.refuse[direction]?.contains(endpointClass) == true { return false }
        return (tier.may[direction] ?? base?.may[direction] ?? []).contains(endpointClass)
    }

    func allows(_ type: EDUType, from server: String) -> Bool {
        guard let tier = tierName(of: server).flatMap(tier) else { return false }
        return (tier.edu ?? tier.like.flatMap { self.tier($0)?.edu } ?? []).contains(type)
    }

    // MARK: YAML

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
            return "\(tier.name): " + mapping(entries)
        }
        let assignLines = assign.map { "\($0.key): \($0.value)" } + (unknown.map { ["unknown: \($0)"] } ?? [])
        let serverLines = servers.map { server in
            var entries = ["name: \(server.name)", "state: \(server.state ?? "none")"]
            if let tier = server.tier { entries.append("tier: \(tier)") }
            if server.isPinned { entries.append("keys: { \"ed25519:a\": \"\(Self.key)\" }") }
            return mapping(entries)
        }
        return [
            "entente: 1", "policy: " + mapping(["id: random", "serial: 3"]),
            "self: " + mapping(["state: FR", "servers: [matrix.example.fr]"]),
            "groups: " + mapping(groups.sorted { $0.key < $1.key }.map { "\($0.key): " + list($0.value) }),
            "tiers: " + mapping(tierLines), "assign: " + mapping(assignLines.sorted()),
            "servers: [" + serverLines.shuffled(using: &dice).joined(separator: ", ") + "]",
        ].shuffled(using: &dice).joined(separator: "\n") + "\n"
    }
}
