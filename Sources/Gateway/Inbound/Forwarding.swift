// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Stage *pass on* and *answer*: the verified bytes go to the homeserver, its answer goes back.
///
/// Made once for each `Permit`. A connection that the homeserver closed while it rested is replaced once.
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
    private var connection: HTTPClientConnection?
    private var isRetried = false
    private var isAbandoned = false

    init(_ request: InboundRequest, _ authenticated: AuthenticatedRequest, _ pool: UpstreamPool, host: String) {
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
        pool.take(fresh: isRetried) { [self] result in
            switch result {
            case .failure(let error): failed(error)
            // Whoever left while it was waiting asks again; what nobody waits for takes no place in the line.
            case .success(let connection):
                if request.exchange.isClosed { pool.giveBack(connection) } else { send(on: connection) }
            }
        }
    }

    private func send(on connection: HTTPClientConnection) {
        self.connection = connection
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
        request.stream = self
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
        if error.isRetryable, !isRetried, !request.exchange.isClosed, mayRepeat {
            isRetried = true
            return begin()
        }
        request.loop.counters.countUpstreamFailure()
        request.loop.logger.error(
            "the homeserver did not answer a request that was passed on", metadata: ["error": "\(error)"])
        request.over()
        // What has begun cannot be taken back: the peer sees a connection that ends early.
        request.exchange.abort(orRespond: error == .timeout ? .upstreamTimeout : .upstreamFailed)
    }

    /// Claiming keys uses them up: it is never sent twice (notes, endpoint user_keys_claim).
    private var mayRepeat: Bool { !authenticated.admitted.received.endpoint.id.contains("claim") }

    /// The peer has gone: nobody will read the rest, and a connection that waits for its reader would wait for ever.
    func abandon() {
        isAbandoned = true
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
