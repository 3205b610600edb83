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
        var isShadowed = false
        var downgradeTo: String?
        /// Types of events, by the key of `events` that names them.
        var events: [EventKey: Set<String>] = [:]
        var unknownEventsAreRefused: Bool?
        /// `rooms` that have to be encrypted, and files that have to be shown; of neither anything is known.
        var rooms: Condition?
        var media: Condition?
    }
    /// A condition that cannot be judged, and the answer to that; `nil`: none is written.
    struct Condition {
        var unknown: String?
    }
    /// A closed network: tier `two` is on it, and some of ours.
    struct Closed {
        var servers: [String]
        var isRelayedOverInternet: Bool
    }
    enum EventKey: String, CaseIterable {
        case types
        case stateTypes = "state_types"
        case refuseTypes = "refuse_types"
    }
    struct Server {
        /// Without the `*.` of a pattern.
        var name: String
        var isPattern = false
        var state: String?
        var tier: String?
        var isPinned: Bool
        var owner: String?
        var hosting: String?
        /// The last day; see `Moment`.
        var review: Int?
        var onOverdue: Overdue?
        /// The last day of its pinned key, and what happens then.
        var keyEnd: Int?
        var onKeyOverdue: Overdue?
    }
    enum Attribute: String, CaseIterable {
        case owner = "owner_country"
        case hosting = "hosting_country"
    }
    enum Overdue: String, CaseIterable { case alert, downgrade, refuse }
    struct Requirement {
        var attribute: Attribute
        var states: Set<String>
        var exceptTiers: Set<String>
    }
    struct Lockdown {
        var name: String
        var takesState: Bool
        var keep: Set<String>
        /// `nil`: everything.
        var refuse: Set<EndpointClass>?
    }
    struct List {
        var name: String
        var tier: String
        var state: String?
        var servers: [String]
        var isStale: Bool
    }
    /// A profile in force, with its argument.
    struct InForce {
        var profile: String
        var state: String?
    }
    /// When a policy is looked at: noon of a day of January 2027, and what is in force then.
    struct Moment {
        /// `nil`: no date is looked at.
        var day: Int?
        var lockdowns: [InForce] = []

        func isPast(_ last: Int) -> Bool { day.map { $0 > last } ?? false }
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
        /// The last day.
        var until: Int
        var isShadowed = false
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
    var closed: Closed?
    var servers: [Server] = []
    var exceptions: [Exception] = []
    var requirements: [Requirement] = []
    var lockdowns: [Lockdown] = []
    var lists: [List] = []

    /// Which parts of the language are thrown.
    enum Extent {
        /// Tiers, states, servers, keys and exceptions.
        case plain
        /// Beside them operators, reviews, requirements, patterns, lists, lockdowns, shadow and types of events.
        case whole
    }

    init(_ extent: Extent = .plain, using dice: inout SeededGenerator) {
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
        if extent == .whole { addTrust(using: &dice) }
        for index in 0..<Int.random(in: 0..<5, using: &dice) { addException(index, using: &dice) }
    }

    /// One that compiles: it names somebody, lifts no `blocked`, and rooms only for requests that name one.
    mutating func addException(_ index: Int, using dice: inout SeededGenerator) {
        let named = servers.filter { !$0.isPattern }
        let ends = named.map(\.name) + servers.compactMap(\.state).filter { $0 != "FR" }
        guard let other = ends.randomElement(using: &dice), let own = (self.own + ["FR"]).randomElement(using: &dice)
        else {
            return
        }
        let inRooms = Int.random(in: 0..<3, using: &dice) == 0
        let classes = inRooms ? [.join, .invite, .knock, .leave, .history] : EndpointClass.allCases
        let chosen = classes.filter { _ in Int.random(in: 0..<3, using: &dice) == 0 }
        let isLifting = Bool.random(using: &dice)
        let concerned = servers.filter { ($0.name == other && !$0.isPattern) || $0.state == other }
        let evaluator = ObviousEvaluator(policy: self)
        let isBlocked = concerned.allSatisfy { evaluator.writtenTier(of: $0) == "blocked" }
        guard !chosen.isEmpty, !(isLifting && isBlocked) else { return }
        let directions: [Set<Direction>] = [[.inbound], [.outbound], [.inbound, .outbound]]
        exceptions.append(
            Exception(
                id: "exc-\(index)", own: own, other: other, directions: directions.randomElement(using: &dice) ?? [],
                allow: isLifting ? Set(chosen) : [], refuse: isLifting ? [] : Set(chosen),
                rooms: inRooms ? Array(Self.rooms.prefix(Int.random(in: 1..<3, using: &dice))) : nil,
                until: Int.random(in: 1...31, using: &dice), isShadowed: Int.random(in: 0..<4, using: &dice) == 0))
    }

    /// Every server of which the policy says something; for a pattern the name that tools ask about.
    var namesToAsk: [String] {
        own + servers.map { ($0.isPattern ? "any-server." : "") + $0.name } + lists.flatMap(\.servers)
    }

    /// The tier that `assign` gives a state.
    func tierName(ofState state: String) -> String? {
        assign[state] ?? groups.first { $0.value.contains(state) }.flatMap { assign[$0.key] }
    }

    /// The same policy after one small change, as an officer makes it.
    func changed(using dice: inout SeededGenerator) -> RandomPolicy {
        var copy = self
        switch Int.random(in: 0..<12, using: &dice) {
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
        case 9: copy.requirements = Array(requirements.dropFirst())
        case 10:
            let index = Int.random(in: 1..<4, using: &dice)
            let type = Self.eventTypes.randomElement(using: &dice)?.name ?? ""
            copy.tiers[index].events[.refuseTypes] =
                copy.tiers[index].events[.refuseTypes].map { $0.union([type]) } ?? [type]
        case 11: copy.lists = Array(lists.dropFirst())
        case 4:
            copy.exceptions = []
            copy.unknown = ["one", "two", "blocked", nil].randomElement(using: &dice) ?? nil
        case 5: copy.anonymous = ["one", "two", nil].randomElement(using: &dice) ?? nil
        default:
            (copy.exceptions, copy.closed) = ([], nil)
            copy.own = own.count > 1 ? Array(own.dropLast()) : own + ["third.example.fr"]
        }
        return copy
    }
}
