// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Stages *understand* and *decide*: what an authenticated request is about, and what becomes of it.
final class DecidedRequest {
    enum Effect {
        /// The very bytes go on.
        case pass
        case refuse(Refusal)
        /// A transaction of which nothing goes on, answered 200 with an error for each event.
        case absorb(isWithheld: Bool)
    }

    enum Facts {
        case transaction(Transaction, TransactionPlan)
        case request(RequestFacts)
        case none
    }

    let effect: Effect
    let facts: Facts
    /// The rule that let the endpoint class pass, or refused it.
    let verdict: Verdict
    /// The rule by which a policy that only watches would have refused it.
    let shadow: Shadow?
    /// What rules in shadow would have decided otherwise.
    let trial: ShadowVerdict?
    /// What the policy marks, distinct.
    let alerts: [ReasonCode]

    struct Shadow {
        let rule: RuleReference?
    }

    /// - Parameters:
    ///   - destination: the homeserver that the request is for.
    ///   - now: what the clock says, for the tier's hours.
    init(
        _ request: AuthenticatedRequest, _ policy: Policy, destination: ServerName, mixed: MixedTransactions,
        now: Timestamp
    ) {
        let received = request.admitted.received
        let origin = request.origin?.origin
        let isTransaction = received.endpoint.requestBody == .transaction
        // The room may decide. What contradicts itself names none, and is refused for that later if it comes so far.
        let read =
            !isTransaction && request.admitted.peer?.dependsOnRoom == true
            ? Self.request(request, origin, destination) : nil
        let verdict = Self.verdict(request, policy, read?.1, now)
        self.verdict = verdict
        var alerts = Self.distinct(request.admitted.peer?.alert, verdict.alert)
        var shadow: Shadow?
        var trial = verdict.shadow
        if !verdict.isAllowed {
            // Shadow mode watches what a policy may grant; what none can grant stays shut (decision 4).
            guard policy.mode == .shadow, request.admitted.peer != nil, received.endpoint.endpointClass != nil else {
                effect = .refuse(Self.refusal(verdict, received.endpoint))
                // For the record alone: whom and what was asked about.
                facts = isTransaction ? .none : (read ?? Self.request(request, origin, destination)).1
                self.shadow = nil
                self.trial = trial
                self.alerts = alerts
                return
            }
            shadow = Shadow(rule: verdict.rule)
        }
        if isTransaction {
            guard let document = request.document, let origin, let peer = request.admitted.peer else {
                effect = .refuse(.forbidden(.ungrantable))
                facts = .none
                self.shadow = nil
                self.trial = trial
                self.alerts = alerts
                return
            }
            (effect, facts) = Self.transaction(document, origin, destination, peer, policy, mixed)
            if case .transaction(_, let plan) = facts {
                if plan.isShadowed { shadow = shadow ?? Shadow(rule: plan.refused.first?.rule) }
                trial = trial ?? plan.trial
                for alert in plan.alerts where !alerts.contains(alert) { alerts.append(alert) }
            }
        } else {
            let (effect, facts) = read ?? Self.request(request, origin, destination)
            self.facts = facts
            let contents = Self.contents(facts, of: request, policy)
            trial = trial ?? contents.shadow
            if let alert = contents.alert, !alerts.contains(alert) { alerts.append(alert) }
            if case .pass = effect, !contents.isAllowed, policy.mode == .enforce {
                self.effect = .refuse(Self.refusal(contents, received.endpoint))
            } else {
                self.effect = effect
                if !contents.isAllowed { shadow = shadow ?? Shadow(rule: contents.rule) }
            }
        }
        self.shadow = shadow
        self.trial = trial
        self.alerts = alerts
    }

    private static func verdict(
        _ request: AuthenticatedRequest, _ policy: Policy, _ facts: Facts?, _ now: Timestamp
    ) -> Verdict {
        let verdict = classVerdict(request, policy, facts)
        guard verdict.isAllowed, let peer = request.admitted.peer else { return verdict }
        let hours = policy.decideHours(now, with: peer)
        return hours.isAllowed ? verdict.marked(as: hours) : hours
    }

