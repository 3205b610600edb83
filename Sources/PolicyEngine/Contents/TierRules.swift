// SPDX-License-Identifier: Apache-2.0

/// What a tier says about contents, in the form in which it decides. Immutable once the policy is compiled.
///
/// Each written key is a value with its own rule; a key that is not written is `nil` and asks for nothing.
struct TierRules: Sendable {
    var audit: WrittenRule<AuditLevel>?
    var clientCertificate: WrittenRule<CertificateDemand>?
    var verifyPDUs: WrittenRule<EventVerificationDemand>?
    var events = EventRules()
    var encryption = EncryptionRules()
    var toDevice = ToDeviceRules()
    var fold = FoldRules()
    var rooms = RoomRules()
    var media = MediaRules()
    var users = UserRules()
    var limits = LimitRules()
    var hours: WrittenRule<Hours>?
    var labels: WrittenRule<LabelRule>?
    var tls = TLSRules()
    /// What becomes of events by authors of the tier who may not send; without it they are refused.
    var asAuthor: WrittenRule<AuthorEffect>?
    /// What a room gets in which a server of the tier is, whoever asks.
    var inRoom: WrittenRule<RoomEffect>?
    /// Sections that are evaluated and recorded, and do not decide.
    var shadow: WrittenList<ShadowedSection>?

    /// What is written here, and what `base` writes where nothing is; what both refuse adds up.
    func inheriting(_ base: TierRules?) -> TierRules {
        guard let base else { return self }
        var rules = self
        rules.audit = audit ?? base.audit
        rules.clientCertificate = clientCertificate ?? base.clientCertificate
        rules.verifyPDUs = verifyPDUs ?? base.verifyPDUs
        rules.events = events.inheriting(base.events)
        rules.encryption = encryption.inheriting(base.encryption)
        rules.toDevice = toDevice.inheriting(base.toDevice)
        rules.fold = fold.inheriting(base.fold)
        rules.rooms = rooms.inheriting(base.rooms)
        rules.media = media.inheriting(base.media)
        rules.users = users.inheriting(base.users)
        rules.limits = limits.inheriting(base.limits)
        rules.hours = hours ?? base.hours
        rules.labels = labels ?? base.labels
        rules.tls = tls.inheriting(base.tls)
        rules.asAuthor = asAuthor ?? base.asAuthor
        rules.inRoom = inRoom ?? base.inRoom
        rules.shadow = shadow ?? base.shadow
        return rules
    }

    /// Whether something is written in the section, here or in what is inherited.
    func has(_ section: ShadowedSection) -> Bool {
        switch section {
        case .encryption: !encryption.isEmpty
        case .events: !events.isEmpty
        case .hours: hours != nil
        case .labels: labels != nil
        case .media: !media.isEmpty
        case .rooms: !rooms.isEmpty
        case .toDevice: !toDevice.isEmpty
        case .users: !users.isEmpty
        }
    }

    /// One line for each key that changes something, lists sorted: the tier's part of the canonical policy.
    var canonical: [String] {
        var lines: [String] = []
        if let audit { lines.append("audit \(audit.value.rawValue)") }
        if let clientCertificate { lines.append("client_certificate \(clientCertificate.value.rawValue)") }
        if let verifyPDUs { lines.append("verify_pdus \(verifyPDUs.value.rawValue)") }
        lines += events.canonical + encryption.canonical + toDevice.canonical + fold.canonical + rooms.canonical
        lines += media.canonical + users.canonical + limits.canonical
        if let hours { lines.append("hours \(hours.value.canonical)") }
        if let labels { lines.append("labels \(labels.value.canonical)") }
        // Refusal is what happens without the key, too.
        if asAuthor?.value == .redact { lines.append("as_author redact") }
        if let inRoom { lines.append("in_room \(inRoom.value.rawValue)") }
        if let shadow, !shadow.elements.isEmpty {
            lines.append("shadow " + shadow.elements.map(\.value.rawValue).sorted().joined(separator: ","))
        }
        return lines + tls.canonical
    }
}

/// How much the record of a tier's traffic says about rooms, events and people. Each level holds all that the one before
/// it holds. Decisions, refusals and their counts are at every level: none can be switched off. AC-113.
package enum AuditLevel: String, CaseIterable, Hashable, Comparable, Sendable {
    /// Servers, states, tiers, classes, rules and counts.
    case minimal
    /// Rooms and events by reference, people by pseudonym.
    case standard
    /// The same in clear too, sealed to the auditors.
    case forensic
    /// Each event that passed and the users of each EDU too, sealed.
    case full

    var rank: Int {
        switch self {
        case .minimal: 0
        case .standard: 1
        case .forensic: 2
        case .full: 3
        }
    }

    /// Whether something is sealed in the record.
    package var isSealed: Bool { self >= .forensic }

    package static func < (a: AuditLevel, b: AuditLevel) -> Bool { a.rank < b.rank }
}

/// Whether a server of the tier has to show a TLS client certificate.
package enum CertificateDemand: String, CaseIterable, Hashable, Sendable {
    case optional
    case required
}

/// Whose event signatures the gateway verifies itself.
package enum EventVerificationDemand: String, CaseIterable, Hashable, Sendable {
    case none
    case all
}
