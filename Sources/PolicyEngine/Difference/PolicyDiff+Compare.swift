// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension PolicyDiff {
    /// Asks both policies everything that one of them can tell apart.
    package init(from old: Policy, to new: Policy) throws(TooManyCells) {
        let atoms = PolicyAtoms([old, new])
        cellCount = atoms.cellCount
        guard atoms.cellCount <= PolicyAtoms.maxCells else { throw TooManyCells(count: atoms.cellCount) }
        var gathering = LineGathering(old: old, new: new, atoms: atoms)
        for (index, server) in atoms.servers.enumerated() {
            for (group, own) in atoms.own.enumerated() {
                for direction in Direction.allCases {
                    gathering.compare(server, index, own: own.first, group, direction)
                }
            }
        }
        lines = gathering.lines + Self.anonymous(old, new)
        let (before, after) = (Set(old.representatives), Set(new.representatives))
        serversAdded = after.subtracting(before).sorted { $0.text < $1.text }
        serversRemoved = before.subtracting(after).sorted { $0.text < $1.text }
        stateChanges = Set(old.namedStates + new.namedStates).sorted().compactMap { state in
            let (was, becomes) = (
                old.compiled.tiers[old.tier(ofNewServerOf: state)].name,
                new.compiled.tiers[new.tier(ofNewServerOf: state)].name
            )
            return was == becomes ? nil : StateChange(state: state, old: was, new: becomes)
        }
        settings = SettingChanges(old: old, new: new).all
        time = new.lookedAt
    }

    /// Requests that name no server.
    private static func anonymous(_ old: Policy, _ new: Policy) -> [Line] {
        var items: [Effect: [(EndpointClass, Verdict, Verdict)]] = [:]
        for endpointClass in EndpointClass.inTableOrder {
            let (was, becomes) = (
                old.decideAnonymous(endpointClass, .inbound), new.decideAnonymous(endpointClass, .inbound)
            )
            guard was.isAllowed != becomes.isAllowed else { continue }
            items[becomes.isAllowed ? .loosened : .tightened, default: []].append((endpointClass, was, becomes))
        }
        return items.sorted { $0.key < $1.key }.compactMap { effect, changes in
            guard let (_, was, becomes) = changes.first else { return nil }
            return Line(
                effect: effect, direction: .inbound, subjects: Subjects(others: ["requests that name no server"]),
                own: [],
                items: changes.map(\.0.rawValue), rule: becomes.rule, oldRule: was.rule, reason: becomes.reason,
                example: nil)
        }
    }
}

/// Gathers cells that changed sides: same effect, direction and rule, then same servers, then same servers of ours.
struct LineGathering {
    let old: Policy
    let new: Policy
    let atoms: PolicyAtoms
    /// Asked first, where only what the two below add is of interest: what they decide otherwise is not told again.
    let base: (old: Policy, new: Policy)?

    private struct Change: Hashable {
        let effect: PolicyDiff.Effect
        let own: Int
        let direction: Direction
        let concern: PolicyConcern
        /// Of the policy that allows it: what is read when the line is read.
        let rule: String
    }
    private struct Found {
        let was: Verdict
        let becomes: Verdict
        let example: PolicyQuestion
        let order: Int
        var servers: [Int]
    }
    private var found: [Change: Found] = [:]

    init(old: Policy, new: Policy, atoms: PolicyAtoms, base: (old: Policy, new: Policy)? = nil) {
        (self.old, self.new, self.atoms, self.base) = (old, new, atoms, base)
    }

    mutating func compare(
        _ server: PolicyAtoms.Server, _ index: Int, own: ServerName?, _ group: Int, _ direction: Direction
    ) {
        var sending: PolicyDiff.Effect?
        var plain: [EndpointClass: PolicyDiff.Effect] = [:]
        let rooms = Dictionary(grouping: atoms.concerns(of: index).dropFirst(atoms.concerns.count), by: \.endpointClass)
        /// Whether knowing the room changes nothing, so that the line of the class says it all.
        func isUniform(_ endpointClass: EndpointClass) -> Bool {
            (rooms[endpointClass] ?? []).allSatisfy { concern in
                let question = atoms.question(server, own: own, direction, concern)
                let (was, becomes) = (old.answer(question).isAllowed, new.answer(question).isAllowed)
                return plain[endpointClass] == (was == becomes ? nil : becomes ? .loosened : .tightened)
            }
        }
        for concern in atoms.concerns(of: index) {
            let question = atoms.question(server, own: own, direction, concern)
            let (was, becomes) = (old.answer(question), new.answer(question))
            guard was.isAllowed != becomes.isAllowed else { continue }
            if let base, base.old.answer(question).isAllowed != base.new.answer(question).isAllowed { continue }
            let effect = becomes.isAllowed ? PolicyDiff.Effect.loosened : .tightened
            if concern == .endpointClass(.send) { sending = effect }
            if case .endpointClass(let endpointClass) = concern { plain[endpointClass] = effect }
            if case .inRoom(let endpointClass, _) = concern, isUniform(endpointClass) { continue }
            // That a server may be an author follows from `send`; only what types add is worth a word.
            if case .event = concern, sending == effect { continue }
            let change = Change(
                effect: effect, own: group, direction: direction, concern: concern,
                rule: (becomes.isAllowed ? becomes : was).rule?.id ?? "")
            let first = Found(was: was, becomes: becomes, example: question, order: found.count, servers: [])
            found[change, default: first].servers.append(index)
        }
    }

