// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `given` of a trial: who asks whom for what.
enum TrialQuestionReader {
    static func given(_ fields: MappingDecoder) -> PolicyTrial.Given? {
        var question = PolicyTrialQuestion()
        question.direction = fields.optional("direction", default: .inbound) { $0.word(Direction.self) } ?? .inbound
        question.from = fields.optional("from", server)
        question.to = fields.optional("to", server)
        question.state = fields.optional("state") { $0.countryCode }
        question.edu = fields.optional("edu", edu)
        fields.optional("event") { $0.mapping { event($0, &question) } }
        question.room = fields.optional("room") { $0.line }
        question.network = fields.optional("network") { $0.policyName("network") }
        question.time = fields.optional("at", instant)
        question.roomFacts = fields.optional("room_facts") { $0.mapping(roomFacts) }
        question.media = fields.optional("media") { $0.mapping(media) }
        question.invitation = fields.optional("invite") { $0.mapping(invitation) }
        question.lockdowns = fields.optional("lockdown") { $0.lenientList(OwnershipReader.locatedText) } ?? []
        let requested = requested(fields)
        checkServers(fields, question.direction)
        if question.edu != nil, fields.has("event") {
            fields.fail("`given` has an EDU and an event, which are judged apart", todo: "write two tests")
        }
        if fields.has("media"), ["edu", "event", "invite", "endpoint"].contains(where: fields.has) {
            fields.fail("`media` says already what is asked", todo: "remove `endpoint`, `event`, `edu` and `invite`")
        }
        if fields.has("invite"), ["edu", "event", "class", "endpoint"].contains(where: fields.has) {
            fields.fail("`invite` says already what is asked", todo: "remove `class`, `endpoint`, `event` and `edu`")
        }
        switch requested {
        case .none:
            if question.invitation != nil { question.endpointClass = .invite }
            if question.media != nil { question.endpointClass = .media }
            guard ["edu", "event", "invite", "media"].contains(where: fields.has) else {
                let isWritten = fields.has("class") || fields.has("endpoint")
                if !isWritten {
                    fields.fail(
                        "`given` does not say what is asked",
                        todo: "add `class`, `endpoint`, `event`, `edu`, `invite` or `media`")
                }
                return nil
            }
        case .refused(let reason, _):
            return .refused(reason)
        case .endpointClass(let endpointClass, let endpoint):
            (question.endpointClass, question.endpoint) = (endpointClass, endpoint)
            if endpointClass != .send, question.edu != nil {
                fields.fail(
                    "an EDU does not come with \(quoted(endpointClass.rawValue))", todo: "remove `class` or `endpoint`")
            }
        }
        return .question(question)
    }

    /// The other server, or a state in its place; ours may be left out.
    private static func checkServers(_ fields: MappingDecoder, _ direction: Direction) {
        let other = direction == .inbound ? "from" : "to"
        switch (fields.has(other), fields.has("state")) {
        case (true, true):
            fields.fail(
                "`given` has \(quoted(other)) and `state`, which both say who is on the other side",
                todo: "keep one, `state` means a new server of that state")
        case (false, false):
            fields.fail(
                "`given` does not say who is on the other side", todo: "add \(quoted(other + ":")) with a server's name"
            )
        default: break
        }
    }

    private static func requested(_ fields: MappingDecoder) -> RequestedEndpoint? {
        let named = fields.optional("class") { value -> EndpointClass? in
            guard let text = value.text else { return nil }
            if let named = EndpointClass(rawValue: text) { return named }
            value.unknown("class", text, of: EndpointClass.allCases.map(\.rawValue))
            return nil
        }
        let endpoint = fields.optional("endpoint", endpoint)
        if fields.has("class"), fields.has("endpoint") {
            fields.fail("`class` and `endpoint` say the same thing", todo: "keep one of the two")
        }
        return endpoint ?? named.map { .endpointClass($0, endpoint: nil) }
    }

    /// An id as in audit records, or method and path.
    private static func endpoint(_ value: ValueDecoder) -> RequestedEndpoint? {
        guard let text = value.text else { return nil }
        if let known = Endpoints.all.first(where: { $0.id == text }) { return RequestedEndpoint(known) }
        if text.contains(" /"), let requested = RequestedEndpoint(requestLine: text) { return requested }
        value.unknown("endpoint", text, of: Endpoints.all.map(\.id))
        return nil
    }

    private static func event(_ fields: MappingDecoder, _ question: inout PolicyTrialQuestion) -> Void? {
        question.author = fields.optional("author") { value -> ServerName? in
            guard let text = value.text else { return nil }
            let server = text.hasPrefix("@") ? (try? UserID(text))?.server : try? ServerName(text)
            if text.hasPrefix("@") { question.event.sender = text }
            if server == nil {
                value.fail("\(quoted(text)) is neither a server nor a user", todo: "write `server` or `@user:server`")
            }
            return server
        }
        question.eventType = fields.optional("type") { $0.line }
        if let sender = fields.optional("sender", user) { question.event.sender = sender }
        question.event.target = fields.optional("target", user)
        question.event.isState = fields.optional("state") { $0.boolean }
        question.event.messageType = fields.optional("msgtype") { $0.line }
        question.event.algorithm = fields.optional("algorithm") { $0.line }
        if !fields.has("author"), !fields.has("type"), !question.event.isTold {
            fields.fail("`event` says nothing of the event", todo: "add `author:`, `type:` or both")
        }
        return ()
    }

    private static func user(_ value: ValueDecoder) -> String? {
        guard let text = value.line else { return nil }
        guard (try? UserID(text))?.server != nil else {
            value.fail("\(quoted(text)) is not a user", todo: "write `@user:server`")
            return nil
        }
        return text
    }

    /// Any name that a peer may claim, also one that no policy could list.
    private static func server(_ value: ValueDecoder) -> ServerName? {
        guard let text = value.text else { return nil }
        guard let name = try? ServerName(text) else {
            value.fail("\(quoted(text)) is not a server name", todo: "write it as after the colon of its users' ids")
            return nil
        }
        return name
    }

    /// A kind that the protocol has, or one with a dot that it does not: a slip of the pen is neither.
    private static func edu(_ value: ValueDecoder) -> EDUKind? {
        guard let text = value.line else { return nil }
        let kind = EDUKind.named(text)
        if case .unknown = kind, !text.contains(".") {
            value.unknown("EDU type", text, of: EDUType.allCases.map(\.rawValue))
            return nil
        }
        return kind
    }

    private static func instant(_ value: ValueDecoder) -> Timestamp? {
        value.start
    }
}

extension ValueDecoder {
    /// A text of one line, at most 200 characters: it is printed in one.
    var line: String? {
        guard let text else { return nil }
        guard text.count <= 200, !text.unicodeScalars.contains(where: \.isHidden) else {
            fail("\(name) has several lines or more than 200 characters", todo: "write one short line")
            return nil
        }
        return text
    }
}
