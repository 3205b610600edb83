// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Proves every `assert` by asking the compiled policy all that fits it. An allowed request is an error that shows it.
///
/// Asked are the atoms: one server for each way to be judged, also of those that nobody has listed yet. An assertion on the
/// tiers of author and deliverer asks every pair of them.
struct AssertionProof {
    private let policy: Policy
    private let document: PolicyDocument
    private let diagnostics: Diagnostics
    private let atoms: PolicyAtoms
    /// One server of ours for each way to be judged.
    private let own: [ServerName]

    init(_ policy: Policy, document: PolicyDocument, diagnostics: Diagnostics) {
        (self.policy, self.document, self.diagnostics) = (policy, document, diagnostics)
        atoms = PolicyAtoms([policy])
        own = atoms.own.compactMap(\.first)
    }

    /// One server for each way to be judged, state and name that an assertion can tell apart.
    private struct Subject {
        let name: ServerName
        let supposedState: CountryCode?
        let tier: String
        let state: CountryCode?
    }

    func prove() {
        let subjects = self.subjects()
        for assertion in document.assertions where names(in: assertion) { prove(assertion, subjects) }
    }

    private func prove(_ assertion: Assertion, _ all: [Subject]) {
        let states: Set<String>? = assertion.states.map { self.states(of: $0) }
        let tiers = assertion.tiers.map { Set($0.map(\.value)) }
        let authorTiers = assertion.authorTiers.map { Set($0.map(\.value)) }
        let subjects = all.filter { subject in
            tiers?.contains(subject.tier) != false && assertion.servers?.contains(subject.name) != false
                && states?.contains(subject.state?.text ?? "none") != false
        }
        let authors = assertion.isAboutEvents ? all.filter { authorTiers?.contains($0.tier) != false } : []
        let concerns = self.concerns(of: assertion)
        let deliveries: [Subject?] = assertion.isAboutEvents ? authors : [nil]
        let directions = Direction.allCases.filter { assertion.directions?.contains($0) != false }
        let rooms = self.roomFacts(of: assertion)
        let pairs = subjects.count * deliveries.count * own.count * rooms.count
        guard pairs * concerns.count * directions.count <= PolicyAtoms.maxCells else {
            diagnostics.error(
                at: assertion.place, "`never: \(assertion.text)` has too many cases to be proved",
                todo: "name fewer tiers, servers or types in one assertion")
            return
        }
        guard pairs > 0 else {
            diagnostics.warning(
                at: assertion.place, "nothing in this policy fits `never: \(assertion.text)`",
                meanwhile: "it holds and proves nothing", todo: "correct its tiers and states, or remove it")
            return
        }
        for direction in directions {
            for subject in subjects {
                for concern in concerns + self.rooms(subject, concerns) {
                    for author in deliveries {
                        for name in own {
                            var question = self.question(subject, name, direction, concern, author)
                            for facts in rooms {
                                question.roomFacts = facts
                                let verdict = policy.answer(question)
                                if verdict.isAllowed { return refute(assertion, question, verdict) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The same classes in rooms that exceptions name for this server.
    private func rooms(_ subject: Subject, _ concerns: [PolicyConcern]) -> [PolicyConcern] {
        let profile = subject.supposedState.map(policy.profile(ofNewServerOf:)) ?? policy.profile(of: subject.name)
        return PolicyConcern.inRooms(policy.rooms(profile)).filter {
            concerns.contains(.endpointClass($0.endpointClass))
        }
    }

    private func refute(_ assertion: Assertion, _ question: PolicyQuestion, _ verdict: Verdict) {
        diagnostics.error(
            at: assertion.place,
            "`never: \(assertion.text)` does not hold, \(verdict.rule?.description ?? "the protocol's minimum") allows "
                + question.text,
            todo: "take it out of that rule, or change the assertion")
    }

    private func question(
        _ subject: Subject, _ own: ServerName, _ direction: Direction, _ concern: PolicyConcern, _ author: Subject?
    ) -> PolicyQuestion {
        concern.question(
            subject.name, supposedState: subject.supposedState, own: own, direction, author: author?.name)
    }

    private func concerns(of assertion: Assertion) -> [PolicyConcern] {
        if let edus = assertion.edus {
            return EDUType.allCases.filter(edus.contains).map { .edu(EDUKind.named($0.rawValue)) }
        }
        if assertion.isAboutEvents {
            let types = assertion.eventTypes.map { $0.sorted() } ?? PolicyAtoms.eventTypes(of: [policy])
            return types.map { .event(type: $0) }
        }
        return EndpointClass.inTableOrder.filter { endpointClass in
            assertion.classes?.contains(endpointClass) != false
                && (!assertion.isAboutRooms || endpointClass.roomOccasion != nil)
        }.map { .endpointClass($0) }
    }

    /// Every room that rules can tell apart and that fits. What is not known of a room fits whatever is asserted: it may be so.
    private func roomFacts(of assertion: Assertion) -> [RoomFacts?] {
        guard assertion.isAboutRooms else { return [nil] }
        let encryption: [Bool?] = assertion.roomEncrypted.map { [$0, nil] } ?? [true, false, nil]
        let lowest = policy.compiled.tiers.compactMap { $0.rules.rooms.minVersion?.value }
        let highest = RoomVersion.known.compactMap { Int($0.id) }.max() ?? 1
        let numbers = Set(lowest.flatMap { [$0, $0 - 1] } + [1, highest]).filter { $0 > 0 }.sorted()
        let versions: [String?] = numbers.map { String($0) } + [nil]
        // One more server never makes a room better, so one of each tier stands for all sets.
        let tiers = assertion.otherServersTiers?.map(\.value) ?? policy.compiled.tiers.map(\.name)
        return encryption.flatMap { isEncrypted in
            versions.flatMap { version in
                tiers.map { RoomFacts(isEncrypted: isEncrypted, version: version, otherServers: [], otherTiers: [$0]) }
                    + [RoomFacts(isEncrypted: isEncrypted, version: version)]
                    + (assertion.otherServersTiers == nil
                        ? [RoomFacts(isEncrypted: isEncrypted, version: version, otherServers: [])] : [])
            }
        }
    }

    // MARK: Names

    /// Whether the tiers, states and groups that the assertion names exist; a slip would prove nothing.
    private func names(in assertion: Assertion) -> Bool {
        var areKnown = true
        for tier in (assertion.tiers ?? []) + (assertion.authorTiers ?? []) + (assertion.otherServersTiers ?? [])
        where !policy.compiled.tiers.contains(where: { $0.name == tier.value }) {
            diagnostics.unknownTier(tier, known: policy.compiled.tiers.map(\.name))
            areKnown = false
        }
        let groups = document.groups.map(\.name)
        for state in assertion.states ?? []
        where state.value != "none" && !groups.contains(state.value) && CountryCode(state.value) == nil {
            let near = nearestName(to: state.value, in: groups)
            diagnostics.error(
                at: state.place, "\(quoted(state.value)) is neither a group nor a country code",
                todo: near.map { "did you mean \(quoted($0))?" } ?? "write a code, a group or `none`")
            areKnown = false
        }
        return areKnown
    }

    private func states(of written: [Located<String>]) -> Set<String> {
        Set(
            written.flatMap { entry in
                document.groups.first { $0.name == entry.value }?.states.map(\.value.text) ?? [entry.value]
            })
    }

    /// Every listed server counts by profile and state, unless an assertion names it.
    private func subjects() -> [Subject] {
        struct Key: Hashable {
            let profile: ServerProfile
            let tier: String
            let state: CountryCode?
            let named: ServerName?
        }
        let named = Set(document.assertions.flatMap { $0.servers ?? [] })
        var seen: Set<Key> = []
        var subjects: [Subject] = []
        for name in policy.representatives {
            let (tier, state) = (policy.tierName(of: name), policy.state(of: name))
            let key = Key(
                profile: policy.profile(of: name), tier: tier, state: state,
                named: named.contains(name) ? name : nil)
            guard seen.insert(key).inserted else { continue }
            subjects.append(Subject(name: name, supposedState: nil, tier: tier, state: state))
        }
        for state in policy.namedStates {
            guard let name = try? PolicyQuestion.placeholder(for: state) else { continue }
            let tier = policy.tierName(of: name, supposedState: state)
            subjects.append(Subject(name: name, supposedState: state, tier: tier, state: state))
        }
        for atom in atoms.servers where !(atom.others.isEmpty && atom.imitated.isEmpty) && atom.listed.isEmpty {
            guard atom.supposedState == nil else { continue }
            let tier = policy.tierName(of: atom.representative)
            subjects.append(Subject(name: atom.representative, supposedState: nil, tier: tier, state: nil))
        }
        return subjects
    }
}
