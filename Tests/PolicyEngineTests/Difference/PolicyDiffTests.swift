// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("What another policy decides otherwise")
struct PolicyDiffTests {
    private func diff(_ changes: (String, String)...) throws -> PolicyDiff {
        var text = VerdictTests.text
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try PolicyDiff(from: .of(VerdictTests.text), to: .of(text))
    }

    @Test("is nothing between a policy and itself, and between spellings of it")
    func same() throws {
        let diff = try diff(("[keys, join, send, profile]", "[send, profile, join, keys]"))
        #expect(diff.lines.isEmpty && diff.settings.isEmpty && !diff.isLoosened && !diff.isTightened)
    }

    @Test("names who is newly allowed what, by which line, with an example")
    func loosened() throws {
        let diff = try diff(("inbound: { refuse: [join] }", "inbound: { refuse: [keys] }"))
        let line = try #require(diff.lines.first)
        #expect(line.effect == .loosened && line.direction == .inbound && line.items == ["join"])
        #expect(line.subjects.states.map(\.text) == ["IS", "NO"] && line.subjects.listedCount == 1)
        #expect(line.rule?.id == "tiers.eu.inbound.may")
        let example = try #require(line.example)
        #expect(example.endpointClass == .join && example.origin.text == "c.example.no")
        #expect(diff.isLoosened && diff.lines.last?.effect == .tightened && diff.lines.last?.items == ["keys"])
    }

    @Test("tells a state that nobody has servers of yet, and a server apart from its state")
    func states() throws {
        let moved = try diff(("shut: [KP]", "shut: [KP, CU]"), ("eu: [DE, IT]", "eu: [DE, IT, ES]"))
        #expect(moved.lines.allSatisfy { $0.effect == .loosened && $0.subjects.states.map(\.text) == ["ES"] })
        #expect(moved.stateChanges.map(\.state.text) == ["ES"])
        let narrowed = try diff(
            ("{ name: a.example.de, state: DE }", "{ name: a.example.de, state: DE, tier: reader }"))
        #expect(narrowed.isTightened && !narrowed.isLoosened)
        #expect(narrowed.lines.allSatisfy { $0.subjects.states.isEmpty || $0.subjects.servers.isEmpty })
    }

