// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a tier says about contents. Pure, total, and on the compiled policy alone.
extension Policy {
    /// Whether some tier looks further into events than at their authors.
    package var looksIntoEvents: Bool { compiled.tiers.contains { $0.contents.concernsEvents } }

    /// Whether some tier looks further into messages to devices than at whether they may come.
    package var looksIntoToDevice: Bool { compiled.tiers.contains { $0.contents.concernsToDevice } }

    /// Decides an event: its author in his own right, then what it is.
    package func decideEvent(
        _ event: EventQuestion, deliveredBy peer: Peer, _ direction: Direction
    ) -> Verdict {
        let author = decideAuthor(event.author, eventType: event.type, deliveredBy: peer, direction)
        return author.isAllowed
            ? decideContents(of: event, deliveredBy: peer, direction, authorAllowedBy: author) : author
    }

    /// Decides what an event is, for events whose author another rule has let through: those of joins and invitations.
    ///
    /// Inbound the author's tier decides, whoever delivers. Outbound only encryption and names are looked at, by the
    /// tier of whoever gets the event. Changes of server ACLs, tombstones and policy servers from outside of tier `own` are
    /// marked, also where they are refused.
    package func decideContents(
        of event: EventQuestion, deliveredBy peer: Peer, _ direction: Direction, authorAllowedBy author: Verdict? = nil
    ) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let server = event.author else { return .refused(.pduMalformed, by: nil) }
        let writer = contents(of: server, near: peer)
        var refusal: Verdict?
        var shadow: ShadowVerdict?
        var mark = event.isState && !writer.isOwn ? EventTypes.alert(event.type) : nil
        func weigh(_ finding: Finding?, _ section: ShadowedSection, of rules: TierRules) {
            guard let finding else { return }
            let verdict = rules.verdict(finding, of: section)
            mark = mark ?? verdict.alert
            shadow = shadow ?? verdict.shadow
            if !verdict.isAllowed { refusal = refusal ?? verdict }
        }
        if direction == .inbound {
            weigh(writer.rules.events.judge(event), .events, of: writer.rules)
            weigh(writer.rules.encryption.judge(event), .encryption, of: writer.rules)
        } else {
            let rules = compiled.tiers[peer.tier.index].contents.rules
            weigh(rules.encryption.judge(event), .encryption, of: rules)
        }
        weigh(writer.rules.users.judge(user: event.sender), .users, of: writer.rules)
        if event.type == "m.room.member", let target = event.stateKey.flatMap({ try? UserID($0) }),
            let server = target.server
        {
            let rules = contents(of: server, near: peer).rules
            weigh(rules.users.judge(user: target.text), .users, of: rules)
            // What cannot be read as another membership counts as an invitation.
            if direction == .inbound, event.membership ?? "invite" == "invite", isOwn(server) {
                weigh(writer.rules.users.judge(inviteBy: event.sender, to: target.text), .users, of: writer.rules)
            }
        }
        let verdict = (refusal ?? author ?? .unopposed).trying(shadow)
        return mark.map { verdict.marked($0) } ?? verdict
    }

    /// Decides by the user on whose behalf a request is made, or whom it is about: the tier of his server may turn away
    /// such names. AC-112.
    package func decideUser(_ user: UserID, from peer: Peer) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let server = user.server else { return .allowed(by: nil) }
        let rules = contents(of: server, near: peer).rules
        return rules.verdict(rules.users.judge(user: user.text), of: .users)
    }

    /// Decides a message to a device, beyond whether the tier lists `to_device` at all. AC-80.
    ///
    /// - Parameter bytes: of the EDU as written.
    package func decideToDevice(type: String, bytes: Int, from peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return contents.rules.verdict(contents.rules.toDevice.judge(type: type, bytes: bytes), of: .toDevice)
    }

    /// Decides a file that is to pass, beyond whether the tier has `media` at all. AC-77.
    ///
    /// An exception for the pair speaks instead of the tier for the keys that it names.
    package func decideMedia(_ facts: MediaFacts, with peer: Peer, _ direction: Direction = .inbound) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        let rules = contents.rules
        let (live, all) = compiled.rows.media(peer.pair, direction)
        let verdict = rules.verdict(rules.media.judge(facts, insteadBy: live), of: .media)
        guard all.count > live.count else { return verdict }
        return verdict.trying(ShadowVerdict(rules.verdict(rules.media.judge(facts, insteadBy: all), of: .media)))
    }

    /// Decides a room in which servers of the peer's tier take part. Our servers and the peer are not counted.
    package func decideRoom(_ facts: RoomFacts, with peer: Peer, on occasion: RoomOccasion) -> RoomVerdict {
        guard let contents = contents(of: peer) else { return RoomVerdict(effect: .refuse, verdict: .foreignPeer) }
        let judged = contents.rules.rooms.judge(facts, on: occasion) { server, tiers in
            if server == peer.server || isOwn(server) { return true }
            guard case .admitted(let other) = admit(server) else { return false }
            return tiers.contains { $0.value == other.tier.name }
        }
        let own = contents.rules.isShadowed(.rooms) ? judged.inShadow : judged
        guard let tainted = presence(facts, with: peer, on: occasion, contents.rules.rooms) else { return own }
        // Of both the one that lets less through, whatever stands where.
        return tainted.effect.width < own.effect.width ? tainted.trying(own) : own
    }

    /// What `in_room` of the tiers makes of a room, by whoever else is in it; `nil`: nothing.
    private func presence(
        _ facts: RoomFacts, with peer: Peer, on occasion: RoomOccasion, _ rooms: RoomRules
    ) -> RoomVerdict? {
        let guarding = compiled.guardingTiers
        guard !guarding.isEmpty else { return nil }
        var found: RoomVerdict?
        func weigh(_ rule: WrittenRule<RoomEffect>?) {
            guard let rule else { return }
            if let found, found.effect.width <= rule.value.width { return }
            found = RoomVerdict(rule.value, occasion.taint, by: rule.rule)
        }
        for server in facts.otherServers ?? [] where server != peer.server && !isOwn(server) {
            let tier = compiled.table.index(of: server.text.utf8.span).map { compiled.standings[$0].tier }
            weigh(guarding[tier ?? compiled.unknownTier])
        }
        for tier in compiled.tiers where facts.otherTiers.contains(tier.name) { weigh(guarding[tier.index]) }
        if let found { return found }
        guard facts.otherServers == nil, facts.otherTiers.isEmpty, let first = guarding.min(by: { $0.key < $1.key })
        else { return nil }
        // Who is there is not known: the peer's tier has the answer, as for its own conditions.
        return RoomVerdict(
            rooms.unknown?.value ?? .refuse, .roomUnknown, by: rooms.unknown?.rule ?? first.value.rule)
    }

    /// Decides by a room's label; `nil`: it has none.
    package func decideLabel(_ label: String?, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return contents.rules.verdict(contents.rules.labels?.value.judge(label), of: .labels)
    }

    /// Decides by the clock.
    package func decideHours(_ now: Timestamp, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return contents.rules.verdict(contents.rules.hours?.value.judge(now), of: .hours)
    }

    /// Decides by the connection over which a server of the tier speaks. AC-41.
    ///
    /// Presence of a certificate is looked at; that it names the peer is for whoever verified it.
    package func decideChannel(_ channel: ChannelFacts, of peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        if let demand = contents.rules.clientCertificate, demand.value == .required, !channel.hasClientCertificate {
            return .refused(.tlsClientCertificate, by: demand.rule)
        }
        if let min = contents.rules.tls.min, channel.version < min.value { return .refused(.tlsRefused, by: min.rule) }
        return .allowed(by: nil)
    }

    /// Decides by the suite and group of the connection, where the tier names a profile.
    package func decideProfile(_ channel: ChannelFacts, of peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        guard let profile = contents.rules.tls.profile,
            !profile.value.admits(suite: channel.suite, group: channel.group)
        else {
            return .allowed(by: nil)
        }
        return .refused(.tlsRefused, by: profile.rule)
    }

    /// How much one server of the peer's tier may ask for.
    package func limits(of peer: Peer) -> TierLimits {
        guard let contents = contents(of: peer) else { return TierLimits(rates: [:], concurrent: nil) }
        return TierLimits(
            rates: contents.rules.limits.rates.mapValues(\.value), concurrent: contents.rules.limits.concurrent?.value)
    }

    /// What is taken out of EDUs for the peer.
    package func folding(for peer: Peer) -> EDUFolding {
        let fold = contents(of: peer)?.rules.fold
        return EDUFolding(
            isPresenceReduced: fold?.presence?.value == .onlineOfflineOnly,
            areDeviceNamesRemoved: fold?.deviceNames?.value == .remove)
    }

    package func auditLevel(of peer: Peer) -> AuditLevel { contents(of: peer)?.rules.audit?.value ?? .standard }

    package func eventVerification(of peer: Peer) -> EventVerificationDemand {
        contents(of: peer)?.rules.verifyPDUs?.value ?? .none
    }

    private func contents(of peer: Peer) -> TierContents? {
        peer.tier.policy == compiled.token ? compiled.tiers[peer.tier.index].contents : nil
    }

    /// The rules by which the server's users and events are judged.
    func contents(of server: ServerName, near peer: Peer) -> TierContents {
        if server == peer.server { return compiled.tiers[peer.tier.index].contents }
        guard let index = compiled.table.index(of: server.text.utf8.span) else {
            return compiled.tiers[compiled.unknownTier].contents
        }
        return compiled.tiers[compiled.standings[index].tier].contents
    }
}

/// `limits` of a tier.
package struct TierLimits: Hashable, Sendable {
    package let rates: [LimitName: Rate]
    /// Requests under way at a time.
    package let concurrent: Int?
}

/// `fold` of a tier.
package struct EDUFolding: Hashable, Sendable {
    package let isPresenceReduced: Bool
    package let areDeviceNamesRemoved: Bool
}

extension Verdict {
    init(_ finding: Finding?) {
        switch finding {
        case nil: self = .allowed(by: nil)
        case .alert(let reason): self = Verdict.allowed(by: nil).marked(reason)
        case .refused(let reason, let rule): self = .refused(reason, by: rule)
        }
    }
}
