// SPDX-License-Identifier: Apache-2.0

extension Policy {
    /// What the policy asks for and the running gateway does not do yet, one entry for each written key.
    ///
    /// Such keys compile and answer `explain` and tests; whoever reads only the file would rely on them. Printed by
    /// `entente check`, logged at each start. Keys that are enforced in part say in what.
    package var unenforced: [Diagnostic] {
        var found: [Diagnostic] = []
        for tier in compiled.tiers {
            // Said once where it is written, and not again for the tier that inherits it.
            let own = tier.rules.gaps.filter { $0.rule.id.hasPrefix("tiers.\(tier.name).") }
            found += own.map(\.diagnostic)
        }
        for media in compiled.rows.exceptions.map(\.media) {
            for rule in [media.max?.rule, media.types?.rule, media.requireReference?.rule].compactMap(\.self) {
                found.append(EnforcementGap(rule: rule, meanwhile: TierRules.filesPass).diagnostic)
            }
        }
        found += compiled.audit.gaps.map(\.diagnostic)
        return found.inFileOrder
    }
}

/// A written key that the gateway does not carry out, or not everywhere.
struct EnforcementGap {
    let rule: RuleReference
    /// What happens instead.
    let meanwhile: String
    var isPartial = false

    var diagnostic: Diagnostic {
        Diagnostic(
            file: rule.file, line: rule.line, column: rule.column,
            what: "\(quoted(rule.id)) is not enforced \(isPartial ? "everywhere" : "yet")", meanwhile: meanwhile,
            todo: "do not rely on it, a later version does it")
    }
}

extension TierRules {
    fileprivate var gaps: [EnforcementGap] {
        var gaps: [EnforcementGap] = []
        func gap(_ rule: RuleReference?, _ meanwhile: String, isPartial: Bool = false) {
            if let rule { gaps.append(EnforcementGap(rule: rule, meanwhile: meanwhile, isPartial: isPartial)) }
        }
        if let audit, audit.value != .standard { gap(audit.rule, "records are the same for every tier") }
        if clientCertificate?.value == .required {
            gap(
                clientCertificate?.rule,
                "requests without a certificate are refused, and no certificate is compared with "
                    + "the server's name", isPartial: true)
        }
        if verifyPDUs?.value == .all { gap(verifyPDUs?.rule, "the homeserver alone verifies events") }
        let events =
            "the events of transactions, joins, leaves, knocks and invitations are judged, and not those that "
            + "answers carry nor those that we send"
        for rule in [self.events.types?.rule, self.events.stateTypes?.rule, self.events.refuseTypes?.rule] {
            gap(rule, events, isPartial: true)
        }
        if let unknown = self.events.unknownTypes, unknown.value != .allow {
            gap(unknown.rule, events, isPartial: true)
        }
        if encryption.messages?.value == .required { gap(encryption.messages?.rule, events, isPartial: true) }
        gap(encryption.algorithms?.rule, events, isPartial: true)
        for rule in [toDevice.types?.rule, toDevice.max?.rule] {
            gap(rule, "messages to devices that come in are judged, and not those that we send", isPartial: true)
        }
        if fold.presence?.value == .onlineOfflineOnly { gap(fold.presence?.rule, "presence passes whole") }
        if fold.deviceNames?.value == .remove { gap(fold.deviceNames?.rule, "device names pass") }
        if rooms.encrypted?.value == .required { gap(rooms.encrypted?.rule, Self.roomsPass) }
        gap(rooms.minVersion?.rule, Self.roomsPass)
        gap(rooms.otherServers?.rule, Self.roomsPass)
        for rule in [media.max?.rule, media.types?.rule] { gap(rule, Self.filesPass) }
        if media.requireReference?.value == true {
            gap(media.requireReference?.rule, "whoever may ask for media gets every file whose id he knows")
        }
        gap(
            users.refuseLocalparts?.rule,
            "senders, members and those who ask are judged, and not those whom answers name nor whom we write to",
            isPartial: true)
        for name in LimitName.allCases { gap(limits.rates[name]?.rule, "nothing is counted") }
        gap(limits.concurrent?.rule, "nothing is counted")
        gap(labels?.rule, "labels are not looked at, every room passes")
        if let asAuthor, asAuthor.value == .redact { gap(asAuthor.rule, "such events are refused whole") }
        if let inRoom, inRoom.value != .allow { gap(inRoom.rule, Self.roomsPass) }
        gap(tls.profile?.rule, "every suite and group that the listener offers is accepted")
        return gaps
    }

    fileprivate static let filesPass = "every file of the homeserver passes"
    private static let roomsPass = "nothing is known of rooms, every room passes"
}
