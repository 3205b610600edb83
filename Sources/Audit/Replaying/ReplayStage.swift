// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// How far a recorded request came, by the reason that its record gives.
enum ReplayStage {
    /// The policy let the request pass; its events and EDUs are another matter.
    case passed
    /// The policy refused the server, its connection, or the class.
    case refused
    /// The policy let the class pass and refused the request for its event or a user.
    case refusedForContents
    /// Something else than the policy refused it: nothing that a policy says changes that.
    case beside

    init(_ reason: ReasonCode, isPassed: Bool, hasRule: Bool, hasClass: Bool) {
        if isPassed {
            self = .passed
            return
        }
        switch reason {
        case .transactionMixed: self = .passed
        case .originUnknown, .originBlocked, .originLookalike, .originHomograph, .originIPLiteral, .originListStale,
            .reviewOverdue, .ownerChanged, .policyExpired, .endpointRefused, .exceptionRefused, .hoursOutside, .shadow,
            .tlsClientCertificate:
            self = hasClass ? .refused : .beside
        // Without a rule it is the network's or the handshake's.
        case .keysUnavailable, .tlsRefused: self = hasRule && hasClass ? .refused : .beside
        case .pduTypeRefused, .pduTypeUnknown, .roomPlaintext, .encryptionAlgorithm, .userBridgeDenied,
            .inviteSenderDenied, .inviteTargetDenied:
            self = hasClass ? .refusedForContents : .beside
        // A lockdown is an act of the officers, and in no policy.
        default: self = .beside
        }
    }
}

extension ReasonCode {
    /// Whether the policy refused an event or EDU with this reason, and not the protocol.
    func isOfPolicyForItems(hasRule: Bool) -> Bool {
        switch self {
        case .pduAuthorDenied, .eduToDevice: true
        // Malformed EDUs get the same code, and no rule.
        case .eduRefused, .shadow: hasRule
        default: isOfContents
        }
    }

    var isOfContents: Bool {
        switch self {
        case .pduTypeRefused, .pduTypeUnknown, .roomPlaintext, .encryptionAlgorithm, .userBridgeDenied,
            .inviteSenderDenied, .inviteTargetDenied:
            true
        default: false
        }
    }
}