    @Test("a server more and a server less are named, with what they may")
    func servers() throws {
        let diff = try diff(("{ name: a.example.de, state: DE }", "{ name: z.example.de, state: DE }"))
        #expect(
            diff.serversAdded.map(\.text) == ["z.example.de"] && diff.serversRemoved.map(\.text) == ["a.example.de"])
        #expect(diff.isLoosened && diff.isTightened)
        #expect(diff.lines.first?.effect == .loosened && diff.lines.last?.effect == .tightened)
    }

    @Test(
        "what no verdict shows is judged, too",
        arguments: [
            (", keys: { \"ed25519:a_1\": \"\(VerdictTests.key)\", not_after: 2027-06-30 }", "", true),
            ("2027-06-30", "2027-07-30", true), ("2027-06-30", "2027-05-30", false),
            ("ed25519:a_1", "ed25519:a_2", true),
            ("serial: 7", "serial: 8, mode: shadow", true),
            ("state: FR,", "state: FR, require_destination: false,", true),
        ])
    func settings(old: String, new: String, isLoosened: Bool) throws {
        let diff = try diff((old, new))
        #expect(diff.isLoosened == isLoosened && diff.isTightened == !isLoosened && diff.lines.isEmpty)
    }

    @Test("a new server of ours, an admitted stranger and nameless requests are seen")
    func others() throws {
        let ours = try diff(("servers: [matrix.example.gouv.fr]", "servers: [matrix.example.gouv.fr, b.example.fr]"))
        #expect(ours.isLoosened && ours.lines.contains { $0.own.map(\.text) == ["b.example.fr"] })
        let strangers = try diff(("unknown: blocked", "unknown: reader"))
        #expect(strangers.lines.contains { $0.subjects.others == ["servers that are not listed"] })
        let nameless = try diff(("unknown: blocked", "unknown: blocked, anonymous: own"))
        #expect(nameless.lines.contains { $0.subjects.others == ["requests that name no server"] && $0.example == nil })
    }

    // MARK: Brute force

    private struct Cell: Hashable, CustomStringConvertible {
        let isLoosened: Bool
        let server: String
        let own: String
        let direction: Direction
        let item: String
        var description: String { "\(isLoosened ? "+" : "-") \(server) \(direction) \(own) \(item)" }
    }

    @Test("agrees with asking both policies everything", arguments: 0..<50 as Range<UInt64>)
    func bruteForce(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let first = RandomPolicy(.whole, using: &dice)
        // Small changes as officers make them, and policies that have nothing in common.
        let second = seed % 3 == 0 ? RandomPolicy(.whole, using: &dice) : first.changed(using: &dice)
        let (old, new) = (try first.compiled(using: &dice), try second.compiled(using: &dice))
        let diff = try PolicyDiff(from: old, to: new)
        // A server of a list that a pattern covers goes by the pattern's name.
        let listed = Set(old.listedServers + new.listedServers)
        let names = try Set((first.namesToAsk + second.namesToAsk).map { try ServerName($0) })
            .filter { listed.contains($0) || $0.text.hasPrefix("any-server.") }
        let expected = try askEverything(old, new, names)
        let got = try expand(diff, old, new, names)
        #expect(
            got == expected, "seed \(seed): \(got.symmetricDifference(expected).map(\.description).sorted().prefix(5))")
        try askAboutAuthors(old, new, diff, "seed \(seed)", &dice)
    }

    private static let strangers = ["unlisted-too.example.org", "S1.example.net", "198.51.100.77"]

    private func askEverything(_ old: Policy, _ new: Policy, _ names: Set<ServerName>) throws -> Set<Cell> {
        let strangers = try Self.strangers.map { try ServerName($0) }
        let concerns = PolicyConcern.all(eventTypes: PolicyAtoms.eventTypes(of: [old, new]))
        var cells: Set<Cell> = []
        for server in names.union(strangers) {
            for own in Set(old.ownServers + new.ownServers) {
                for direction in Direction.allCases {
                    var sending: Bool?
                    for concern in concerns {
                        var question = PolicyQuestion(
                            direction: direction, own: own, peer: server, endpointClass: concern.endpointClass)
                        if case .edu(let kind) = concern { question.edu = kind }
                        if case .event(let type) = concern { (question.author, question.eventType) = (server, type) }
                        let becomes = new.answer(question).isAllowed
                        guard old.answer(question).isAllowed != becomes else { continue }
                        if concern == .endpointClass(.send) { sending = becomes }
                        // Said once, of `send`.
                        if case .event = concern, sending == becomes { continue }
                        cells.insert(
                            Cell(
                                isLoosened: becomes, server: server.text, own: own.text, direction: direction,
                                item: concern.text))
                    }
                }
            }
        }
        return cells
    }

    /// The lines of a difference, spelled out again.
    private func expand(
        _ diff: PolicyDiff, _ old: Policy, _ new: Policy, _ listed: Set<ServerName>
    ) throws -> Set<Cell> {
        let ours = Set(old.ownServers + new.ownServers)
        func stranger(_ text: String) -> String? {
            if text == "servers that are not listed" { return Self.strangers[0] }
            if text == "IP addresses" { return Self.strangers[2] }
            return text == "names that look like a listed one" || text.contains("s1.example.net")
                ? Self.strangers[1] : nil
        }
        var cells: Set<Cell> = []
        for line in diff.lines where line.example != nil {
            let states = Set(line.subjects.states)
            var names = Set(line.subjects.servers.map(\.text))
            for server in listed {
                if let state = new.state(of: server) ?? old.state(of: server), states.contains(state) {
                    names.insert(server.text)
                }
            }
            names.formUnion(line.subjects.others.compactMap(stranger))
            for own in line.own.isEmpty ? ours : Set(line.own) {
                for name in names {
                    for item in line.items where !item.contains(" in room") {
                        cells.insert(
                            Cell(
                                isLoosened: line.effect == .loosened, server: name, own: own.text,
                                direction: line.direction, item: item))
                    }
                }
            }
        }
        return cells
    }

    /// Who relays an event adds nothing: whatever changes for a pair of servers, the difference says that it does.
    private func askAboutAuthors(
        _ old: Policy, _ new: Policy, _ diff: PolicyDiff, _ label: Comment, _ dice: inout SeededGenerator
    ) throws {
        let names = Array(Set(old.listedServers + new.listedServers)).sorted { $0.text < $1.text }
        for _ in 0..<200 {
            guard let peer = names.randomElement(using: &dice), let author = names.randomElement(using: &dice) else {
                return
            }
            let direction = Bool.random(using: &dice) ? Direction.inbound : .outbound
            var question = PolicyQuestion(
                direction: direction, own: new.ownServers.first, peer: peer, endpointClass: .send)
            question.author = author
            if Bool.random(using: &dice) {
                question = PolicyQuestion(
                    direction: direction, own: new.ownServers.last, peer: peer,
                    endpointClass: [.join, .invite, .history].randomElement(using: &dice) ?? .join)
                question.room = RandomPolicy.rooms.randomElement(using: &dice)
            }
            let (was, becomes) = (old.answer(question).isAllowed, new.answer(question).isAllowed)
            if becomes, !was { #expect(diff.isLoosened, label) }
            if was, !becomes { #expect(diff.isTightened, label) }
        }
    }
}
