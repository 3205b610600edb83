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
        let decided = decide(peer, question.endpointClass, question.direction, room: question.room)
        note {
            [step("class \(quoted(question.endpointClass.rawValue)) \(question.direction.rawValue)", decided)]
        }
        guard decided.isAllowed else { return decided }
        var last = decided
        if let facts = question.roomFacts, let occasion = question.endpointClass.roomOccasion {
            let room = decideRoom(facts, with: peer, on: occasion)
            note { [step("a room \(facts.text)", room.verdict) + ": \(room.effect.rawValue)"] }
            guard room.verdict.isAllowed else { return room.verdict }
            last = last.marked(as: room.verdict)
        }
        if let media = question.media {
            let file = decideMedia(media, with: peer, question.direction)
            note { [step("a file \(media.text)", file)] }
            guard file.isAllowed else { return file }
            last = last.marked(as: file)
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
            let event = EventQuestion(typical: question.eventType, by: author)
            let contents = decideContents(of: event, deliveredBy: peer, question.direction, authorAllowedBy: last)
            if looksIntoEvents || contents != last {
                let mark = contents.alert.map { "; marked: \($0.plainText)" } ?? ""
                note {
                    [step("event \(quoted(event.type)) as \(event.isState ? "state" : "a message")", contents) + mark]
                }
            }
            last = contents
            guard last.isAllowed else { return last }
        }
        if let edu = question.edu {
            last = decideEDU(edu, from: peer, question.direction)
            note { [step("EDU \(quoted(edu.name))", last)] }
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
        if let refusal = new.map(\.refusal) ?? tier.refusal(isPinned: true) { return .refused(refusal) }
        return .admitted(
            Peer(
                server: server, state: state.text,
                tier: Peer.Tier(name: tier.name, index: tier.index, policy: compiled.token),
                pair: new?.pairs[own] ?? compiled.unknownPair, own: own))
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
