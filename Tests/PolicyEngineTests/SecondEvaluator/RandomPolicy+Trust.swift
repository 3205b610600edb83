// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

extension RandomPolicy {
    /// Types that events and lists of types are thrown from; whether an event of the type is state.
    static let eventTypes: [(name: String, isState: Bool, isKnown: Bool)] = [
        ("m.room.message", false, true), ("m.room.encrypted", false, true), ("m.room.topic", true, true),
        ("m.room.member", true, true), ("org.example.odd", false, false),
    ]

    /// Everything beyond tiers, states, servers and exceptions.
    mutating func addTrust(using dice: inout SeededGenerator) {
        addLowTier(using: &dice)
        addEvents(using: &dice)
        addConditions(using: &dice)
        if own.count > 1, Bool.random(using: &dice) {
            closed = Closed(servers: [own[1]], isRelayedOverInternet: Bool.random(using: &dice))
        }
        addOwners(using: &dice)
        for name in ["*.land.example.net", "*.deep.land.example.net"] where Bool.random(using: &dice) {
            var pattern = Server(
                name: String(name.dropFirst(2)), state: Self.states.randomElement(using: &dice), isPinned: false)
            pattern.isPattern = true
            servers.append(pattern)
        }
        addLists(using: &dice)
        addLockdowns(using: &dice)
        for index in tiers.indices where ["two", "three"].contains(tiers[index].name) {
            tiers[index].isShadowed = Int.random(in: 0..<5, using: &dice) == 0
        }
    }

    /// What is left when the dice decide when it is looked at.
    func moment(using dice: inout SeededGenerator) -> Moment {
        var moment = Moment(day: Int.random(in: 0..<4, using: &dice) == 0 ? nil : Int.random(in: 1...31, using: &dice))
        for lockdown in lockdowns where Int.random(in: 0..<3, using: &dice) == 0 {
            let state = lockdown.takesState ? Self.states.randomElement(using: &dice) : nil
            moment.lockdowns.append(.init(profile: lockdown.name, state: state))
        }
        return moment
    }

    /// The tier to which servers of `one` are put down: it may less, by refusing more.
    private mutating func addLowTier(using dice: inout SeededGenerator) {
        var low = Tier(name: "low", like: "one")
        for direction in Direction.allCases {
            low.refuse[direction] = Set(EndpointClass.allCases.filter { _ in Int.random(in: 0..<3, using: &dice) == 0 })
        }
        tiers.append(low)
        for index in tiers.indices where tiers[index].name == "one" {
            tiers[index].downgradeTo = ["low", "blocked", nil].randomElement(using: &dice) ?? nil
        }
        for index in tiers.indices where tiers[index].name == "three" {
            tiers[index].downgradeTo = ["blocked", nil].randomElement(using: &dice) ?? nil
        }
    }

    private mutating func addEvents(using dice: inout SeededGenerator) {
        for index in tiers.indices where ["one", "two", "three"].contains(tiers[index].name) {
            for key in EventKey.allCases where Int.random(in: 0..<4, using: &dice) == 0 {
                let fitting = Self.eventTypes.filter { key == .refuseTypes || $0.isState == (key == .stateTypes) }
                let chosen = fitting.map(\.name).filter { _ in Bool.random(using: &dice) }
                if !chosen.isEmpty { tiers[index].events[key] = Set(chosen) }
            }
            tiers[index].unknownEventsAreRefused = [true, false, nil].randomElement(using: &dice) ?? nil
        }
    }

    private mutating func addConditions(using dice: inout SeededGenerator) {
        for index in tiers.indices where ["one", "two", "three"].contains(tiers[index].name) {
            func condition() -> Condition? {
                guard Int.random(in: 0..<3, using: &dice) == 0 else { return nil }
                return Condition(unknown: ["allow", "alert", "refuse", nil].randomElement(using: &dice) ?? nil)
            }
            tiers[index].rooms = condition()
            tiers[index].media = condition()
        }
    }

    private mutating func addOwners(using dice: inout SeededGenerator) {
        func chance(_ one: Int, _ dice: inout SeededGenerator) -> Bool { Int.random(in: 0..<one, using: &dice) == 0 }
        let evaluator = ObviousEvaluator(policy: self)
        for index in servers.indices {
            if !chance(4, &dice) { servers[index].owner = Self.states.randomElement(using: &dice) }
            if !chance(4, &dice) { servers[index].hosting = Self.states.randomElement(using: &dice) }
            if chance(2, &dice) { servers[index].review = Int.random(in: 1...31, using: &dice) }
            let lower = evaluator.tier(evaluator.writtenTier(of: servers[index]))?.downgradeTo
            let choices: [Overdue?] = lower == nil ? [.alert, .refuse, nil] : [.alert, .downgrade, .refuse, nil]
            servers[index].onOverdue = choices.randomElement(using: &dice) ?? nil
            if servers[index].isPinned, chance(2, &dice) {
                servers[index].keyEnd = Int.random(in: 1...31, using: &dice)
                servers[index].onKeyOverdue = choices.randomElement(using: &dice) ?? nil
            }
        }
        for attribute in Attribute.allCases where chance(3, &dice) {
            requirements.append(
                Requirement(
                    attribute: attribute, states: Set(Self.states.filter { _ in !chance(4, &dice) }).union(["DE"]),
                    exceptTiers: Set(["two", "three"].filter { _ in chance(3, &dice) })))
        }
    }

    /// Text lists that overlap each other, the written servers and the patterns.
    private mutating func addLists(using dice: inout SeededGenerator) {
        let names = ["l0.example.net", "l1.example.net", "l2.example.net", "s1.example.net", "a.land.example.net"]
        for index in 0..<Int.random(in: 0..<4, using: &dice) {
            let chosen = names.filter { _ in Bool.random(using: &dice) }
            guard !chosen.isEmpty, let tier = ["one", "two", "blocked"].randomElement(using: &dice) else { continue }
            // A state that has no tier binds the list's tier to nothing.
            let free = Self.states.filter { tierName(ofState: $0) == nil }
            lists.append(
                List(
                    name: "list\(index)", tier: tier, state: Bool.random(using: &dice) ? free.first : nil,
                    servers: chosen,
                    isStale: Int.random(in: 0..<4, using: &dice) == 0))
        }
    }

    private mutating func addLockdowns(using dice: inout SeededGenerator) {
        for name in ["everything", "some"] where Bool.random(using: &dice) {
            let refuse = EndpointClass.allCases.filter { _ in Bool.random(using: &dice) }
            lockdowns.append(
                Lockdown(
                    name: name, takesState: Bool.random(using: &dice),
                    keep: Set(["own", "one", "two"].filter { _ in Bool.random(using: &dice) }),
                    refuse: name == "everything" || refuse.isEmpty ? nil : Set(refuse)))
        }
    }
}
