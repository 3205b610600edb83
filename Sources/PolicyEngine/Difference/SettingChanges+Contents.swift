// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What tiers say of contents, key by key, which the verdicts of a comparison do not show.
///
/// Every key that a tier renders is compared; one without a case below cannot be told and counts as loosened.
extension SettingChanges {
    var contents: [PolicyDiff.Setting] {
        tierPairs.flatMap { pair -> [PolicyDiff.Setting] in
            // Whoever may nothing before or after is in the verdicts already.
            if pair.isMove, !Self.mayAnything(pair.was) || !Self.mayAnything(pair.becomes) { return [] }
            let (was, becomes) = (keys(of: pair.was, old), keys(of: pair.becomes, new))
            return Set(was.keys).union(becomes.keys).sorted().compactMap { key in
                guard was[key] != becomes[key] else { return nil }
                let text = "\(pair.label).\(key): \(was[key] ?? "none") → \(becomes[key] ?? "none")"
                return effect(of: key, pair).map { .init(effect: $0, text: text) } ?? Self.untold(text)
            }
        }
    }

    private static func mayAnything(_ tier: CompiledTier) -> Bool {
        EndpointClass.allCases.contains { tier.allows($0, .inbound) || tier.allows($0, .outbound) }
    }

    /// What a tier renders, by key; `as_author`, `in_room` and `shadow` are judged elsewhere.
    private func keys(of tier: CompiledTier, _ policy: Policy) -> [String: String] {
        var found: [String: String] = [:]
        for line in tier.rules.canonical {
            let key = String(line.prefix { $0 != " " })
            if ["as_author", "in_room", "shadow"].contains(key) { continue }
            found[key] = String(line.dropFirst(key.count + 1))
        }
        for (name, rule) in tier.rules.limits.rates { found["limits.\(name.rawValue)"] = rule.value.perUnit }
        if tier.pinnedOnly != nil { found["keys"] = "pinned_only" }
        if let lower = tier.downgradeTo { found["downgrade_to"] = policy.compiled.tiers[lower].name }
        if tier.network > 0 { found["network"] = policy.compiled.networks.all[tier.network].name }
        return found
    }

    /// `nil`: it cannot be told.
    private func effect(of key: String, _ pair: TierPair) -> PolicyDiff.Effect? {
        let (was, becomes) = (pair.was.rules, pair.becomes.rules)
        switch key {
        case "keys": return .less(pair.was.pinnedOnly == nil ? 1 : 0, pair.becomes.pinnedOnly == nil ? 1 : 0)
        case "downgrade_to": return lowerTier(pair)
        case "audit": return .less(-(was.audit?.value.rank ?? 0), -(becomes.audit?.value.rank ?? 0))
        case "client_certificate":
            return .required(was.clientCertificate?.value == .required, becomes.clientCertificate?.value == .required)
        case "verify_pdus": return .required(was.verifyPDUs?.value == .all, becomes.verifyPDUs?.value == .all)
        case "tls.min": return .less(becomes.tls.min?.value ?? .tls12, was.tls.min?.value ?? .tls12)
        case "tls.profile": return .demanded(was.tls.profile?.value, becomes.tls.profile?.value)
        case "tls.pins": return .required(was.tls.pins?.value == .required, becomes.tls.pins?.value == .required)
        case "fold.presence":
            return .required(
                was.fold.presence?.value == .onlineOfflineOnly, becomes.fold.presence?.value == .onlineOfflineOnly)
        case "fold.device_names":
            return .required(was.fold.deviceNames?.value == .remove, becomes.fold.deviceNames?.value == .remove)
        case "hours": return Self.hours(was.hours?.value, becomes.hours?.value)
        case "labels": return Self.labels(was.labels?.value, becomes.labels?.value)
        default: break
        }
        if key.hasPrefix("limits.") { return limit(String(key.dropFirst(7)), was.limits, becomes.limits) }
        if key.hasPrefix("rooms.") || key.hasPrefix("media.") { return conditions(key, was, becomes) }
        return lists(key, was, becomes)
    }

    private func lists(_ key: String, _ was: TierRules, _ becomes: TierRules) -> PolicyDiff.Effect? {
        switch key {
        case "events.types": return .among(was.events.types, becomes.events.types)
        case "events.state_types": return .among(was.events.stateTypes, becomes.events.stateTypes)
        // A list that refuses is narrower the more it names.
        case "events.refuse_types":
            return PolicyDiff.Effect.among(was.events.refuseTypes, becomes.events.refuseTypes, isRefusing: true)
        case "events.unknown_types":
            return .less(
                (was.events.unknownTypes?.value ?? .allow).width, (becomes.events.unknownTypes?.value ?? .allow).width)
        case "encryption.messages":
            return .required(
                was.encryption.messages?.value == .required, becomes.encryption.messages?.value == .required)
        case "encryption.algorithms":
            return .among(was.encryption.algorithms?.values, becomes.encryption.algorithms?.values)
        case "to_device.types": return .among(was.toDevice.types, becomes.toDevice.types)
        case "to_device.max": return .less(was.toDevice.max?.value ?? .max, becomes.toDevice.max?.value ?? .max)
        case "users.refuse_localparts":
            return .among(becomes.users.refuseLocalparts?.texts ?? [], was.users.refuseLocalparts?.texts ?? [])
        case "users.invite_from": return .among(was.users.inviteFrom?.texts, becomes.users.inviteFrom?.texts)
        case "users.invite_to": return .among(was.users.inviteTo?.texts, becomes.users.inviteTo?.texts)
        default: return nil
        }
    }

