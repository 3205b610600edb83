// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

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
