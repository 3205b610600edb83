// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Whether one tier's rules on contents let more through than another's.
///
/// Compared is what both directions of the comparison can tell key by key. Not compared: bursts within a rate's period,
/// `hours` of different zones or spans, and `events.types` against the other tier's `refuse_types`.
extension CompiledTier {
    /// What this tier lets through and `bound` does not, for a message; `nil` if it is within `bound`.
    func firstExcessOfContents(over bound: CompiledTier) -> String? {
        guard !isBlocked else { return nil }
        let mayAnything = EndpointClass.allCases.contains { mayEither($0) }
        guard mayAnything else { return nil }
        let (own, other) = (rules, bound.rules)
        if let excess = channelExcess(own, other) { return excess }
        let rooms: [EndpointClass] = [.join, .invite, .knock, .leave, .send, .history]
        if rooms.contains(where: mayEither) {
            if let excess = own.events.excess(over: other.events) ?? own.encryption.excess(over: other.encryption)
                ?? own.users.excess(over: other.users) ?? own.rooms.excess(over: other.rooms)
            {
                return excess
            }
            if let limit = other.labels?.value {
                guard let label = own.labels?.value, label.scheme == limit.scheme else {
                    return "allows rooms without labels of \(quoted(limit.scheme.rawValue))"
                }
                if label.ceiling > limit.ceiling { return "allows labels above `labels.ceiling`" }
                if label.missing.width > limit.missing.width { return "allows more by `labels.missing`" }
            }
        }
        if mayEither(.media), let excess = own.media.excess(over: other.media) { return excess }
        if allows(.toDevice), let excess = own.toDevice.excess(over: other.toDevice) { return excess }
        if allows(.presence), other.fold.presence?.value == .onlineOfflineOnly,
            own.fold.presence?.value != .onlineOfflineOnly
        {
            return "allows presence that is not folded"
        }
        if allows(.deviceLists), other.fold.deviceNames?.value == .remove, own.fold.deviceNames?.value != .remove {
            return "allows device names"
        }
        for section in ShadowedSection.allCases
        where own.isShadowed(section) && other.has(section) && !other.isShadowed(section) {
            return "allows what `\(section.rawValue)` refuses, which is in shadow"
        }
        if own.asAuthor?.value == .redact, other.asAuthor?.value != .redact {
            return "allows events of refused authors in redacted form"
        }
        if (own.inRoom?.value ?? .allow).width > (other.inRoom?.value ?? .allow).width {
            return "allows its servers more rooms by `in_room`"
        }
        return own.limits.excess(over: other.limits)
    }

    private func mayEither(_ endpointClass: EndpointClass) -> Bool {
        allows(endpointClass, .inbound) || allows(endpointClass, .outbound)
    }

    private func channelExcess(_ own: TierRules, _ other: TierRules) -> String? {
        if other.clientCertificate?.value == .required, own.clientCertificate?.value != .required {
            return "allows connections without a client certificate"
        }
        if let min = other.tls.min?.value, (own.tls.min?.value ?? .tls12) < min {
            return "allows a TLS below \(quoted(min.rawValue))"
        }
        if let profile = other.tls.profile?.value, own.tls.profile?.value != profile {
            return "allows connections outside of the TLS profile \(quoted(profile.rawValue))"
        }
        if (own.audit?.value ?? .standard).rank < (other.audit?.value ?? .standard).rank {
            return "allows less on record than `audit: \(other.audit?.value.rawValue ?? "")`"
        }
        if other.verifyPDUs?.value == .all, own.verifyPDUs?.value != .all {
            return "allows events that nobody verifies"
        }
        if other.hours?.value.refuseOutside != nil, own.hours?.value.refuseOutside == nil {
            return "allows requests outside of `hours.refuse_outside`"
        }
        return nil
    }
}

