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
        var mark = event.isState && !writer.isOwn ? EventTypes.alert(event.type) : nil
        func weigh(_ finding: Finding?) {
            switch finding {
            case nil: break
            case .alert(let reason): mark = mark ?? reason
            case .refused(let reason, let rule): refusal = refusal ?? .refused(reason, by: rule)
            }
        }
        if direction == .inbound {
            weigh(writer.rules.events.judge(event))
            weigh(writer.rules.encryption.judge(event))
        } else {
            weigh(compiled.tiers[peer.tier.index].contents.rules.encryption.judge(event))
        }
        weigh(writer.rules.users.judge(user: event.sender))
        if event.type == "m.room.member", let target = event.stateKey.flatMap({ try? UserID($0) }),
            let server = target.server
        {
            weigh(contents(of: server, near: peer).rules.users.judge(user: target.text))
            // What cannot be read as another membership counts as an invitation.
            if direction == .inbound, event.membership ?? "invite" == "invite", isOwn(server) {
                weigh(writer.rules.users.judge(inviteBy: event.sender, to: target.text))
            }
        }
        let verdict = refusal ?? author ?? .unopposed
        return mark.map { verdict.marked($0) } ?? verdict
    }

    /// Decides by the user on whose behalf a request is made, or whom it is about: the tier of his server may turn away
    /// such names. AC-112.
    package func decideUser(_ user: UserID, from peer: Peer) -> Verdict {
        guard peer.tier.policy == compiled.token else { return .foreignPeer }
        guard let server = user.server else { return .allowed(by: nil) }
        return Verdict(contents(of: server, near: peer).rules.users.judge(user: user.text))
    }

    /// Decides a message to a device, beyond whether the tier lists `to_device` at all. AC-80.
    ///
    /// - Parameter bytes: of the EDU as written.
    package func decideToDevice(type: String, bytes: Int, from peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return Verdict(contents.rules.toDevice.judge(type: type, bytes: bytes))
    }

    /// Decides a file that is to pass, beyond whether the tier has `media` at all. AC-77.
    package func decideMedia(_ facts: MediaFacts, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return Verdict(contents.rules.media.judge(facts))
    }

    /// Decides a file when it is asked for: only whether it had to be shown before.
    ///
    /// - Parameter peer: `nil`: somebody who named no server.
    package func decideMediaRequest(isReferenced: Bool?, from peer: Peer?) -> Verdict {
        if let peer, peer.tier.policy != compiled.token { return .foreignPeer }
        return Verdict(mediaRules(for: peer)?.judgeReference(isReferenced))
    }

    /// Decides a file when it comes, by its size and its type.
    package func decideFile(bytes: Int?, type: String?, for peer: Peer?) -> Verdict {
        if let peer, peer.tier.policy != compiled.token { return .foreignPeer }
        return Verdict(mediaRules(for: peer)?.judgeFile(bytes: bytes, type: type))
    }

    /// What has to be looked at when a file comes; `nil`: nothing.
    package func fileBounds(for peer: Peer?) -> FileBounds? {
        guard let rules = mediaRules(for: peer), rules.asksOfFile else { return nil }
        return FileBounds(maxBytes: rules.max?.value, maxRule: rules.max?.rule)
    }

    private func mediaRules(for peer: Peer?) -> MediaRules? {
        peer.map { compiled.tiers[$0.tier.index].rules.media }
            ?? compiled.anonymousTier.map { compiled.tiers[$0].rules.media }
    }

    /// Decides a room in which servers of the peer's tier take part. Our servers and the peer are not counted.
    package func decideRoom(_ facts: RoomFacts, with peer: Peer, on occasion: RoomOccasion) -> RoomVerdict {
        guard let contents = contents(of: peer) else { return RoomVerdict(effect: .refuse, verdict: .foreignPeer) }
        return judge(facts, by: contents, near: peer, on: occasion)
    }

    private func judge(
        _ facts: RoomFacts, by contents: TierContents, near peer: Peer, on occasion: RoomOccasion
    ) -> RoomVerdict {
        contents.rules.rooms.judge(facts, on: occasion) { server, tiers in
            if server == peer.server || isOwn(server) { return true }
            guard case .admitted(let other) = admit(server) else { return false }
            return tiers.contains { $0.value == other.tier.name }
        }
    }

    /// Whether the tier of the peer, or of an event's author, asks anything of rooms.
    package func asksOfRooms(_ peer: Peer, _ author: ServerName? = nil) -> Bool {
        guard peer.tier.policy == compiled.token else { return true }
        if compiled.tiers[peer.tier.index].contents.concernsRooms { return true }
        guard let author, author != peer.server else { return false }
        return contents(of: author, near: peer).concernsRooms
    }

    /// Whether some tier asks anything of rooms.
    package var looksIntoRooms: Bool { compiled.tiers.contains { $0.contents.concernsRooms } }

    /// Decides a room by all that is asked of it: by the peer's tier and by that of an event's author, its `rooms` and then
    /// its `labels`. `quarantine` refuses what is asked, as long as nothing can be kept back.
    ///
    /// - Parameters:
    ///   - label: `nil`: none is known.
    ///   - author: the server of the sender of the event that the question is about.
    package func decideRoom(
        _ facts: RoomFacts, label: String?, of peer: Peer, author: ServerName?, on occasion: RoomOccasion
    ) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        let verdict = decide(facts, label, by: contents, near: peer, occasion)
        guard verdict.isAllowed, let author, author != peer.server else { return verdict }
        let others = self.contents(of: author, near: peer)
        guard others !== contents else { return verdict }
        let second = decide(facts, label, by: others, near: peer, occasion)
        return second.isAllowed ? verdict.marked(as: second) : second
    }

    private func decide(
        _ facts: RoomFacts, _ label: String?, by contents: TierContents, near peer: Peer, _ occasion: RoomOccasion
    ) -> Verdict {
        guard contents.concernsRooms else { return .unopposed }
        let room = judge(facts, by: contents, near: peer, on: occasion).verdict
        guard room.isAllowed, let labels = contents.rules.labels else { return room }
        let labelled = Verdict(labels.value.judge(label))
        return labelled.isAllowed ? room.marked(as: labelled) : labelled
    }

    /// Decides by a room's label; `nil`: it has none.
    package func decideLabel(_ label: String?, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return Verdict(contents.rules.labels?.value.judge(label))
    }

    /// Decides by the clock.
    package func decideHours(_ now: Timestamp, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return Verdict(contents.rules.hours?.value.judge(now))
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

    private func contents(of peer: Peer) -> TierContents? {
        peer.tier.policy == compiled.token ? compiled.tiers[peer.tier.index].contents : nil
    }

    /// The rules by which the server's users and events are judged.
    private func contents(of server: ServerName, near peer: Peer) -> TierContents {
        if server == peer.server { return compiled.tiers[peer.tier.index].contents }
        guard let index = compiled.table.index(of: server.text.utf8.span) else {
            return compiled.tiers[compiled.unknownTier].contents
        }
        return compiled.tiers[compiled.standings[index].tier].contents
    }
}

/// How large a file may be.
package struct FileBounds: Sendable {
    package let maxBytes: Int?
    package let maxRule: RuleReference?
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
