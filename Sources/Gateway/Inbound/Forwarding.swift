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

    let request: InboundRequest
    private let authenticated: AuthenticatedRequest
    private let pool: UpstreamPool
    private let host: String
    private let expectation: HTTPExpectation
    /// The decision's record; `nil`: it could not be written, and the policy lets the own state pass then.
    let sequence: UInt64?
    private let deadline: NIODeadline
    private var connection: HTTPClientConnection?
    private var isSent = false
    private var isRetried = false
    /// Whether nothing more of the answer passes.
    private(set) var isAbandoned = false
    /// Looks at the answer before it passes; `nil`: nothing has to be looked at.
    private var passage: (any AnswerPassage)?
    /// Whether the homeserver waits until what it sent is on record.
    private var isHeld = false
    private var isPeerSlow = false

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
        passage = passage(of: head, length: body.readableBytes)
        if let passage { passage.came(body) } else { pass(head, body) }
    }

    func began(_ head: HTTPResponseHead) {
        guard !request.exchange.isClosed else { return abandon() }
        passage = passage(of: head, length: head.length)
        if let passage { passage.began() } else { start(head) }
    }

    func part(_ bytes: ByteBuffer) {
        guard !request.exchange.isClosed else { return abandon() }
        if let passage { passage.part(bytes) } else { write(bytes) }
    }

    func ended() {
        returnConnection()
        if let passage { passage.ended() } else { finish() }
    }

    /// Errors of the homeserver are neither files nor events. Without a record there is nothing that another could refer to.
    private func passage(of head: HTTPResponseHead, length: Int?) -> (any AnswerPassage)? {
        guard head.status < 400 else { return nil }
        if endpoint.answer != .json { return FilePassage(self, head, length: length) }
        guard head.status < 300, let shape = endpoint.answeredEvents, let sequence else { return nil }
        let level = peer.map(request.inForce.policy.auditLevel) ?? .standard
        return EventPassage(self, head, shape, level: level, decision: sequence)
    }

    var endpoint: Endpoint { authenticated.admitted.received.endpoint }
    var peer: Peer? { authenticated.admitted.peer }

    // MARK: On to the peer

    func pass(_ head: HTTPResponseHead, _ body: ByteBuffer) {
        request.answered(body.readableBytes)
        request.finish(head.status, head.lines(allowing: Self.answerFields), body)
    }

    func start(_ head: HTTPResponseHead) {
        request.exchange.onWritable = { [self] in
            isPeerSlow = false
            if !isHeld { connection?.resume() }
        }
        request.exchange.startStream(head.status, head.lines(allowing: Self.answerFields), length: head.length)
    }

    func write(_ bytes: ByteBuffer) {
        request.answered(bytes.readableBytes)
        isPeerSlow = !request.exchange.write(bytes)
        if isPeerSlow { connection?.pause() }
    }

    func finish() {
        request.over()
        request.exchange.finish()
    }

    /// Reads nothing more of the answer for now.
    func hold() {
        isHeld = true
        connection?.pause()
    }

    /// Reads on, once the peer takes what it was sent.
    func goOn() {
        guard isHeld else { return }
        isHeld = false
        if !isPeerSlow { connection?.resume() }
    }

    /// Nothing more of the answer passes: the peer gets the refusal or, where something has passed, a connection that ends early.
    func stop(_ refusal: Refusal, record: UInt64? = nil) {
        isAbandoned = true
        let connection = self.connection
        self.connection = nil
        request.over()
        request.exchange.abort(orRespond: refusal, record: record)
        connection?.close()
    }

    // MARK: On record

    /// That the answer was refused.
    func note(_ refusal: Refusal) {
        let isTold = !request.exchange.hasBegun
        note(
            refusal.reason, refusal.rule, status: isTold ? refusal.status : nil,
            errcode: isTold ? refusal.errcode.description : nil)
    }

    /// What became of the answer, on record beside the decision.
    func note(_ reason: ReasonCode?, _ rule: RuleReference?, status: Int?, errcode: String? = nil, bytes: Int? = nil) {
        guard let sequence else { return }
        let media = passage?.passedMedia.flatMap { $0.bytes > 0 || bytes != nil ? $0 : nil }
        request.loop.desk.submit(
            OutcomeRecord(
                time: request.loop.clock.microseconds, decision: sequence,
                http: AuditRecord.HTTP(status: status, errcode: errcode, bytesOut: bytes), reason: reason,
                ruleID: rule?.id, media: media))
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
        stop(refusal)
    }

    /// The peer has gone: nobody will read the rest, and a connection that waits for its reader would wait for ever.
    func abandon() {
        guard !isAbandoned else { return }
        isAbandoned = true
        if !isSent { request.passedNothing(sequence) }
        if let media = passage?.passedMedia, media.bytes > 0 {
            note(.peerLeft, nil, status: nil, bytes: media.bytes)
        }
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
        var fields = HTTPFieldLines.json
        if let seconds = refusal.retryAfter { fields.append("Retry-After", String(seconds)) }
        respond(refusal.status, fields, ErrorAnswer.body(refusal, record: record, ByteBufferAllocator()))
        if !isClosed { abort() }
    }
}
