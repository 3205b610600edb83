// SPDX-License-Identifier: Apache-2.0

/// What can only be told of a tier's rules on contents when other tiers and what `like` adds are known.
struct TierRulesCheck {
    let tier: TierDefinition
    let base: TierDefinition?
    /// With what `like` adds.
    let rules: TierRules
    let tiers: [String: TierDefinition]
    let diagnostics: Diagnostics

    func check() {
        if tier.name == "blocked" { return checkBlocked() }
        checkOtherServers()
        checkConditions()
        warnOfOverlap()
        warnOfMissingEDUs()
        warnOfMembership()
        warnOfShadow()
    }

    private func warnOfShadow() {
        for section in tier.rules.shadow?.elements ?? [] where !rules.has(section.value) {
            diagnostics.warning(
                at: YAMLPlace(section.rule),
                "\(quoted(section.rule.id)) names \(quoted(section.value.rawValue)), of which tier \(quoted(tier.name)) says nothing",
                meanwhile: "it has no effect", todo: "remove it, or write the section")
        }
    }

    private func checkBlocked() {
        let lines = tier.rules.canonical.filter { line in
            !["audit ", "as_author ", "in_room "].contains { line.hasPrefix($0) }
        }
        guard !lines.isEmpty else { return }
        let keys = Set(lines.compactMap { $0.split { $0 == " " || $0 == "." }.first.map(String.init) }).sorted()
        diagnostics.warning(
            at: tier.place, "tier `blocked` writes \(quotedList(keys, conjunction: "and"))",
            meanwhile: "it has no effect, the tier may nothing", todo: "remove it")
    }

    private func checkOtherServers() {
        for named in tier.rules.rooms.otherServers?.elements ?? [] {
            let place = YAMLPlace(named.rule)
            guard named.value != "blocked" else {
                diagnostics.error(
                    at: place, "\(quoted(named.rule.id)) lets servers of tier `blocked` into rooms",
                    todo: "remove it, servers of that tier may nothing")
                continue
            }
            guard tiers[named.value] == nil else { continue }
            diagnostics.unknownTier(Located(value: named.value, place: place), known: tiers.keys.sorted())
        }
    }

    private func checkConditions() {
        // `in_room` of any tier is a condition on every room.
        let isGuarded = tiers.values.contains { $0.rules.inRoom != nil }
        guard !rules.rooms.hasConditions,
            let rule = rules.rooms.otherwise?.rule ?? (isGuarded ? nil : rules.rooms.unknown?.rule)
        else { return }
        diagnostics.error(
            at: YAMLPlace(rule),
            "\(quoted(rule.id)) is written and \(quoted("tiers.\(tier.name).rooms")) has no condition",
            todo: "add `encrypted`, `min_version` or `other_servers`, or remove it")
    }

    private func warnOfOverlap() {
        guard let refused = tier.rules.events.refuseTypes else { return }
        for list in [tier.rules.events.types, tier.rules.events.stateTypes].compactMap(\.self) {
            for type in list.types.keys.sorted() {
                guard let rule = refused.types[type] else { continue }
                diagnostics.warning(
                    at: YAMLPlace(rule),
                    "\(quoted(type)) is in both \(quoted(list.rule.id)) and \(quoted(refused.rule.id))",
                    meanwhile: "it is refused", todo: "remove it from one of the two")
            }
        }
    }

    private func warnOfMissingEDUs() {
        let edu = tier.edu ?? base?.edu
        func warn(_ rule: RuleReference?, unless type: EDUType) {
            guard let rule, edu?.first(type) == nil else { return }
            diagnostics.warning(
                at: YAMLPlace(rule), "\(quoted(rule.id)) speaks of \(quoted(type.rawValue)), which `edu` does not list",
                meanwhile: "it has no effect, they are refused",
                todo: "remove it, or add \(quoted(type.rawValue)) to `edu`")
        }
        warn(tier.rules.fold.presence?.rule, unless: .presence)
        warn(tier.rules.fold.deviceNames?.rule, unless: .deviceLists)
        warn(tier.rules.toDevice.types?.rule ?? tier.rules.toDevice.max?.rule, unless: .toDevice)
    }

    /// Without membership events nobody of the tier can join, leave or be seen in a room.
    private func warnOfMembership() {
        let member = EventQuestion(author: nil, type: "m.room.member", stateKey: "")
        guard tier.rules.events.stateTypes != nil || tier.rules.events.refuseTypes != nil,
            case .refused(_, let rule)? = rules.events.judge(member), let rule
        else { return }
        diagnostics.warning(
            at: YAMLPlace(rule), "\(quoted(rule.id)) refuses `m.room.member` of tier \(quoted(tier.name))",
            meanwhile: "its users can neither join rooms nor leave them", todo: "let `m.room.member` pass")
    }
}

extension YAMLPlace {
    init(_ rule: RuleReference) { self.init(line: rule.line, column: rule.column) }
}
