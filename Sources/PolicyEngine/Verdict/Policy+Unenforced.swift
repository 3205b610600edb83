// SPDX-License-Identifier: Apache-2.0

extension Policy {
    /// What the policy asks for and the running gateway does not do, or cannot judge yet, one entry for each written key.
    ///
    /// Whoever reads only the file would rely on them. Printed by `entente check`, logged at each start. Decision 13 says why
    /// the gateway starts all the same: what cannot be judged gets the policy's own answer, and without one it is refused.
    package var unenforced: [Diagnostic] {
        var found: [Diagnostic] = []
        for tier in compiled.tiers {
            // Said once where it is written, and not again for the tier that inherits it.
            let own = tier.rules.gaps.filter { $0.rule.id.hasPrefix("tiers.\(tier.name).") }
            found += own.map(\.diagnostic)
        }
        for media in compiled.rows.exceptions.map(\.media) {
            if let gap = media.referenceGap { found.append(gap.diagnostic) }
        }
        if let replay = compiled.replay, replay.value != .allow {
            // Signatures of X-Matrix hold neither time nor nonce, and Ed25519 gives the same one for the same request: an
            // honest server that asks again, over a new connection, sends the very bytes that a listener would replay.
            let gap = EnforcementGap(
                rule: replay.rule, kind: .absent,
                meanwhile: "requests that come again pass: nothing in them tells a replay from a server that asks twice"
            )
            found.append(gap.diagnostic)
        }
        found += compiled.audit.gaps.map(\.diagnostic)
        return found.inFileOrder
    }
}

/// A written key that the gateway does not carry out, not everywhere, or on no facts.
struct EnforcementGap {
    enum Kind: String {
        case absent = "is not enforced yet"
        case partial = "is not enforced everywhere"
        case unknown = "asks for what is not known yet"
        case wider = "refuses more than it says"

        var advice: String {
            switch self {
            case .absent, .partial: "do not rely on it, a later version does it"
            case .unknown: "decide whether that answer is right until a later version knows more"
            case .wider: "a later version lets the rest pass"
            }
        }
    }

    let rule: RuleReference
    let kind: Kind
    /// What happens instead.
    let meanwhile: String

    var diagnostic: Diagnostic {
        Diagnostic(
            file: rule.file, line: rule.line, column: rule.column, what: "\(quoted(rule.id)) \(kind.rawValue)",
            meanwhile: meanwhile, todo: kind.advice)
    }
}

extension TierRules {
    fileprivate var gaps: [EnforcementGap] {
        var gaps: [EnforcementGap] = []
        func gap(_ rule: RuleReference?, _ kind: EnforcementGap.Kind, _ meanwhile: String) {
            if let rule { gaps.append(EnforcementGap(rule: rule, kind: kind, meanwhile: meanwhile)) }
        }
        if verifyPDUs?.value == .all { gap(verifyPDUs?.rule, .absent, "the homeserver alone verifies events") }
        let events =
            "the events of transactions, joins, leaves, knocks and invitations are judged, and not those that "
            + "answers carry nor those that we send"
        for rule in [self.events.types?.rule, self.events.stateTypes?.rule, self.events.refuseTypes?.rule] {
            gap(rule, .partial, events)
        }
        if let unknown = self.events.unknownTypes, unknown.value != .allow { gap(unknown.rule, .partial, events) }
        if encryption.messages?.value == .required { gap(encryption.messages?.rule, .partial, events) }
        gap(encryption.algorithms?.rule, .partial, events)
        for rule in [toDevice.types?.rule, toDevice.max?.rule] {
            gap(rule, .partial, "messages to devices that come in are judged, and not those that we send")
        }
        if fold.presence?.value == .onlineOfflineOnly { gap(fold.presence?.rule, .wider, "all presence is refused") }
        if fold.deviceNames?.value == .remove {
            gap(
                fold.deviceNames?.rule, .partial,
                "updates of device lists that carry a name are refused, and names in answers pass")
        }
        gap(
            users.refuseLocalparts?.rule, .partial,
            "senders, members and those who ask are judged, and not those whom answers name nor whom we write to")
        if let asAuthor, asAuthor.value == .redact { gap(asAuthor.rule, .wider, "such events are refused whole") }
        return gaps + roomGaps + [media.referenceGap].compactMap(\.self)
    }

    private var roomGaps: [EnforcementGap] {
        var gaps: [EnforcementGap] = []
        let answer = rooms.unknown?.value ?? .refuse
        func gap(_ rule: RuleReference?, _ what: String) {
            guard let rule else { return }
            gaps.append(
                EnforcementGap(
                    rule: rule, kind: .unknown,
                    meanwhile: "\(what); other rooms get what `rooms.unknown` says, which is `\(answer.rawValue)`"))
        }
        if rooms.encrypted?.value == .required {
            gap(rooms.encrypted?.rule, "that a room is encrypted is known of invitations whose room state says so")
        }
        if let minVersion = rooms.minVersion, (2...11).contains(minVersion.value) {
            gap(minVersion.rule, "versions are known of invitations, and from version 12 on of every room by its name")
        }
        gap(rooms.otherServers?.rule, "of no room it is known which servers are in it")
        if rooms.otherwise?.value == .quarantine, let rule = rooms.otherwise?.rule {
            gaps.append(
                EnforcementGap(
                    rule: rule, kind: .absent,
                    meanwhile: "what comes of such a room is refused, and nothing is kept back"))
        }
        if let inRoom, inRoom.value != .allow {
            gaps.append(
                EnforcementGap(
                    rule: inRoom.rule, kind: .unknown,
                    meanwhile: "of no room it is known which servers are in it; each gets what `rooms.unknown` of the "
                        + "peer's tier says, without which it is refused"))
        }
        if let labels {
            gaps.append(
                EnforcementGap(
                    rule: labels.rule, kind: .unknown,
                    meanwhile: "no label of a room is read; each room gets what `labels.missing` says, which is "
                        + "`\(labels.value.missing.rawValue)`"))
        }
        return gaps
    }
}

extension MediaRules {
    /// Files are not held against events yet.
    fileprivate var referenceGap: EnforcementGap? {
        guard let requireReference, requireReference.value else { return nil }
        return EnforcementGap(
            rule: requireReference.rule, kind: .unknown,
            meanwhile: "of no file it is known whether it was shown; each gets what `media.unknown` says, which is "
                + "`\((unknown?.value ?? .refuse).rawValue)`")
    }
}
