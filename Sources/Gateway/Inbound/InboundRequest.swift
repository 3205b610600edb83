// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// One request on its road: read, prove, decide, record, pass on, answer. Confined to its event loop.
///
/// Each stage is a value that only the stage before it can make. Passing on spends the `Permit` of a durable record, or the
/// leave of a policy that lets the own state pass while there can be none.
final class InboundRequest {
    let loop: InboundLoop
    let exchange: HTTPExchange
    let connection: InboundConnection
    /// The one policy that this request is decided by.
    let inForce: PolicyInForce
    let began: NIODeadline
    var trail = InboundTrail()
    private var admitted: AdmittedRequest?
    /// What it is known by, once its body is there.
    private var fingerprint: Digest?
    /// The body while the origin's keys are fetched.
    private var waiting: ReadBody?
    /// What the homeserver is asked, once it is.
    private var forwarding: Forwarding?
    /// Where what this request takes of its server's limits is counted, from its proof to its end.
    private var account: (OriginAccount, TierLimits)?
    /// Bytes of the loop's budget that this request holds.
    private var heldBytes = 0
    /// Whether the decision is made: there is one record, whatever happens to the connection afterwards.
    private var isDecided = false
    private var isOver = false

    init(_ connection: InboundConnection, _ exchange: HTTPExchange) {
        loop = connection.loop
        self.connection = connection
        self.exchange = exchange
        inForce = loop.inForce
        began = loop.eventLoop.now
        trail.network = inForce.policy.networkName(ofListener: connection.listener)
        loop.requestsUnderWay += 1
    }

    // MARK: Read, classify, admit

    func head(_ head: HTTPRequestHead) -> BodyPlan {
        trail.method = head.method
        do throws(Refusal) {
            if loop.isDraining { throw .draining }
            if loop.requestsUnderWay > loop.settings.maxRequests { throw .overloaded }
            let received = try ReceivedRequest(head, serverName: connection.serverName, connection.names)
            trail.received = received
            let own = loop.settings.homeservers[received.homeserver].name
            let admitted = try AdmittedRequest(received, at: own, inForce.policy) { trail.claimed = $0 }
            trail.peer = admitted.peer
            let listener = connection.listener
            let network =
                admitted.peer.map { inForce.policy.decideNetwork(of: $0, on: listener) }
                ?? inForce.policy.decideNetwork(ofOwn: own, on: listener)
            if !network.isAllowed {
                trail.explain = trail.ground(network, on: listener, inForce.policy)
                throw .forbidden(network)
            }
            if let peer = admitted.peer {
                let facts = connection.channel
                let channel = inForce.policy.decideChannel(facts, of: peer)
                if !channel.isAllowed { throw .forbidden(channel) }
                let profile = inForce.policy.decideProfile(facts, of: peer)
                if !profile.isAllowed { throw .forbidden(profile) }
            }
            self.admitted = admitted
            let limit = received.endpoint.maxBodyBytes
            heldBytes = min(head.contentLength ?? limit, limit)
            guard loop.hold(heldBytes) else {
                heldBytes = 0
                throw .overloaded
            }
            return .collect(limit: limit)
        } catch {
            if error.reason.isOfUnlistedServer { loop.settings.whenUnlisted?() }
            refuse(error)
            return .discard(limit: loop.settings.discardedBytes)
        }
    }

    // MARK: Prove

    func body(_ bytes: ByteBuffer) {
        guard let admitted, !isDecided else { return }
        trail.bytesIn = bytes.readableBytes
        defer { loop.settings.quarantine?.release(slot: loop.number) }
        do throws(Refusal) {
            let read = try ReadBody(bytes, for: admitted.received.endpoint) { body throws(Refusal) in
                trail.requestHash = body
                try beginReading(admitted.received.head, body)
            }
            guard case .peer(let peer, let credentials) = admitted.caller else {
                return try prove(admitted, read, nil)
            }
            let keys = KeyQuestion(peer.server, inForce.policy, loop.keyRing, now: loop.clock.now)
            // 401 would make an honest server back off from us for what is our own trouble.
            if loop.settings.clockTrust.isDoubtful, keys.dependsOnClock(credentials) { throw .clockDoubtful }
            guard keys.needsFetch(credentials) else { return try prove(admitted, read, keys) }
            fetchKeys(of: peer.server, read)
        } catch {
            refuse(error)
        }
    }

