// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// `rooms`: what a room must be like in which servers of the tier take part.
struct RoomRules: Sendable {
    enum Encryption: String, CaseIterable, Sendable {
        case optional
        case required
    }

    /// What happens to rooms that fail a condition.
    enum Otherwise: String, CaseIterable, Sendable {
        case alert
        case quarantine
        case refuse

        var effect: RoomEffect {
            switch self {
            case .alert: .alert
            case .quarantine: .quarantine
            case .refuse: .refuse
            }
        }
    }

    var encrypted: WrittenRule<Encryption>?
    /// The number of the lowest room version.
    var minVersion: WrittenRule<Int>?
    /// Tiers of the servers that may be in the room besides ours and the peer.
    var otherServers: WrittenList<String>?
    var otherwise: WrittenRule<Otherwise>?
    var unknown: WrittenRule<RoomEffect>?

    var hasConditions: Bool { encrypted != nil || minVersion != nil || otherServers != nil }
    /// Whether some room could fail.
    var asksAnything: Bool { encrypted?.value == .required || minVersion != nil || otherServers != nil }
    var isEmpty: Bool { !hasConditions && otherwise == nil && unknown == nil }

    func inheriting(_ base: RoomRules) -> RoomRules {
        RoomRules(
            encrypted: encrypted ?? base.encrypted, minVersion: minVersion ?? base.minVersion,
            otherServers: otherServers ?? base.otherServers, otherwise: otherwise ?? base.otherwise,
            unknown: unknown ?? base.unknown)
    }

    /// A condition that fails decides before one that cannot be judged, unless the latter is answered more narrowly.
    ///
    /// - Parameter admits: whether a server may be in the room, by the tiers of `other_servers`.
    func judge(
        _ facts: RoomFacts, on occasion: RoomOccasion, admits: (ServerName, [WrittenRule<String>]) -> Bool
    ) -> RoomVerdict {
        var failure: RoomVerdict?
        var unknownRule: RuleReference?
        func weigh(_ holds: Bool?, _ reason: ReasonCode, _ rule: RuleReference) {
            switch holds {
            case true?: break
            case false?: failure = failure ?? fails(reason, rule)
            case nil: unknownRule = unknownRule ?? rule
            }
        }
        if let encrypted, encrypted.value == .required { weigh(facts.isEncrypted, .roomUnencrypted, encrypted.rule) }
        if let minVersion { weigh(facts.reaches(minVersion.value), .roomVersion, minVersion.rule) }
        if let otherServers {
            let isForeign = facts.otherTiers.contains { tier in !otherServers.elements.contains { $0.value == tier } }
            weigh(
                isForeign ? false : facts.otherServers?.allSatisfy { admits($0, otherServers.elements) },
                occasion.taint,
                otherServers.rule)
        }
        let unjudged = unknownRule.map { verdict(unknown?.value ?? .refuse, .roomUnknown, unknown?.rule ?? $0) }
        guard let failure else { return unjudged ?? RoomVerdict(effect: .allow, verdict: .allowed(by: nil)) }
        guard let unjudged, unjudged.effect.width < failure.effect.width else { return failure }
        return unjudged
    }

    private func fails(_ reason: ReasonCode, _ rule: RuleReference) -> RoomVerdict {
        verdict(otherwise?.value.effect ?? .refuse, reason, rule)
    }

    private func verdict(_ effect: RoomEffect, _ reason: ReasonCode, _ rule: RuleReference) -> RoomVerdict {
        RoomVerdict(effect, reason, by: rule)
    }

    var canonical: [String] {
        var lines: [String] = []
        if let encrypted { lines.append("rooms.encrypted \(encrypted.value.rawValue)") }
        if let minVersion { lines.append("rooms.min_version \(minVersion.value)") }
        if let otherServers {
            lines.append("rooms.other_servers " + otherServers.elements.map(\.value).sorted().joined(separator: ","))
        }
        if let otherwise { lines.append("rooms.otherwise \(otherwise.value.rawValue)") }
        if let unknown { lines.append("rooms.unknown \(unknown.value.rawValue)") }
        return lines
    }
}
