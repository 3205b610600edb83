// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Adds to each tier what `like` gives, and spreads it out into verdicts.
///
/// `may`, `edu`, `keys` and `as_author` are a tier's own, else inherited; what the two refuse adds up.
struct TierCompiler {
    let file: String
    let diagnostics: Diagnostics
    private let definitions: [TierDefinition]
    private let byName: [String: TierDefinition]

    init(_ definitions: [TierDefinition], file: String, diagnostics: Diagnostics) {
        self.definitions = definitions.sorted { $0.name < $1.name }
        self.file = file
        self.diagnostics = diagnostics
        byName = Dictionary(definitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The tiers sorted by name; `blocked` is among them, written or not.
    func compile(missingOwnAt place: YAMLPlace?) -> [CompiledTier] {
        if byName["own"] == nil, let place {
            diagnostics.error(
                at: place, "`tiers` has no `own`, the tier of the own state's servers",
                todo: "add `own:` with what servers of the same state may")
        }
        var all = definitions
        if byName["blocked"] == nil {
            all.append(TierDefinition(name: "blocked", place: .wholeFile))
            all.sort { $0.name < $1.name }
        }
        var compiled = all.enumerated().map { index, tier in compile(tier, index: index) }
        for (index, tier) in all.enumerated() { compiled[index].downgradeTo = downgrade(of: tier, index, compiled) }
        return compiled
    }

    private func downgrade(of tier: TierDefinition, _ index: Int, _ compiled: [CompiledTier]) -> Int? {
        guard let name = tier.downgradeTo else { return nil }
        guard let lower = compiled.first(where: { $0.name == name.value }) else {
            diagnostics.unknownTier(name, known: compiled.map(\.name))
            return nil
        }
        if lower.index == index || lower.firstExcess(over: compiled[index]) != nil {
            let what = lower.firstExcess(over: compiled[index]) ?? "is that tier itself"
            diagnostics.error(
                at: name.place, "`downgrade_to` of \(quoted(tier.name)) names \(quoted(lower.name)), which \(what)",
                todo: "name a tier that may less")
            return nil
        }
        return lower.index
    }

    private func compile(_ tier: TierDefinition, index: Int) -> CompiledTier {
        let base = base(of: tier)
        let isBlocked = tier.name == "blocked"
        if isBlocked { checkBlocked(tier) }
        let isWritten = tier.place != .wholeFile
        let rule = isWritten ? RuleReference(id: "tiers.\(tier.name)", file: file, place: tier.place) : nil
        var endpoints: [Verdict] = []
        for direction in Direction.allCases {
            let (own, inherited) = (tier[direction], base?[direction])
            warnOfOverlap(own)
            let may = own.may ?? inherited?.may
            let refuse = [own.refuse, inherited?.refuse].compactMap { $0 }
            for endpointClass in EndpointClass.inTableOrder {
                let decided =
                    isBlocked
                    ? Verdict.refused(.originBlocked, by: rule)
                    : verdict(on: endpointClass, may: may, refuse: refuse, .endpointRefused, else: rule)
                endpoints.append(tier.isShadowed ? decided.watched : decided)
            }
        }
        let edu = tier.edu ?? base?.edu
        let pinnedOnly: RuleReference? =
            if let place = tier.pinnedOnly {
                RuleReference(id: "tiers.\(tier.name).keys", file: file, place: place)
            } else if let base, let place = base.pinnedOnly {
                RuleReference(id: "tiers.\(base.name).keys", file: file, place: place)
            } else {
                nil
            }
        let rules = tier.rules.inheriting(base?.rules)
        TierRulesCheck(tier: tier, base: base, rules: rules, tiers: byName, diagnostics: diagnostics).check()
        return CompiledTier(
            name: tier.name, index: index, isBlocked: isBlocked, pinnedOnly: pinnedOnly,
            rule: rule,
            place: isWritten ? tier.place : nil, isShadowed: tier.isShadowed, base: base?.name, endpoints: endpoints,
            authors: Direction.allCases.map { direction in
                let send = endpoints[direction.index * EndpointClass.policyCount + EndpointClass.send.policyIndex]
                return rules.judgeAuthor(send)
            },
            edus: EDUType.allCases.map { type in
                let decided =
                    isBlocked
                    ? Verdict.refused(.eduRefused, by: rule)
                    : verdict(on: type, may: edu, refuse: [], .eduRefused, else: rule)
                return tier.isShadowed ? decided.watched : decided
            },
            unknownEDU: .refused(.eduUnknown, by: edu.map { reference($0, $0.place) } ?? rule),
            contents: TierContents(rules, ofOwnTier: tier.name == "own"))
    }

    private func verdict<Element>(
        on element: Element, may: ClassList<Element>?, refuse: [ClassList<Element>], _ reason: ReasonCode,
        else rule: RuleReference?
    ) -> Verdict {
        for list in refuse {
            if let refused = list.first(element) { return .refused(reason, by: reference(list, refused.place)) }
        }
        guard let may else { return .refused(reason, by: rule) }
        if let allowed = may.first(element) { return .allowed(by: reference(may, allowed.place)) }
        return .refused(reason, by: reference(may, may.place))
    }

    private func reference<Element>(_ list: ClassList<Element>, _ place: YAMLPlace) -> RuleReference {
        RuleReference(id: list.id, file: file, place: place)
    }

    /// The tier under `like`, after the checks: it exists, is another, and is itself like none.
    private func base(of tier: TierDefinition) -> TierDefinition? {
        guard let like = tier.like else { return nil }
        guard let base = byName[like.value] else {
            diagnostics.unknownTier(like, known: byName.keys.sorted())
            return nil
        }
        if base.name == tier.name {
            diagnostics.error(at: like.place, "tier \(quoted(tier.name)) is like itself", todo: "remove `like:`")
            return nil
        }
        if base.like != nil {
            diagnostics.error(
                at: like.place, "tier \(quoted(base.name)) has a `like:` itself, inheritance goes one level only",
                todo: "write out what \(quoted(tier.name)) may, or name the tier behind \(quoted(base.name))")
            return nil
        }
        return base
    }

    /// `blocked` means nothing at all, and everybody who reads a policy relies on it.
    private func checkBlocked(_ tier: TierDefinition) {
        for list in [tier.inbound.may, tier.outbound.may] {
            guard let list, let first = list.elements.first else { continue }
            refuseBlocked(first.place, "allow \(quoted(first.value.rawValue))")
            break
        }
        if let first = tier.edu?.elements.first { refuseBlocked(first.place, "allow \(quoted(first.value.rawValue))") }
        if let like = tier.like { refuseBlocked(like.place, "be like \(quoted(like.value))") }
    }

    private func refuseBlocked(_ place: YAMLPlace, _ what: String) {
        diagnostics.error(
            at: place, "tier `blocked` cannot \(what), it may nothing",
            todo: "leave its lists empty, or use another tier")
    }

    private func warnOfOverlap(_ direction: DirectionDefinition) {
        guard let refuse = direction.refuse, let may = direction.may else { return }
        for element in refuse.elements where may.first(element.value) != nil {
            diagnostics.warning(
                at: element.place,
                "\(quoted(element.value.rawValue)) is in both \(quoted(may.id)) and \(quoted(refuse.id))",
                meanwhile: "it is refused", todo: "remove it from one of the two")
        }
    }
}

extension TierDefinition {
    subscript(direction: Direction) -> DirectionDefinition { direction == .inbound ? inbound : outbound }
}

extension EndpointClass {
    /// By `policyIndex`.
    static let inTableOrder: [EndpointClass] = allCases.sorted { $0.policyIndex < $1.policyIndex }
}

extension Diagnostics {
    func unknownTier(_ tier: Located<String>, known: [String]) {
        let near = nearestName(to: tier.value, in: known)
        error(
            at: tier.place, "unknown tier \(quoted(tier.value))",
            todo: near.map { "did you mean \(quoted($0))?" } ?? "name one of \(quotedList(known))")
    }
}
