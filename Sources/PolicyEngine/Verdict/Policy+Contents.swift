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

    /// Decides by the clock.
    package func decideHours(_ now: Timestamp, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return contents.rules.verdict(contents.rules.hours?.value.judge(now), of: .hours)
    }

    /// Decides by the connection over which a server of the tier speaks. AC-16, AC-41, AC-111.
    package func decideChannel(_ channel: ChannelFacts, of peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        if let refusal = refusal(ofCertificate: channel, contents.rules.clientCertificate, of: peer) { return refusal }
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

    /// How much one server of the peer's tier may ask for; `nil`: as much as it likes.
    package func limits(of peer: Peer) -> TierLimits? { contents(of: peer)?.limits }

    /// Whether the policy lists the server by its whole name. There are as many of those as the policy says, and as many of
    /// others as somebody makes up.
    package func listsByName(_ server: ServerName) -> Bool {
        guard let index = compiled.table.index(of: server.text.utf8.span) else { return false }
        return !compiled.servers[index].isPattern
    }

    /// Decides an EDU that names a device, where the tier wants such names removed: it cannot be changed without being
    /// signed anew, so it does not pass.
    package func decideDeviceName(from peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        guard let rule = contents.rules.fold.deviceNames, rule.value == .remove else { return .unopposed }
        return .refused(.eduRefused, by: rule.rule)
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

    func contents(of peer: Peer) -> TierContents? {
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
