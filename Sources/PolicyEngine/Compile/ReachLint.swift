// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Finds what is written and never decides anything, what reaches further than a reader expects, and what was forgotten.
struct ReachLint {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let servers: [CompiledServer]
    let exceptions: [CompiledException]

    func warn(_ diagnostics: Diagnostics) {
        for tier in document.tiers where tier.name != "blocked" { unreachable(tier, diagnostics) }
        unsealed(diagnostics)
        wideExceptions(diagnostics)
        missingReviews(diagnostics)
        lookAlikes(diagnostics)
    }

    // MARK: Rules that nothing reaches

    /// Sections of a tier that judge requests which neither it, nor a tier like it, nor an exception allows.
    private func unreachable(_ tier: TierDefinition, _ diagnostics: Diagnostics) {
        let readers = tiers.filter { $0.name == tier.name || $0.base == tier.name }
        func check(_ rule: RuleReference?, _ classes: [EndpointClass], _ directions: [Direction] = Direction.allCases) {
            guard let rule else { return }
            let isReached = classes.contains { endpointClass in
                directions.contains { direction in
                    readers.contains { $0.allows(endpointClass, direction) || $0.isShadowed }
                        || exceptions.contains { $0.allows(endpointClass, direction) }
                }
            }
            guard !isReached else { return }
            let names = quotedList(classes.map(\.rawValue))
            diagnostics.warning(
                at: YAMLPlace(rule), "\(quoted(rule.id)) is never reached: tier \(quoted(tier.name)) may not \(names)",
                meanwhile: "it has no effect", todo: "remove it, or add the class to `may`")
        }
        let rules = tier.rules
        check(rules.media.max?.rule ?? rules.media.types?.rule ?? rules.media.requireReference?.rule, [.media])
        let events: [EndpointClass] = [.send, .join, .invite, .knock, .leave, .history]
        let selections = [rules.events.types, rules.events.stateTypes, rules.events.refuseTypes]
        check(selections.compactMap { $0?.rule }.first ?? rules.events.unknownTypes?.rule, events)
        check(rules.encryption.messages?.rule ?? rules.encryption.algorithms?.rule, events)
        check(rules.rooms.encrypted?.rule ?? rules.rooms.minVersion?.rule ?? rules.rooms.otherServers?.rule, events)
        check(rules.labels?.rule, events)
        check(rules.users.inviteFrom?.rule, [.invite, .send], [.inbound])
        check(rules.users.inviteTo?.rule, [.invite, .send], [.inbound])
        check(rules.limits.rates[.profiles]?.rule, [.profile])
        check(rules.limits.rates[.directory]?.rule, [.directory])
        check(rules.limits.rates[.keysClaim]?.rule, [.endToEndKeys])
        check(rules.limits.rates[.invites]?.rule, [.invite])
        if let edu = tier.edu, !edu.elements.isEmpty {
            check(RuleReference(id: edu.id, file: diagnostics.file, place: edu.place), [.send])
        }
    }

    /// Levels that seal, where there is nobody to seal to.
    private func unsealed(_ diagnostics: Diagnostics) {
        guard document.audit.terms.sealTo.isEmpty else { return }
        for tier in document.tiers {
            guard let audit = tier.rules.audit, audit.value.isSealed else { continue }
            diagnostics.warning(
                at: YAMLPlace(audit.rule),
                "\(quoted(audit.rule.id)) is \(quoted(audit.value.rawValue)), and `audit.seal_to` names no auditor",
                meanwhile: "nothing is sealed, and the records hold what those of `standard` hold",
                todo: "name the auditors' keys in `audit.seal_to`, or write `standard`")
        }
    }

    // MARK: Exceptions

    /// An exception for a whole state loosens for servers that nobody has listed yet.
    private func wideExceptions(_ diagnostics: Diagnostics) {
        for exception in document.exceptions where exception.rooms == nil && !exception.isShadowed {
            guard let allow = exception.allow, !allow.elements.isEmpty else { continue }
            let own = document.own?.state?.value
            let others = exception.between.compactMap { end -> Located<CountryCode>? in
                guard case .state(let code) = end.value, code != own else { return nil }
                return Located(value: code, place: end.place)
            }
            guard let other = others.first, let compiled = exceptions.first(where: { $0.id == exception.id.value }),
                servers.contains(where: { $0.state == other.value && !$0.isOwn && opens(compiled, tiers[$0.tier]) })
            else { continue }
            diagnostics.warning(
                at: other.place,
                "the exception \(quoted(exception.id.value)) opens what tiers refuse to every server of \(quoted(other.value.text))",
                meanwhile: "those that are listed tomorrow have it, too", todo: "name the servers that need it")
        }
    }

    private func opens(_ exception: CompiledException, _ tier: CompiledTier) -> Bool {
        Direction.allCases.contains { direction in
            EndpointClass.allCases.contains { exception.allows($0, direction) && !tier.allows($0, direction) }
        }
    }

    // MARK: Servers

    /// Where some servers have a review, one without was forgotten.
    private func missingReviews(_ diagnostics: Diagnostics) {
        guard servers.contains(where: { $0.review != nil }) else { return }
        for server in servers where server.review == nil && !server.isOwn {
            let tier = tiers[server.tier]
            if case .lists = server.source { continue }
            guard tier.name != "own", !tier.isBlocked else { continue }
            diagnostics.warning(
                at: server.place, "\(quoted(server.text)) has no `review_by:`, and others have",
                meanwhile: "nobody is told to look at it again", todo: "add `review_by:`")
        }
    }

    /// Two names of the policy itself that people take for one another.
    private func lookAlikes(_ diagnostics: Diagnostics) {
        var first: [[UInt8]: CompiledServer] = [:]
        for server in servers where !server.isPattern {
            if case .lists = server.source { continue }
            let skeleton = LookAlikes.skeleton(of: server.name)
            guard let earlier = first[skeleton] else {
                first[skeleton] = server
                continue
            }
            diagnostics.warning(
                at: server.place, "\(quoted(server.text)) looks like \(quoted(earlier.text)), which is listed, too",
                meanwhile: "they are two servers, each with its own tier",
                todo: "make sure that both are meant, people will mistake one for the other")
        }
    }
}
