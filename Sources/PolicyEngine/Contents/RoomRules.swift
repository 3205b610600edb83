// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What is known of a room. `nil`: not known.
package struct RoomFacts: Hashable, Sendable {
    package var isEncrypted: Bool?
    /// The room version's identifier.
    package var version: String?
    /// Every server in the room; ours and the peer may be among them.
    package var otherServers: [ServerName]?
    /// Tiers of servers in the room that are supposed and have no name: for questions and proofs.
    package var otherTiers: [String] = []

    package init(
        isEncrypted: Bool? = nil, version: String? = nil, otherServers: [ServerName]? = nil, otherTiers: [String] = []
    ) {
        self.isEncrypted = isEncrypted
        self.version = version
        self.otherServers = otherServers
        self.otherTiers = otherTiers
    }
}

/// On what occasion a room is judged: the record names it.
package enum RoomOccasion: String, CaseIterable, Hashable, Sendable {
    case join
    case invite
    /// Events of a room that is open already.
    case traffic
}

/// What becomes of a room.
package enum RoomEffect: String, CaseIterable, Hashable, Sendable {
    case allow
    case alert
    /// All traffic of the room stops at the gateway until somebody decides.
    case quarantine
    case refuse

    /// How much it lets through, for comparisons: less is narrower.
    var width: Int {
        switch self {
        case .refuse: 0
        case .quarantine: 1
        case .alert: 2
        case .allow: 3
        }
    }
}

/// A verdict on a room.
package struct RoomVerdict: Hashable, Sendable {
    package let effect: RoomEffect
    /// Allowed exactly if the effect is `allow` or `alert`; then `alert` says why.
    package let verdict: Verdict

    init(effect: RoomEffect, verdict: Verdict) { (self.effect, self.verdict) = (effect, verdict) }

    /// The same where the rules that made it are in shadow: it passes, with a note.
    var inShadow: RoomVerdict {
        guard !verdict.isAllowed else { return self }
        return RoomVerdict(effect: .allow, verdict: Verdict.allowed(by: nil).trying(ShadowVerdict(verdict)))
    }

    func trying(_ other: RoomVerdict) -> RoomVerdict {
        RoomVerdict(effect: effect, verdict: verdict.trying(other.verdict.shadow))
    }

    init(_ effect: RoomEffect, _ reason: ReasonCode, by rule: RuleReference) {
        self.effect = effect
        verdict =
            switch effect {
            case .allow: .allowed(by: rule)
            case .alert: .allowed(by: rule).marked(reason)
            case .quarantine, .refuse: .refused(reason, by: rule)
            }
    }
}

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
    var isEmpty: Bool { !hasConditions && otherwise == nil && unknown == nil }

    func inheriting(_ base: RoomRules) -> RoomRules {
        RoomRules(
            encrypted: encrypted ?? base.encrypted, minVersion: minVersion ?? base.minVersion,
            otherServers: otherServers ?? base.otherServers, otherwise: otherwise ?? base.otherwise,
            unknown: unknown ?? base.unknown)
    }

    /// A condition that fails decides before one that cannot be judged.
    ///
    /// - Parameter admits: whether a server may be in the room, by the tiers of `other_servers`.
    func judge(
        _ facts: RoomFacts, on occasion: RoomOccasion, admits: (ServerName, [WrittenRule<String>]) -> Bool
    ) -> RoomVerdict {
        var unknownRule: RuleReference?
        if let encrypted, encrypted.value == .required {
            if facts.isEncrypted == false { return fails(.roomUnencrypted, encrypted.rule) }
            if facts.isEncrypted == nil { unknownRule = unknownRule ?? encrypted.rule }
        }
        if let minVersion {
            if let version = facts.version {
                let number = RoomVersion(version) == nil ? nil : StrictNumber.integer(version)
                guard let number, number >= minVersion.value else { return fails(.roomVersion, minVersion.rule) }
            } else {
                unknownRule = unknownRule ?? minVersion.rule
            }
        }
        if let otherServers {
            if facts.otherTiers.contains(where: { tier in !otherServers.elements.contains { $0.value == tier } }) {
                return fails(occasion.taint, otherServers.rule)
            }
            if let servers = facts.otherServers {
                guard servers.allSatisfy({ admits($0, otherServers.elements) }) else {
                    return fails(occasion.taint, otherServers.rule)
                }
            } else {
                unknownRule = unknownRule ?? otherServers.rule
            }
        }
        guard let unknownRule else { return RoomVerdict(effect: .allow, verdict: .allowed(by: nil)) }
        return verdict(unknown?.value ?? .refuse, .roomUnknown, unknown?.rule ?? unknownRule)
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

extension RoomOccasion {
    /// A server is in the room that may not be: AC-62, AC-58, AC-63.
    var taint: ReasonCode {
        switch self {
        case .join: .joinRoomTainted
        case .invite: .inviteRoomTainted
        case .traffic: .roomDeniedServerJoined
        }
    }
}