    /// From here until it is decided, or waits for keys, a death of the gateway is put down to this request. AC-106.
    private func beginReading(_ head: HTTPRequestHead, _ body: Digest?) throws(Refusal) {
        guard let quarantine = loop.settings.quarantine else { return }
        let bytes = head.bytes.span
        let request = RequestQuarantine.fingerprint(
            method: bytes.extracting(head.methodRange), target: bytes.extracting(head.target), body: body)
        if quarantine.isRefused(request, now: loop.clock.now) { throw .quarantined }
        fingerprint = request
        quarantine.hold(request, slot: loop.number)
    }

    private func fetchKeys(of server: ServerName, _ read: ReadBody) {
        waiting = read
        let waiter = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.keyRing.fetch(server, on: loop.eventLoop) { outcome in waiter.value.keysFetched(server, outcome) }
    }

    private func keysFetched(_ server: ServerName, _ outcome: KeyRing.Outcome) {
        // Who went away while the keys were fetched is owed nothing, and nothing was decided.
        guard !isDecided, let admitted, let read = waiting else { return }
        waiting = nil
        if let fingerprint { loop.settings.quarantine?.hold(fingerprint, slot: loop.number) }
        defer { loop.settings.quarantine?.release(slot: loop.number) }
        do throws(Refusal) {
            switch outcome {
            case .fetched: break
            case .failed(.stopped): throw .draining
            // 401 would make an honest server back off from us for what is our own trouble.
            case .refused(.overload): throw .overloaded
            case .failed(let fault):
                trail.explain = fault.plainText
                if fault.reason.isAlarm { trail.keyAlarm = fault.reason }
            case .refused: trail.explain = "its keys were asked for too recently"
            }
            if loop.settings.clockTrust.isDoubtful { throw .clockDoubtful }
            try prove(admitted, read, KeyQuestion(server, inForce.policy, loop.keyRing, now: loop.clock.now))
        } catch {
            refuse(error)
        }
    }

    private func prove(_ admitted: AdmittedRequest, _ read: ReadBody, _ keys: KeyQuestion?) throws(Refusal) {
        let policy = inForce.policy
        let destination = loop.settings.homeservers[admitted.received.homeserver].name
        let authenticated = try AuthenticatedRequest(
            admitted, read, destination: destination, requiresDestination: policy.requiresDestination
        ) { keys?.answer($0) ?? .unknown }
        trail.authenticated = authenticated.origin
        trail.proved = authenticated
        trail.explain = nil
        if let excess = enter(admitted) { return refuseAtOnce(.exceeded(excess)) }
        decide(authenticated, destination)
    }

    // MARK: Limits of the server

    /// Counts a request whose origin is proved. In shadow mode what would be too much is noted and passes.
    private func enter(_ admitted: AdmittedRequest) -> OriginAccount.Excess? {
        guard let peer = admitted.peer, let limits = inForce.policy.limits(of: peer) else { return nil }
        let now = loop.monotonic.nanoseconds
        let account = loop.limits.account(of: peer.server, tier: peer.tier.name, now: now) {
            inForce.policy.listsByName(peer.server)
        }
        let isHistory = admitted.received.endpoint.endpointClass == .history
        let excess = account.enter(limits, bytes: trail.bytesIn ?? 0, isHistory: isHistory, now: now)
        if excess == nil { self.account = (account, limits) }
        return enforced(excess)
    }

