// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Stage *pass on* and *answer*: the verified bytes go to the homeserver, its answer goes back.
///
/// Made once for each `Passage`, which it spends. A connection that the homeserver closed while it rested is replaced once.
final class Forwarding: HTTPResponseReceiver {
    /// Fields of the homeserver's answer that reach the peer; every other is left out (AC-43).
    private static let answerFields: [HTTPFieldName] = [
        .contentType, .contentDisposition, .cacheControl, .retryAfter, .location,
    ]

    private let request: InboundRequest
    private let authenticated: AuthenticatedRequest
    private let pool: UpstreamPool
    private let host: String
    private let expectation: HTTPExpectation
    /// The decision's record; `nil`: it could not be written, and the policy lets the own state pass then.
    private let sequence: UInt64?
    private let deadline: NIODeadline
    private var connection: HTTPClientConnection?
    private var isSent = false
    private var isRetried = false
    private var isAbandoned = false
    /// Looks at a file before it passes; `nil`: nothing has to be looked at.
    private var media: MediaAnswer?
    /// The head of an answer that is held back, and what of it has come.
    private var held: (head: HTTPResponseHead, bytes: [UInt8])?

    init(
        _ request: InboundRequest, _ authenticated: AuthenticatedRequest, _ pool: UpstreamPool, host: String,
        spending passage: consuming Passage
    ) {
        sequence = passage.sequence
        deadline = request.loop.eventLoop.now + request.loop.settings.upstreamTime
        self.request = request
        self.authenticated = authenticated
        self.pool = pool
        self.host = host
        let endpoint = authenticated.admitted.received.endpoint
        let settings = request.loop.settings
        let isStreamed =
            endpoint.answer != .json || endpoint.endpointClass == .history || endpoint.endpointClass == .join
        expectation = HTTPExpectation(
            bodyLimit: isStreamed ? settings.streamedAnswerBytes : settings.answerBytes,
            timeout: endpoint.id == "get_state" ? settings.slowUpstreamTime : settings.upstreamTime,
            isStreamed: isStreamed)
    }

    func begin() {
        pool.take(until: deadline, fresh: isRetried) { [self] result in
            switch result {
            case .failure(let error): failed(error)
            case .success(let connection) where isAbandoned: pool.giveBack(connection)
            case .success(let connection): send(on: connection)
            }
        }
    }

    private func send(on connection: HTTPClientConnection) {
        self.connection = connection
        isSent = true
        let received = authenticated.admitted.received
        var head = ByteBufferAllocator().buffer(capacity: received.head.bytes.count + 64)
        var credentials: [UInt8] = []
        authenticated.origin?.header.appendFieldValue(to: &credentials)
        let dropped = HTTPUpstreamHead.write(
            received.head, bodyLength: received.head.method.mayCarryBody ? authenticated.body.readableBytes : nil,
            host: host, authorization: credentials, to: &head)
        if !isRetried { request.loop.counters.countDropped(dropped) }
        if !connection.send(head, authenticated.body, expectation, to: self) {
            failed(.closedBeforeAnswer(isReused: true))
        }
    }

    // MARK: The homeserver's answer

