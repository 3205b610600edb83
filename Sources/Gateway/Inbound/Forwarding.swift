// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Stage *pass on* and *answer*: the verified bytes go to the homeserver, its answer goes back.
///
/// Made once for each `Permit`, which it spends. A connection that the homeserver closed while it rested is replaced once.
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
    /// The decision's record.
    private let sequence: UInt64
    private let deadline: NIODeadline
    private var connection: HTTPClientConnection?
    private var isSent = false
    private var isRetried = false
    private var isAbandoned = false

    init(
        _ request: InboundRequest, _ authenticated: AuthenticatedRequest, _ pool: UpstreamPool, host: String,
        spending permit: consuming Permit
    ) {
        sequence = permit.sequence
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
        request.finish(head.status, head.lines(allowing: Self.answerFields), body)
    }

    func began(_ head: HTTPResponseHead) {
        guard !request.exchange.isClosed else { return abandon() }
        let length: Int? =
            switch head.body {
            case .length(let length): length
            case .none: 0
            case .chunked, .untilClose: nil
            }
        request.exchange.onWritable = { [self] in connection?.resume() }
        request.exchange.startStream(head.status, head.lines(allowing: Self.answerFields), length: length)
    }

    func part(_ bytes: ByteBuffer) {
        guard !request.exchange.isClosed else { return abandon() }
        if !request.exchange.write(bytes) { connection?.pause() }
    }

    func ended() {
        returnConnection()
        request.over()
        request.exchange.finish()
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
        request.loop.desk.submit(
            OutcomeRecord(
                time: request.loop.clock.microseconds, decision: sequence,
                http: AuditRecord.HTTP(status: refusal.status, errcode: refusal.errcode.description),
                reason: refusal.reason))
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

extension HTTPExchange {
    /// Answers with the refusal's error, or cuts the connection when an answer has begun.
    fileprivate func abort(orRespond refusal: Refusal) {
        respond(refusal.status, .json, ErrorAnswer.body(refusal, record: nil, ByteBufferAllocator()))
        if !isClosed { abort() }
    }
}
