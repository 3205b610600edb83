// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a policy says about rooms: by `rooms` and `labels` of the tiers that are asked, and by `in_room` of those that are there.
extension Policy {
    /// Decides a room in which servers of the peer's tier take part. Our servers and the peer are not counted.
    package func decideRoom(_ facts: RoomFacts, with peer: Peer, on occasion: RoomOccasion) -> RoomVerdict {
        guard let contents = contents(of: peer) else { return RoomVerdict(effect: .refuse, verdict: .foreignPeer) }
        return judge(facts, by: contents, near: peer, on: occasion)
    }

    private func judge(
        _ facts: RoomFacts, by contents: TierContents, near peer: Peer, on occasion: RoomOccasion
    ) -> RoomVerdict {
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

    /// Whether the tier of the peer, or of an event's author, asks anything of rooms.
    package func asksOfRooms(_ peer: Peer, _ author: ServerName? = nil) -> Bool {
        guard peer.tier.policy == compiled.token, compiled.guardingTiers.isEmpty else { return true }
        if compiled.tiers[peer.tier.index].contents.concernsRooms { return true }
        guard let author, author != peer.server else { return false }
        return contents(of: author, near: peer).concernsRooms
    }

    /// Whether some tier asks anything of rooms.
    package var looksIntoRooms: Bool {
        !compiled.guardingTiers.isEmpty || compiled.tiers.contains { $0.contents.concernsRooms }
    }

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
        guard contents.concernsRooms || !compiled.guardingTiers.isEmpty else { return .unopposed }
        let room = judge(facts, by: contents, near: peer, on: occasion).verdict
        guard room.isAllowed, let labels = contents.rules.labels else { return room }
        let labelled = contents.rules.verdict(labels.value.judge(label), of: .labels)
        return labelled.isAllowed ? room.marked(as: labelled) : labelled
    }

    /// Decides by a room's label; `nil`: it has none.
    package func decideLabel(_ label: String?, with peer: Peer) -> Verdict {
        guard let contents = contents(of: peer) else { return .foreignPeer }
        return contents.rules.verdict(contents.rules.labels?.value.judge(label), of: .labels)
    }
}
