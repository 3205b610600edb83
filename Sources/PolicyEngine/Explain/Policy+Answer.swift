// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension Policy {
    /// Decides the question as the gateway would, without a word on why.
    package func answer(_ question: PolicyQuestion) -> Verdict { at(question.time).walk(question) { _ in } }

    /// The policy as it is at the time of a question.
    func at(_ time: Timestamp?) -> Policy {
        time.map { under(Circumstances(now: $0, lockdowns: compiled.circumstances.lockdowns)) } ?? self
    }

    /// The one evaluation of a question: the first refusal, else the last permission.
    ///
    /// - Parameter note: told what was looked at, in order; makes the texts only if it wants them.
    func walk(_ question: PolicyQuestion, note: (() -> [String]) -> Void) -> Verdict {
        if let own = question.own {
            guard isOwn(own) else {
                note { ["\(quoted(own.text)) is not one of the servers under `self`"] }
                let reason = question.direction == .inbound ? ReasonCode.authDestinationMismatch : .originUnknown
                return .refused(reason, by: nil)
            }
            note { ["\(quoted(own.text)) is one of the servers under `self`"] }
        }
        guard let server = question.peer else {
            note { ["the other server is not given"] }
            return .refused(.originUnknown, by: nil)
        }
        let peer: Peer
        note { question.supposedState.map(placing(ofNewServerOf:)) ?? placing(of: server) }
        switch question.supposedState.map({ admit(server, asNewServerOf: $0, at: question.own) })
            ?? admit(server, at: question.own)
        {
        case .refused(let verdict):
            note { ["\(quoted(server.text)) is not admitted: \(verdict.summary)"] }
            return verdict
        case .admitted(let admitted): peer = admitted
        }
        if let network = question.network {
            let decided = decideNetwork(of: peer, over: network)
            note { [step("over network \(quoted(network))", decided)] }
            guard decided.isAllowed else { return decided }
        }
        let decided = decide(peer, question.endpointClass, question.direction, room: question.room)
        note {
            [step("class \(quoted(question.endpointClass.rawValue)) \(question.direction.rawValue)", decided)]
        }
        guard decided.isAllowed else { return decided }
        var last = decided
        // Of a transaction each event is asked about, below.
        if let occasion = question.endpointClass.roomOccasion, asksOfRooms(peer, question.author),
            occasion != .traffic || (question.roomFacts != nil && question.author == nil)
        {
            let room = room(question, peer, occasion)
            note { [roomStep(question, room)] }
            guard room.isAllowed else { return room }
            last = last.marked(as: room)
        }
        if let media = question.media {
            let file = decideMedia(media, with: peer, question.direction)
            note { [step("a file \(media.text)", file)] }
            guard file.isAllowed else { return file }
            last = last.marked(as: file)
        } else if question.endpointClass == .media, question.direction == .inbound {
            let media = decideMediaRequest(isReferenced: nil, from: peer)
            if !media.isAllowed || media.alert != nil {
                note { [step("a file of which it is not known whether it was shown to the peer", media)] }
            }
            guard media.isAllowed else { return media }
            last = last.marked(as: media)
        }
        if let invitation = question.invitation {
            let event = EventQuestion(
                author: invitation.sender.server, sender: invitation.sender.text, type: "m.room.member",
                stateKey: invitation.target.text, membership: "invite")
            last = decideContents(of: event, deliveredBy: peer, question.direction, authorAllowedBy: last)
            note { [step("the invitation of \(quoted(invitation.target.text))", last)] }
            guard last.isAllowed else { return last }
        }
        if let author = question.author {
            last = decideAuthor(author, eventType: question.eventType, deliveredBy: peer, question.direction)
            note {
                (author == server ? [] : placing(of: author)) + [
                    step("`send` \(question.direction.rawValue) by the author \(quoted(author.text))", last)
                        + (last.leavesRedacted ? "; its redacted form passes" : "")
                ]
            }
            guard last.isAllowed else { return last }
            let event = question.event.question(type: question.eventType, by: author)
            let contents = decideContents(of: event, deliveredBy: peer, question.direction, authorAllowedBy: last)
            if looksIntoEvents || contents != last {
                let mark = contents.alert.map { "; marked: \($0.plainText)" } ?? ""
                note {
                    [step("event \(quoted(event.type)) as \(event.isState ? "state" : "a message")", contents) + mark]
                }
            }
            last = contents
            guard last.isAllowed else { return last }
            if question.endpointClass == .send, asksOfRooms(peer, author) {
                let room = room(question, peer, .traffic)
                note { [roomStep(question, room)] }
                guard room.isAllowed else { return room }
                last = last.marked(as: room)
            }
        }
        if question.author == nil, question.event.isTold {
            last = walkUsers(question, server, peer, last, note)
            guard last.isAllowed else { return last }
        }
        if let edu = question.edu {
            last = decideEDU(edu, from: peer, question.direction)
            note { [step("EDU \(quoted(edu.name))", last)] }
            if last.isAllowed, edu == .typing || edu == .receipts, asksOfRooms(peer) {
                let room = room(question, peer, .traffic)
                note { [roomStep(question, room)] }
                last = room.isAllowed ? last.marked(as: room) : room
            }
        }
        return last
    }

    /// What the question says of the room: its facts, or its name; all else is not known.
    private func room(_ question: PolicyQuestion, _ peer: Peer, _ occasion: RoomOccasion) -> Verdict {
        decideRoom(
            question.roomFacts ?? RoomFacts(identifier: question.room), label: nil, of: peer, author: question.author,
            on: occasion)
    }

    private func roomStep(_ question: PolicyQuestion, _ verdict: Verdict) -> String {
        let named = question.room.map { "room \(quoted($0)), of which no more is known" } ?? "a room that is not known"
        let room = question.roomFacts.map { "a room \($0.text)" } ?? named
        return step(room, verdict) + (verdict.alert.map { "; marked: \($0.plainText)" } ?? "")
    }

    /// The users of a request that is no transaction, and the membership that it asks for.
    private func walkUsers(
        _ question: PolicyQuestion, _ server: ServerName, _ peer: Peer, _ allowed: Verdict,
        _ note: (() -> [String]) -> Void
    ) -> Verdict {
        let users = [question.event.sender, question.event.target].compactMap(\.self).compactMap { try? UserID($0) }
        var last = allowed
        if let membership = question.endpointClass.membership {
            let author = question.event.sender.flatMap { try? UserID($0) }?.server ?? server
            let event = question.event.question(type: "m.room.member", by: author, membership: membership)
            last = decideContents(of: event, deliveredBy: peer, question.direction, authorAllowedBy: last)
            note { [step("membership \(quoted(membership))", last)] }
            guard last.isAllowed else { return last }
        }
        for user in users {
            let decided = decideUser(user, from: peer)
            note { [step("user \(quoted(user.text))", decided)] }
            guard decided.isAllowed else { return decided }
        }
        return last
    }

    /// The tier of a server that would be listed with this state and no tier of its own.
    func tier(ofNewServerOf state: CountryCode) -> Int { compiled.newServers[state]?.tier ?? compiled.unknownTier }

    /// Judges a server that nobody has listed yet.
    func admit(_ server: ServerName, asNewServerOf state: CountryCode, at own: ServerName?) -> Admission {
        let own = own.flatMap { name in compiled.ownServers.firstIndex { $0 == name } } ?? 0
        let new = compiled.newServers[state]
        let tier = compiled.tiers[new?.tier ?? compiled.unknownTier]
        if let refusal = new.map(\.refusal) ?? tier.refusal(isPinned: true, isTLSPinned: true) {
            return .refused(refusal)
        }
        let networks = NetworkSet(network: tier.network)
        if let refusal = compiled.refusal(of: networks, tier: tier.index, at: own) { return .refused(refusal) }
        return .admitted(
            Peer(
                server: server, state: state.text,
                tier: Peer.Tier(name: tier.name, index: tier.index, policy: compiled.token),
                pair: new?.pairs[own] ?? compiled.unknownPair, own: own, networks: networks))
    }

    private func placing(ofNewServerOf state: CountryCode) -> [String] {
        let tier = quoted(compiled.tiers[tier(ofNewServerOf: state)].name)
        let head = "a new server of \(quoted(state.text)) would be in tier \(tier)"
        if state.text == compiled.ownState { return ["\(head): its state is the own state"] }
        guard let entry = compiled.states[state] else {
            return ["\(head): nothing assigns it one, so it gets that of unknown servers"]
        }
        return ["\(head): `assign.\(entry.subject)` at \(compiled.file):\(entry.place.line):\(entry.place.column)"]
    }
}
