// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What is known of a room. `nil`: not known.
package struct RoomFacts: Hashable, Sendable {
    package var isEncrypted: Bool?
    /// The room version's identifier.
    package var version: String?
    /// Numbers between which the version lies, by each thing that says so; a version that is no number counts as 0.
    package var versionBounds: [ClosedRange<Int>] = []
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

    /// What a room's identifier says by itself: from version 12 on it names no server, before it always does.
    ///
    /// No homeserver holds a room with an identifier of the other form: the rules of each version refuse its create event.
    package init(identifier: String?) {
        self.init()
        guard let identifier else { return }
        versionBounds = [identifier.utf8.contains(UInt8(ascii: ":")) ? 0...11 : 12...Int.max]
    }

    /// Adds that the version is one of these. Nothing, if there are none.
    package mutating func narrowVersion(to versions: [String]) {
        let numbers = versions.map { Self.number(of: $0) ?? 0 }
        if let low = numbers.min(), let high = numbers.max() { versionBounds.append(low...high) }
    }

    private static func number(of version: String) -> Int? {
        RoomVersion(version) == nil ? nil : StrictNumber.integer(version).map(Int.init)
    }

    /// Whether the version has that number or a higher one; `nil`: not known. What contradicts itself does not have it.
    func reaches(_ lowest: Int) -> Bool? {
        var isProved = false
        if let version {
            guard let number = Self.number(of: version), number >= lowest else { return false }
            isProved = true
        }
        for bounds in versionBounds {
            if bounds.upperBound < lowest { return false }
            if bounds.lowerBound >= lowest { isProved = true }
        }
        return isProved ? true : nil
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

extension EndpointClass {
    /// On what occasion a request of the class, or each event of a transaction, is asked about its room; `nil`: it is not.
    ///
    /// Who has joined is in the room: history is not refused half way, and leaving is always good.
    package var roomOccasion: RoomOccasion? {
        switch self {
        case .join, .knock: .join
        case .invite: .invite
        case .send: .traffic
        default: nil
        }
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
