// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// A policy made by dice: it can be written as YAML with its lines in any order, and `ObviousEvaluator` answers questions
/// to it. The compiled one must agree.
///
/// A new part of the language is a field here, a line in `init` and in `yaml`, and a step in the evaluator.
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

    struct Exception {
        var id: String
        /// One of ours, or our state.
        var own: String
        /// A listed server, or a state.
        var other: String
        var directions: Set<Direction>
        var allow: Set<EndpointClass>
        var refuse: Set<EndpointClass>
        var rooms: [String]?
    }

    static let rooms = ["!a:s1.example.net", "!b:s1.example.net", "!c:s1.example.net"]
    static let states = ["DE", "IT", "NL", "IS", "NO", "CH", "GB", "KP"]
    static let key = "6FqpLhuG5QjdyXjU6wU4LvYKttK/MWmwwtusJlPuqpw"

    var tiers: [Tier] = []
    var groups: [String: [String]] = [:]
    var assign: [String: String] = [:]
    var unknown: String?
    var anonymous: String?
    var own = ["matrix.example.fr"]
    var servers: [Server] = []
    var exceptions: [Exception] = []

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
        anonymous = ["own", "one", nil, nil].randomElement(using: &dice) ?? nil
        if Bool.random(using: &dice) { own.append("second.example.fr") }
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
        for index in 0..<Int.random(in: 0..<5, using: &dice) { addException(index, using: &dice) }
    }

    /// One that compiles: it names somebody, lifts no `blocked`, and rooms only for requests that name one.
    mutating func addException(_ index: Int, using dice: inout SeededGenerator) {
        let ends = servers.map(\.name) + servers.compactMap(\.state).filter { $0 != "FR" }
        guard let other = ends.randomElement(using: &dice), let own = (self.own + ["FR"]).randomElement(using: &dice)
        else {
            return
        }
        let inRooms = Int.random(in: 0..<3, using: &dice) == 0
        let classes = inRooms ? [.join, .invite, .knock, .leave, .history] : EndpointClass.allCases
        let chosen = classes.filter { _ in Int.random(in: 0..<3, using: &dice) == 0 }
        let isLifting = Bool.random(using: &dice)
        let concerned = servers.filter { $0.name == other || $0.state == other }
        let evaluator = ObviousEvaluator(policy: self)
        let isBlocked = concerned.allSatisfy { evaluator.tierName(of: $0.name) == "blocked" }
        guard !chosen.isEmpty, !(isLifting && isBlocked) else { return }
        let directions: [Set<Direction>] = [[.inbound], [.outbound], [.inbound, .outbound]]
        exceptions.append(
            Exception(
                id: "exc-\(index)", own: own, other: other, directions: directions.randomElement(using: &dice) ?? [],
                allow: isLifting ? Set(chosen) : [], refuse: isLifting ? [] : Set(chosen),
                rooms: inRooms ? Array(Self.rooms.prefix(Int.random(in: 1..<3, using: &dice))) : nil))
    }

    /// The tier that `assign` gives a state.
    func tierName(ofState state: String) -> String? {
        assign[state] ?? groups.first { $0.value.contains(state) }.flatMap { assign[$0.key] }
    }

    /// The same policy after one small change, as an officer makes it.
    func changed(using dice: inout SeededGenerator) -> RandomPolicy {
        var copy = self
        switch Int.random(in: 0..<9, using: &dice) {
        case 0:
            let index = Int.random(in: 0..<4, using: &dice)
            let direction = Direction.allCases.randomElement(using: &dice) ?? .inbound
            let endpointClass = EndpointClass.allCases.randomElement(using: &dice) ?? .send
            copy.tiers[index].refuse[direction, default: []].formSymmetricDifference([endpointClass])
        case 1:
            let index = Int.random(in: 0..<4, using: &dice)
            copy.tiers[index].edu = Set(EDUType.allCases.filter { _ in Bool.random(using: &dice) })
        case 2:
            copy.servers.remove(at: Int.random(in: 0..<servers.count, using: &dice))
            copy.exceptions = []
        case 3:
            copy.servers.append(Server(name: "added.example.net", state: "DE", tier: nil, isPinned: true))
        case 7: copy.addException(9, using: &dice)
        case 8: copy.exceptions = Array(exceptions.dropFirst())
        case 4:
            copy.exceptions = []
            copy.unknown = ["one", "two", "blocked", nil].randomElement(using: &dice) ?? nil
        case 5: copy.anonymous = ["one", "two", nil].randomElement(using: &dice) ?? nil
        default:
            copy.exceptions = []
            copy.own = own.count > 1 ? Array(own.dropLast()) : own + ["third.example.fr"]
        }
        return copy
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
        let assignLines =
            assign.map { "\($0.key): \($0.value)" } + (unknown.map { ["unknown: \($0)"] } ?? [])
            + (anonymous.map { ["anonymous: \($0)"] } ?? [])
        let serverLines = servers.map { server in
            var entries = ["name: \(server.name)", "state: \(server.state ?? "none")"]
            if let tier = server.tier { entries.append("tier: \(tier)") }
            if server.isPinned { entries.append("keys: { \"ed25519:a\": \"\(Self.key)\" }") }
            return mapping(entries)
        }
        let exceptionLines = exceptions.map { exception in
            let direction = exception.directions.count == 2 ? "both" : exception.directions.first?.rawValue ?? ""
            var entries = [
                "id: \(exception.id)", "between: " + list([exception.own, exception.other]), "direction: \(direction)",
                "until: 2030-01-01", "reason: dice", "approved_by: [officer-a]",
            ]
            if !exception.allow.isEmpty { entries.append("allow: " + list(exception.allow.map(\.rawValue))) }
            if !exception.refuse.isEmpty { entries.append("refuse: " + list(exception.refuse.map(\.rawValue))) }
            if let rooms = exception.rooms { entries.append("rooms: " + list(rooms.map { "\"\($0)\"" })) }
            return mapping(entries)
        }
        return [
            "entente: 1", "policy: " + mapping(["id: random", "serial: 3"]),
            "self: " + mapping(["state: FR", "servers: " + list(own)]),
            "groups: " + mapping(groups.sorted { $0.key < $1.key }.map { "\($0.key): " + list($0.value) }),
            "tiers: " + mapping(tierLines), "assign: " + mapping(assignLines.sorted()),
            "exceptions: [" + exceptionLines.shuffled(using: &dice).joined(separator: ", ") + "]",
            "servers: [" + serverLines.shuffled(using: &dice).joined(separator: ", ") + "]",
        ].shuffled(using: &dice).joined(separator: "\n") + "\n"
    }
}
