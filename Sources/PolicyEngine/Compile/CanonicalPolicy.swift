// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a policy means, as text with one form: sorted, with inheritance and groups worked in, without places.
///
/// Two files that differ in the order of lines, comments or spelling of lists give the same bytes.
struct CanonicalPolicy {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let networks: CompiledNetworks
    let states: StateTiers
    let servers: [CompiledServer]
    let unknown: Int
    let anonymous: Int?
    let requirements: [CompiledRequirement]
    let exceptions: [CompiledException]
    let lockdowns: [LockdownProfile]

    var bytes: [UInt8] {
        var lines = ["entente 1", "policy \(document.id) \(document.serial) \(document.mode.rawValue)"]
        lines += document.terms.canonical
        if let own = document.own {
            let replay = own.replay.map { $0.value == .allow ? "" : " replay=\($0.value.rawValue)" } ?? ""
            lines.append("self \(own.state?.value.text ?? "") destination=\(own.requiresDestination)\(replay)")
        }
        lines += networks.canonical(document.own?.servers.map(\.value) ?? [])
        for tier in tiers {
            for direction in Direction.allCases {
                let may = EndpointClass.inTableOrder.filter { tier.allows($0, direction) }.map(\.rawValue)
                lines.append("tier \(tier.name) \(direction.rawValue) \(may.joined(separator: ","))")
            }
            let edu = EDUType.allCases.filter { tier.allows($0) }.map(\.rawValue)
            let keys = tier.pinnedOnly == nil ? "fetched" : "pinned"
            lines.append("tier \(tier.name) edu \(edu.joined(separator: ",")) keys=\(keys)")
            let lower = tier.downgradeTo.map { tiers[$0].name } ?? "none"
            lines.append("tier \(tier.name) shadow=\(tier.isShadowed) downgrade=\(lower)")
            if tier.network > 0 { lines.append("tier \(tier.name) network \(networks.all[tier.network].name)") }
            lines += tier.rules.canonical.map { "tier \(tier.name) \($0)" }
        }
        for (state, entry) in states.byState.sorted(by: { $0.key < $1.key }) {
            lines.append("state \(state.text) \(tiers[entry.tier].name)")
        }
        lines.append("unknown \(tiers[unknown].name)")
        lines.append("anonymous \(anonymous.map { tiers[$0].name } ?? "minimum")")
        for server in servers {
            lines.append(
                "server \(server.text) \(server.state?.text ?? "none") \(tiers[server.tier].name) own=\(server.isOwn)"
                    + (server.refusal.map { " \($0.rawValue)" } ?? ""))
            lines.append(contentsOf: ownership(of: server))
            lines += server.connect?.canonical(server.text) ?? []
            for (id, pin) in (server.pins ?? [:]).sorted(by: { $0.key.text < $1.key.text }) {
                let end = pin.notAfter.map { String($0.milliseconds) } ?? "none"
                let overdue = pin.onOverdue == .refuse ? "" : " \(pin.onOverdue.rawValue)"
                lines.append("pin \(server.name.text) \(id.text) \(pin.key.base64) \(end)\(overdue)")
            }
        }
        lines += document.audit.terms.canonical
        lines += requirements.map(line).sorted()
        lines += exceptions.map(line)
        lines += lockdowns.map(line)
        lines += document.lists.flatMap(\.canonical).sorted()
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// A server's review and the countries of whoever stands behind it, where they are written.
    private func ownership(of server: CompiledServer) -> [String] {
        var lines: [String] = []
        if let review = server.review {
            lines.append("review \(server.text) \(review.end.milliseconds)")
        }
        if !server.isOwn { lines.append("overdue \(server.text) \(server.onOverdue.rawValue)") }
        for attribute in RequirementDefinition.Attribute.allCases {
            guard let country = server.operator?.country(attribute) else { continue }
            lines.append("operator \(server.text) \(attribute.rawValue) \(country.text)")
        }
        return lines
    }

    private func line(_ requirement: CompiledRequirement) -> String {
        let states = requirement.states.sorted().map(\.text).joined(separator: ",")
        return "require \(requirement.attribute.rawValue) \(states) except \(names(requirement.exceptTiers))"
    }

    private func line(_ exception: CompiledException) -> String {
        let rooms = exception.rooms?.sorted().joined(separator: ",") ?? "all"
        let own = exception.own.compactMap { document.own?.servers[$0].value.text }.sorted().joined(separator: ",")
        return "exception \(exception.id) \(own) \(exception.other.text) \(exception.directions.rawValue)"
            + " allow \(names(exception.allow)) refuse \(names(exception.refuse)) rooms \(rooms)"
            + " until \(exception.until.milliseconds)"
            + exception.media.canonical.map { " " + $0 }.joined() + (exception.isShadowed ? " shadow" : "")
    }

    private func line(_ profile: LockdownProfile) -> String {
        "lockdown \(profile.name) keep \(names(profile.keep)) state=\(profile.takesState)"
            + " refuse \(profile.classes.map(names) ?? "all") needs \(profile.tightenNeeds) \(profile.loosenNeeds)"
            + " max \(profile.longest.components.seconds)"
    }

    private func names(_ tiers: Set<Int>) -> String {
        tiers.sorted().map { self.tiers[$0].name }.joined(separator: ",")
    }

    private func names(_ classes: Set<EndpointClass>) -> String {
        classes.map(\.rawValue).sorted().joined(separator: ",")
    }
}