extension EventRules {
    fileprivate func excess(over bound: EventRules) -> String? {
        for (key, own, limit) in [("types", types, bound.types), ("state_types", stateTypes, bound.stateTypes)] {
            guard let limit else { continue }
            if own?.isWithin(limit) != true { return "allows more than `events.\(key)`" }
        }
        if let limit = bound.refuseTypes, refuseTypes.map({ limit.isWithin($0) }) != true {
            return "allows some of `events.refuse_types`"
        }
        let width = (unknownTypes?.value ?? .allow).width
        // Where both lists are written nothing unknown gets as far as `unknown_types`.
        if width > (bound.unknownTypes?.value ?? .allow).width, types == nil || stateTypes == nil {
            return "allows more by `events.unknown_types`"
        }
        return nil
    }
}

extension EncryptionRules {
    fileprivate func excess(over bound: EncryptionRules) -> String? {
        if bound.messages?.value == .required, messages?.value != .required { return "allows messages in clear" }
        guard let limit = bound.algorithms else { return nil }
        let allowed = Set(limit.elements.map(\.value))
        guard let algorithms, algorithms.elements.allSatisfy({ allowed.contains($0.value) }) else {
            return "allows more than `encryption.algorithms`"
        }
        return nil
    }
}

extension UserRules {
    fileprivate func excess(over bound: UserRules) -> String? {
        func texts(_ list: WrittenList<TextPattern>?) -> Set<String> { Set(list?.elements.map(\.value.text) ?? []) }
        if !texts(bound.refuseLocalparts).isSubset(of: texts(refuseLocalparts)) {
            return "allows some of `users.refuse_localparts`"
        }
        if bound.inviteFrom != nil, inviteFrom == nil || !texts(inviteFrom).isSubset(of: texts(bound.inviteFrom)) {
            return "allows more than `users.invite_from`"
        }
        if bound.inviteTo != nil, inviteTo == nil || !texts(inviteTo).isSubset(of: texts(bound.inviteTo)) {
            return "allows more than `users.invite_to`"
        }
        return nil
    }
}

extension RoomRules {
    fileprivate func excess(over bound: RoomRules) -> String? {
        if bound.encrypted?.value == .required, encrypted?.value != .required { return "allows unencrypted rooms" }
        if let min = bound.minVersion?.value, (minVersion?.value ?? 0) < min {
            return "allows rooms below version \(min)"
        }
        if let limit = bound.otherServers {
            let allowed = Set(limit.elements.map(\.value))
            guard let otherServers, otherServers.elements.allSatisfy({ allowed.contains($0.value) }) else {
                return "allows more than `rooms.other_servers`"
            }
        }
        guard bound.hasConditions else { return nil }
        if (otherwise?.value.effect ?? .refuse).width > (bound.otherwise?.value.effect ?? .refuse).width {
            return "allows more by `rooms.otherwise`"
        }
        if (unknown?.value ?? .refuse).width > (bound.unknown?.value ?? .refuse).width {
            return "allows more by `rooms.unknown`"
        }
        return nil
    }
}

extension MediaRules {
    func excess(over bound: MediaRules) -> String? {
        if let limit = bound.max?.value, (max?.value ?? .max) > limit { return "allows media above `media.max`" }
        if let limit = bound.types {
            guard let types,
                types.elements.allSatisfy({ own in limit.elements.contains { own.value.isWithin($0.value) } })
            else { return "allows more than `media.types`" }
        }
        if bound.requireReference?.value == true, requireReference?.value != true {
            return "allows media without `media.require_reference`"
        }
        return nil
    }
}

extension ToDeviceRules {
    fileprivate func excess(over bound: ToDeviceRules) -> String? {
        if let limit = bound.types, types?.isWithin(limit) != true { return "allows more than `to_device.types`" }
        if let limit = bound.max?.value, (max?.value ?? .max) > limit { return "allows more than `to_device.max`" }
        return nil
    }
}

extension LimitRules {
    fileprivate func excess(over bound: LimitRules) -> String? {
        for name in LimitName.allCases {
            guard let limit = bound.rates[name]?.value else { continue }
            guard let own = rates[name]?.value, !own.exceeds(limit) else {
                return "allows more than `limits.\(name.rawValue)`"
            }
        }
        if let limit = bound.concurrent?.value, (concurrent?.value ?? .max) > limit {
            return "allows more than `limits.concurrent`"
        }
        return nil
    }
}