    /// Counts what a request that is to pass takes of the other limits.
    private func take(_ request: AuthenticatedRequest, _ decided: DecidedRequest) -> OriginAccount.Excess? {
        guard let (account, limits) = account,
            let amount = RequestAmount(
                request.admitted.received.endpoint, decided.facts, in: request.document)
        else { return nil }
        return enforced(account.take(amount.amount, of: amount.name, limits, now: loop.monotonic.nanoseconds))
    }

    private func enforced(_ excess: OriginAccount.Excess?) -> OriginAccount.Excess? {
        guard let excess, inForce.policy.mode == .shadow else { return excess }
        trail.exceeded = excess
        return nil
    }

    /// Counts bytes of the homeserver's answer.
    func answered(_ bytes: Int) {
        guard let (account, limits) = account else { return }
        account.answered(bytes, limits, now: loop.monotonic.nanoseconds)
    }

    // MARK: Understand, decide, record

    private func decide(_ request: AuthenticatedRequest, _ destination: ServerName) {
        let decided = DecidedRequest(
            request, inForce.policy, destination: destination, mixed: loop.settings.mixed, now: loop.clock.now)
        trail.decided = decided
        switch decided.effect {
        case .refuse(let refusal):
            refuse(refusal)
        case .absorb(let isWithheld):
            let reason: ReasonCode = isWithheld ? .transactionWithheld : trail.firstItemReason ?? .pduAuthorDenied
            record(isWithheld ? .withheld : .absorbed, reason, rule: trail.firstItemRule, status: 200) {
                [self] outcome in
                absorbed(request, outcome)
            }
        case .pass:
            let (policy, peer) = (inForce.policy, request.admitted.peer)
            guard loop.settings.gate.lets(policy.isOfOwnState(peer)) else { return refuse(.sinkFull) }
            if let excess = take(request, decided) { return refuseAtOnce(.exceeded(excess)) }
            let mayPassUnrecorded = policy.mayPassUnrecorded(peer)
            record(
                .allow, .allowed, rule: decided.verdict.rule, status: nil, mayPassUnrecorded: mayPassUnrecorded
            ) { [self] outcome in
                switch consume outcome {
                case .permitted(let permit): pass(request, spending: .recorded(permit))
                case .excused(let leave): pass(request, spending: .unrecorded(leave))
                case .recorded: answer(.unrecorded, record: nil)
                case .failed: answer(.unrecorded, record: nil)
                }
            }
        }
    }

    private func absorbed(_ request: AuthenticatedRequest, _ outcome: consuming AuditOutcome) {
        guard case .recorded(let sequence) = outcome, let document = request.document,
            case .transaction(let transaction, _) = trail.decided?.facts
        else { return answer(.unrecorded, record: nil) }
        finish(200, .json, TransactionAnswer.body(transaction, in: document, record: sequence, ByteBufferAllocator()))
    }

    /// Refuses the request: once that is on record, or at once if nobody has proved who asks.
    func refuse(_ refusal: Refusal) {
        guard !isDecided else { return }
        if trail.authenticated == nil { return refuseAtOnce(refusal) }
        record(.refuse, refusal.reason, rule: refusal.rule, refusal: refusal, status: refusal.status) {
            [self] outcome in
            switch consume outcome {
            case .recorded(let sequence): answer(refusal, record: sequence)
            case .permitted: answer(.unrecorded, record: nil)
            case .excused: answer(.unrecorded, record: nil)
            case .failed: answer(.unrecorded, record: nil)
            }
        }
    }

    /// Strangers, and servers beyond their limits, could otherwise make the disk sync for each request (decisions 6 and 13).
    /// Nothing passes, so nothing has to wait.
    private func refuseAtOnce(_ refusal: Refusal) {
        isDecided = true
        let record = trail.record(
            .refuse, refusal.reason, rule: refusal.rule, refusal: refusal, status: refusal.status, of: self)
        guard isRecordedByItself(record) else {
            loop.countAggregated(trail)
            return answer(refusal, record: nil)
        }
        do throws(AuditError) {
            var counted = trail
            // The body does not wait with the record.
            counted.proved = nil
            try loop.desk.submitLate(record) { [loop, counted] outcome in loop.count(.refuse, counted, outcome) }
        } catch {
            loop.reportUnrecorded(error)
            return answer(.unrecorded, record: nil)
        }
        answer(refusal, record: nil)
    }