    private static func classVerdict(
        _ request: AuthenticatedRequest, _ policy: Policy, _ facts: Facts?
    ) -> Verdict {
        guard let endpointClass = request.admitted.received.endpoint.endpointClass else { return .ungrantable }
        guard let peer = request.admitted.peer else { return policy.decideAnonymous(endpointClass, .inbound) }
        var room: String?
        if case .request(let facts) = facts { room = facts.room }
        return policy.decide(peer, endpointClass, .inbound, room: room)
    }

    /// What the policy says of the file, the room, the event and the users of a request whose class it allows.
    private static func contents(_ facts: Facts, of request: AuthenticatedRequest, _ policy: Policy) -> Verdict {
        let received = request.admitted.received
        if received.endpoint.answer != .json {
            // Whether it was shown to whoever asks is not known of any file yet; its size and type are, when it comes.
            return policy.decideMediaRequest(isReferenced: nil, from: request.admitted.peer)
        }
        guard case .request(let facts) = facts, let peer = request.admitted.peer else { return .unopposed }
        var verdict = Verdict.unopposed
        if let occasion = received.endpoint.roomOccasion, policy.asksOfRooms(peer, facts.pdu?.authorServer) {
            verdict = policy.decideRoom(
                RoomFacts(facts, received, in: request.document), label: nil, of: peer, author: facts.pdu?.authorServer,
                on: occasion)
            guard verdict.isAllowed else { return verdict }
        }
        if let pdu = facts.pdu {
            let room = verdict
            verdict = policy.decideContents(
                of: EventQuestion(pdu, in: policy.looksIntoEvents ? request.document : nil), deliveredBy: peer, .inbound
            )
            guard verdict.isAllowed else { return verdict }
            verdict = verdict.marked(as: room)
        }
        for user in [facts.actor, facts.target].compactMap(\.self) {
            let decided = policy.decideUser(user, from: peer)
            guard decided.isAllowed else { return decided }
            verdict = verdict.marked(as: decided)
        }
        return verdict
    }

    private static func distinct(_ first: ReasonCode?, _ second: ReasonCode?) -> [ReasonCode] {
        first == second ? [first].compactMap(\.self) : [first, second].compactMap(\.self)
    }

    /// 403, except for media, of which only a 404 reaches the user (measured on the reference homeserver).
    private static func refusal(_ verdict: Verdict, _ endpoint: Endpoint) -> Refusal {
        endpoint.endpointClass == .media
            ? Refusal(404, "M_NOT_FOUND", verdict.reason, rule: verdict.rule)
            : .forbidden(verdict)
    }

    private static func transaction(
        _ document: JSONDocument, _ origin: ServerName, _ destination: ServerName, _ peer: Peer, _ policy: Policy,
        _ mixed: MixedTransactions
    ) -> (Effect, Facts) {
        let transaction: Transaction
        do throws(Transaction.Fault) {
            transaction = try Transaction(document, origin: origin, destination: destination)
        } catch {
            return (.refuse(Refusal(error)), .none)
        }
        let plan = TransactionPlan(transaction, in: document, from: peer, policy, mixed: mixed)
        let effect: Effect =
            switch plan.effect {
            case .pass: .pass
            case .absorb: .absorb(isWithheld: false)
            case .withhold: .absorb(isWithheld: true)
            case .refuse: .refuse(Refusal(403, "M_FORBIDDEN", .transactionMixed))
            }
        return (effect, .transaction(transaction, plan))
    }

    private static func request(
        _ request: AuthenticatedRequest, _ origin: ServerName?, _ destination: ServerName
    ) -> (Effect, Facts) {
        let received = request.admitted.received
        do throws(RequestFacts.Fault) {
            let facts = try RequestFacts(
                received.endpoint, received.parameters, received.target, body: request.document, origin: origin,
                destination: destination)
            return (.pass, .request(facts))
        } catch {
            return (.refuse(Refusal(error)), .none)
        }
    }
}