    private func conditions(_ key: String, _ was: TierRules, _ becomes: TierRules) -> PolicyDiff.Effect? {
        switch key {
        case "rooms.encrypted":
            return .required(was.rooms.encrypted?.value == .required, becomes.rooms.encrypted?.value == .required)
        case "rooms.min_version": return .less(becomes.rooms.minVersion?.value ?? 0, was.rooms.minVersion?.value ?? 0)
        case "rooms.other_servers": return .among(was.rooms.otherServers?.values, becomes.rooms.otherServers?.values)
        // Answers of a section that asks nothing come and go with its conditions.
        case "rooms.otherwise":
            return was.rooms.hasConditions && becomes.rooms.hasConditions
                ? .less(
                    (was.rooms.otherwise?.value.effect ?? .refuse).width,
                    (becomes.rooms.otherwise?.value.effect ?? .refuse).width) : .neutral
        case "rooms.unknown":
            let (asked, asks) = (!old.compiled.guardingTiers.isEmpty, !new.compiled.guardingTiers.isEmpty)
            return (was.rooms.hasConditions || asked) && (becomes.rooms.hasConditions || asks)
                ? .less((was.rooms.unknown?.value ?? .refuse).width, (becomes.rooms.unknown?.value ?? .refuse).width)
                : .neutral
        case "media.max": return .less(was.media.max?.value ?? .max, becomes.media.max?.value ?? .max)
        case "media.types":
            guard let first = was.media.types, let last = becomes.media.types else {
                return .demanded(was.media.types?.values.count, becomes.media.types?.values.count)
            }
            func isWithin(_ a: WrittenList<MediaType>, _ b: WrittenList<MediaType>) -> Bool {
                a.elements.allSatisfy { own in b.elements.contains { own.value.isWithin($0.value) } }
            }
            return isWithin(last, first) ? .tightened : isWithin(first, last) ? .loosened : nil
        case "media.require_reference":
            return .required(was.media.requireReference?.value == true, becomes.media.requireReference?.value == true)
        case "media.unknown":
            return was.media.hasConditions && becomes.media.hasConditions
                ? .less((was.media.unknown?.value ?? .refuse).width, (becomes.media.unknown?.value ?? .refuse).width)
                : .neutral
        default: return nil
        }
    }

    private func limit(_ name: String, _ was: LimitRules, _ becomes: LimitRules) -> PolicyDiff.Effect? {
        if name == "concurrent" { return .less(was.concurrent?.value ?? .max, becomes.concurrent?.value ?? .max) }
        guard let name = LimitName(rawValue: name) else { return nil }
        guard let first = was.rates[name]?.value, let last = becomes.rates[name]?.value else {
            return .demanded(was.rates[name]?.value, becomes.rates[name]?.value)
        }
        // A rate is also how much may come at once.
        let (isMore, isLess) = (last.exceeds(first), first.exceeds(last))
        if !isMore, last.count <= first.count { return .tightened }
        return !isLess && last.count >= first.count ? .loosened : nil
    }

    /// Where servers go that are put down. Written alone it changes nothing: `on_overdue` does.
    private func lowerTier(_ pair: TierPair) -> PolicyDiff.Effect? {
        guard let first = pair.was.downgradeTo, let last = pair.becomes.downgradeTo else { return .neutral }
        let (earlier, later) = (old.compiled.tiers[first], new.compiled.tiers[last])
        if later.firstExcess(over: earlier) == nil { return .tightened }
        return earlier.firstExcess(over: later) == nil ? .loosened : nil
    }

    private static func hours(_ was: Hours?, _ becomes: Hours?) -> PolicyDiff.Effect? {
        guard let was, let becomes else { return .demanded(was?.canonical, becomes?.canonical) }
        guard was.zone.name == becomes.zone.name else { return nil }
        let week = 0..<(7 * WeekSpans.minutesOfDay)
        func effect(_ first: WeekSpans?, _ last: WeekSpans?) -> PolicyDiff.Effect? {
            func isWithin(_ a: WeekSpans?, _ b: WeekSpans?) -> Bool {
                week.allSatisfy { !(a?.contains($0) ?? true) || (b?.contains($0) ?? true) }
            }
            let (isNarrower, isWider) = (isWithin(last, first), isWithin(first, last))
            return isNarrower && isWider ? .neutral : isNarrower ? .tightened : isWider ? .loosened : nil
        }
        let parts = [
            effect(was.alertOutside, becomes.alertOutside), effect(was.refuseOutside, becomes.refuseOutside),
        ]
        guard !parts.contains(nil) else { return nil }
        return parts.compactMap(\.self).min()
    }

    private static func labels(_ was: LabelRule?, _ becomes: LabelRule?) -> PolicyDiff.Effect? {
        guard let was, let becomes else { return .demanded(was?.canonical, becomes?.canonical) }
        guard was.scheme == becomes.scheme else { return nil }
        let isLooser = becomes.ceiling > was.ceiling || becomes.missing.width > was.missing.width
        return isLooser ? .loosened : .tightened
    }
}

extension WrittenList<EncryptionAlgorithm> {
    fileprivate var values: Set<String> { Set(elements.map(\.value.rawValue)) }
}
extension WrittenList<String> {
    fileprivate var values: Set<String> { Set(elements.map(\.value)) }
}
extension WrittenList<MediaType> {
    fileprivate var values: Set<String> { Set(elements.map(\.value.text)) }
}
extension WrittenList<TextPattern> {
    fileprivate var texts: Set<String> { Set(elements.map(\.value.text)) }
}

extension Rate {
    /// As a policy writes it, but for units of bytes.
    fileprivate var perUnit: String {
        let units: [Int64: String] = [1: "s", 60: "min", 3600: "h", 86_400: "d"]
        return "\(count)/\(units[period] ?? "\(period)s")"
    }
}