    /// What a server has proved to have asked is never counted away, whatever it is refused for. AC-88.
    private func isRecordedByItself(_ record: AuditRecord) -> Bool {
        trail.authenticated != nil
            || loop.refusals.note(
                record, from: connection.source.map(SourcePrefix.init), listed: trail.peer, inForce.policy)
    }

    /// The peer left its answer unread and loses the connection. The decision stands; this is a record beside it (AC-32).
    func leftUnread(_ refusal: Refusal) {
        guard isDecided else { return refuse(refusal) }
        var trail = trail
        trail.decided = nil
        trail.proved = nil
        let record = trail.record(
            .refuse, refusal.reason, rule: nil, refusal: refusal, status: nil, of: self)
        guard isRecordedByItself(record) else { return }
        loop.submitLate(record)
    }

    private func record(
        _ decision: AuditRecord.Decision, _ reason: ReasonCode, rule: RuleReference?, refusal: Refusal? = nil,
        status: Int?, mayPassUnrecorded: Bool = false, then completion: @escaping AuditDesk.Completion
    ) {
        isDecided = true
        let record = trail.record(decision, reason, rule: rule, refusal: refusal, status: status, of: self)
        loop.desk.submit(record, mayPassUnrecorded: mayPassUnrecorded) { [self] outcome in
            loop.count(decision, trail, outcome)
            completion(outcome)
        }
    }

    // MARK: Pass on

    private func pass(_ request: AuthenticatedRequest, spending passage: consuming Passage) {
        guard !isOver else { return passedNothing(passage.sequence) }
        let received = request.admitted.received
        let homeserver = loop.settings.homeservers[received.homeserver]
        if received.endpoint.id == "wellknown_server", let name = homeserver.wellKnown {
            return finish(200, .json, WellKnownAnswer.body(name, ByteBufferAllocator()))
        }
        guard let pool = loop.pool(received.homeserver) else { return answer(.upstreamFailed, record: nil) }
        let forwarding = Forwarding(self, request, pool, host: homeserver.name.text, spending: passage)
        self.forwarding = forwarding
        forwarding.begin()
    }

    /// The record says that the request passes, and the peer left before it did.
    ///
    /// - Parameter decision: `nil`: there is none that would have to be put right.
    func passedNothing(_ decision: UInt64?) {
        guard let decision else { return }
        loop.desk.submit(
            OutcomeRecord(
                time: loop.clock.microseconds, decision: decision, http: AuditRecord.HTTP(), reason: .peerLeft))
    }

    // MARK: Answer

    func answer(_ refusal: Refusal, record: UInt64?) {
        var fields = HTTPFieldLines.json
        if let seconds = refusal.retryAfter { fields.append("Retry-After", String(seconds)) }
        finish(refusal.status, fields, ErrorAnswer.body(refusal, record: record, ByteBufferAllocator()))
    }

    func finish(_ status: Int, _ fields: HTTPFieldLines, _ body: ByteBuffer) {
        over()
        exchange.respond(status, fields, body)
    }

    /// The peer went away. What was not decided is dropped; what the homeserver still sends is not waited for.
    func peerLeft() {
        isDecided = true
        let forwarding = forwarding
        over()
        forwarding?.abandon()
    }

    /// The request is answered, or nobody is left to answer.
    func over() {
        guard !isOver else { return }
        isOver = true
        waiting = nil
        // INVARIANT: a request and its forwarding hold each other only while it is under way.
        forwarding = nil
        account?.0.leave()
        account = nil
        loop.requestsUnderWay -= 1
        loop.release(heldBytes)
        connection.ended(self)
    }
}
