// SPDX-License-Identifier: Apache-2.0

/// Reads what an entry of `tiers` says about contents: one reader for each concern.
enum TierContentsReader {
    static func read(_ tier: MappingDecoder) -> TierRules {
        var rules = TierRules()
        rules.audit = tier.writtenWord("audit", AuditLevel.self)
        rules.clientCertificate = tier.writtenWord("client_certificate", CertificateDemand.self)
        rules.verifyPDUs = tier.writtenWord("verify_pdus", EventVerificationDemand.self)
        rules.events = tier.section("events", EventRulesReader.events) ?? rules.events
        rules.encryption = tier.section("encryption", EventRulesReader.encryption) ?? rules.encryption
        rules.toDevice = tier.section("to_device", EventRulesReader.toDevice) ?? rules.toDevice
        rules.fold = tier.section("fold", fold) ?? rules.fold
        rules.rooms = tier.section("rooms", RoomRulesReader.rooms) ?? rules.rooms
        rules.media = tier.section("media", MediaRulesReader.media) ?? rules.media
        rules.users = tier.section("users", UserRulesReader.users) ?? rules.users
        rules.limits = tier.section("limits", LimitRulesReader.limits) ?? rules.limits
        rules.hours = HoursReader.hours(tier)
        rules.asAuthor = tier.writtenWord("as_author", AuthorEffect.self)
        rules.inRoom = tier.writtenWord("in_room", RoomEffect.self)
        rules.shadow = tier.writtenWords("shadow", "section", ShadowedSection.self)
        rules.labels = LabelRuleReader.labels(tier)
        rules.tls = tier.section("tls", tls) ?? rules.tls
        return rules
    }

    private static func fold(_ fields: MappingDecoder) -> FoldRules {
        FoldRules(
            presence: fields.writtenWord("presence", FoldRules.Presence.self),
            deviceNames: fields.writtenWord("device_names", FoldRules.DeviceNames.self))
    }

    private static func tls(_ fields: MappingDecoder) -> TLSRules {
        TLSRules(
            min: fields.writtenWord("min", TLSVersion.self), profile: fields.writtenWord("profile", TLSProfile.self))
    }
}