    var lines: [PolicyDiff.Line] {
        struct Who: Hashable {
            let effect: PolicyDiff.Effect
            let direction: Direction
            let rule: String
            let servers: [Int]
        }
        var concerns: [Who: [PolicyConcern: (own: Set<Int>, found: Found)]] = [:]
        for (change, cells) in found {
            let who = Who(
                effect: change.effect, direction: change.direction, rule: change.rule, servers: cells.servers.sorted())
            let first = concerns[who]?[change.concern]?.found
            let earlier = first.map { $0.order < cells.order ? $0 : cells } ?? cells
            concerns[who, default: [:]][change.concern, default: ([], cells)].own.insert(change.own)
            concerns[who]?[change.concern]?.found = earlier
        }
        let order = Dictionary(
            atoms.servers.indices.flatMap { atoms.concerns(of: $0).enumerated().map { ($1, $0) } },
            uniquingKeysWith: { first, _ in first })
        return concerns.flatMap { who, items -> [PolicyDiff.Line] in
            let byOwn = Dictionary(grouping: items) { $0.value.own.sorted() }
            return byOwn.compactMap { own, items in
                let sorted = items.sorted { (order[$0.key] ?? 0, $0.key.text) < (order[$1.key] ?? 0, $1.key.text) }
                guard let first = sorted.first?.value.found else { return nil }
                return PolicyDiff.Line(
                    effect: who.effect, direction: who.direction, subjects: subjects(who.servers),
                    own: own.count == atoms.own.count ? [] : own.flatMap { atoms.own[$0] },
                    items: sorted.map(\.key.text),
                    rule: first.becomes.rule, oldRule: first.was.rule, reason: first.becomes.reason,
                    example: first.example)
            }
        }.sorted { a, b in
            func rank(_ line: PolicyDiff.Line) -> (PolicyDiff.Effect, Int, String, String, String) {
                (line.effect, line.direction.index, line.subjects.text, line.items.joined(), line.rule?.id ?? "")
            }
            return rank(a) < rank(b)
        }
    }

    /// A state is named once for its servers; a server by its name where its state does not say it.
    private func subjects(_ indices: [Int]) -> PolicyDiff.Subjects {
        var subjects = PolicyDiff.Subjects()
        let groups = indices.map { atoms.servers[$0] }
        let listed = groups.flatMap(\.listed)
        subjects.listedCount = listed.count
        let states = Set(groups.flatMap(\.states))
        let here = Dictionary(grouping: listed, by: state)
        let all = Dictionary(grouping: atoms.servers.flatMap(\.listed), by: state)
        for (state, servers) in here {
            if let state, all[state]?.count == servers.count {
                subjects.states.append(state)
            } else {
                subjects.servers += servers
            }
        }
        for state in states where here[state] == nil || !subjects.states.contains(state) {
            if all[state] == nil { subjects.states.append(state) } else { subjects.newOnly.append(state) }
        }
        subjects.states.sort()
        subjects.newOnly.sort()
        subjects.servers.sort { $0.text < $1.text }
        for other in groups.flatMap(\.others) where !subjects.others.contains(other.rawValue) {
            subjects.others.append(other.rawValue)
        }
        let imitated = groups.flatMap(\.imitated).map(\.text).sorted()
        if imitated.count == atoms.servers.reduce(0, { $0 + $1.imitated.count }) {
            subjects.others.append("names that look like a listed one")
        } else if !imitated.isEmpty {
            subjects.others.append(
                "names that look like \(PolicyDiff.Subjects.shortened(imitated, of: 12))")
        }
        return subjects
    }

    private func state(_ name: ServerName) -> CountryCode? { new.state(of: name) ?? old.state(of: name) }
}

extension PolicyDiff.Subjects {
    /// For people, as `DE, FR (3 servers)`; at most twelve names of each kind.
    package var text: String {
        var parts: [String] = []
        if !states.isEmpty { parts.append(Self.shortened(states.map(\.text), of: 30)) }
        if !servers.isEmpty { parts.append(Self.shortened(servers.map(\.text), of: 12)) }
        var text = parts.joined(separator: "; ")
        if !states.isEmpty { text += " (\(listedCount) server\(listedCount == 1 ? "" : "s"))" }
        var more = others
        if !newOnly.isEmpty { more.insert("new servers of \(Self.shortened(newOnly.map(\.text), of: 30))", at: 0) }
        return ([text].filter { !$0.isEmpty } + more).joined(separator: "; ")
    }

    fileprivate static func shortened(_ words: [String], of limit: Int) -> String {
        let shown = words.prefix(limit).joined(separator: ", ")
        return words.count > limit ? "\(shown) and \(words.count - limit) more" : shown
    }
}