    func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) {
        returnConnection()
        media = mediaAnswer(head, length: body.readableBytes)
        if media != nil {
            guard judge(Array(body.readableBytesView), head, isWhole: true) == true else { return }
            if isTooLarge(with: body.readableBytes) { return }
        }
        request.answered(body.readableBytes)
        request.finish(head.status, head.lines(allowing: Self.answerFields), body)
    }

    func began(_ head: HTTPResponseHead) {
        guard !request.exchange.isClosed else { return abandon() }
        media = mediaAnswer(head, length: head.length)
        if media != nil {
            held = (head, [])
            return
        }
        start(head)
    }

    private func start(_ head: HTTPResponseHead) {
        request.exchange.onWritable = { [self] in connection?.resume() }
        request.exchange.startStream(head.status, head.lines(allowing: Self.answerFields), length: head.length)
    }

    func part(_ bytes: ByteBuffer) {
        guard !request.exchange.isClosed else { return abandon() }
        guard held == nil else {
            held?.bytes += bytes.readableBytesView
            return passHeld(isWhole: false)
        }
        write(bytes)
    }

    private func write(_ bytes: ByteBuffer) {
        if isTooLarge(with: bytes.readableBytes) { return }
        request.answered(bytes.readableBytes)
        if !request.exchange.write(bytes) { connection?.pause() }
    }

    func ended() {
        if held != nil { passHeld(isWhole: true) }
        guard !isAbandoned else { return }
        returnConnection()
        request.over()
        request.exchange.finish()
    }

    // MARK: Files

    /// Errors of the homeserver are no files.
    private func mediaAnswer(_ head: HTTPResponseHead, length: Int?) -> MediaAnswer? {
        let received = authenticated.admitted.received
        let policy = request.inForce.policy
        let peer = authenticated.admitted.peer
        guard received.endpoint.answer != .json, head.status < 400, let bounds = policy.fileBounds(for: peer) else {
            return nil
        }
        return MediaAnswer(
            received.endpoint.answer, contentType: head.contentType.map { head.text($0) }, length: length,
            isRedirect: head.status >= 300, bounds: bounds
        ) { bytes, type in policy.decideFile(bytes: bytes, type: type, for: peer) }
    }

    private func passHeld(isWhole: Bool) {
        guard let held, judge(held.bytes, held.head, isWhole: isWhole) == true else { return }
        self.held = nil
        start(held.head)
        write(ByteBuffer(bytes: held.bytes))
    }

    /// - Returns: whether the file passes; `nil`: it is held back. What does not pass is refused here.
    private func judge(_ bytes: [UInt8], _ head: HTTPResponseHead, isWhole: Bool) -> Bool? {
        let verdict: Verdict
        switch media?.read(bytes, isWhole: isWhole) {
        case nil: return true
        case .hold?: return nil
        case .pass(let passed)?:
            if let alert = passed.alert { note(alert, passed.rule, status: head.status) }
            return true
        case .refuse(let refused)?: verdict = refused
        }
        guard request.inForce.policy.mode == .enforce else {
            note(.shadow, verdict.rule, status: head.status)
            media = nil
            return true
        }
        refuse(verdict.reason, verdict.rule)
        return false
    }

    /// Whether these bytes make a file larger than it said, or than it may be without having said. What has passed cannot be
    /// taken back; the rest is refused here.
    private func isTooLarge(with bytes: Int) -> Bool {
        guard media?.mayPass(bytes) == false else { return false }
        let rule = request.inForce.policy.fileBounds(for: authenticated.admitted.peer)?.maxRule
        guard request.inForce.policy.mode == .enforce else {
            media = nil
            note(.shadow, rule, status: 200)
            return false
        }
        refuse(.mediaDenied, rule)
        return true
    }

    /// 404, the only refusal of media that reaches the user (measured on the reference homeserver).
    private func refuse(_ reason: ReasonCode, _ rule: RuleReference?) {
        let refusal = Refusal(404, "M_NOT_FOUND", reason, rule: rule)
        if request.exchange.hasBegun {
            note(reason, rule, status: nil)
        } else {
            note(reason, rule, status: refusal.status, errcode: refusal.errcode.description)
        }
        isAbandoned = true
        held = nil
        let connection = self.connection
        self.connection = nil
        request.over()
        request.exchange.abort(orRespond: refusal, record: sequence)
        connection?.close()
    }

    /// What became of the answer, on record beside the decision.
    private func note(_ reason: ReasonCode, _ rule: RuleReference?, status: Int?, errcode: String? = nil) {
        guard let sequence else { return }
        request.loop.desk.submit(
            OutcomeRecord(
                time: request.loop.clock.microseconds, decision: sequence,
                http: AuditRecord.HTTP(status: status, errcode: errcode), reason: reason, ruleID: rule?.id))
    }

    func failed(_ error: HTTPClientError) {
        connection = nil
        guard !isAbandoned else { return }
        if error.isRetryable, !isRetried, authenticated.admitted.received.endpoint.isRepeatable {
            isRetried = true
            return begin()
        }
        let refusal: Refusal = error == .timeout ? .upstreamTimeout : .upstreamFailed
        request.loop.reportUpstreamFailure(error)
        // On record too, so that the log does not say of a request that it passed when nobody took it.
        note(refusal.reason, nil, status: refusal.status, errcode: refusal.errcode.description)
        request.over()
        // What has begun cannot be taken back: the peer sees a connection that ends early.
        request.exchange.abort(orRespond: refusal)
    }

    /// The peer has gone: nobody will read the rest, and a connection that waits for its reader would wait for ever.
    func abandon() {
        isAbandoned = true
        if !isSent { request.passedNothing(sequence) }
        let connection = self.connection
        self.connection = nil
        connection?.close()
    }

    private func returnConnection() {
        guard let connection else { return }
        self.connection = nil
        pool.giveBack(connection)
    }
}

extension HTTPResponseHead {
    /// Of the body; `nil`: not said.
    fileprivate var length: Int? {
        switch body {
        case .length(let length): length
        case .none: 0
        case .chunked, .untilClose: nil
        }
    }
}

extension HTTPExchange {
    /// Answers with the refusal's error, or cuts the connection when an answer has begun.
    fileprivate func abort(orRespond refusal: Refusal, record: UInt64? = nil) {
        respond(refusal.status, .json, ErrorAnswer.body(refusal, record: record, ByteBufferAllocator()))
        if !isClosed { abort() }
    }
}
