// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization
import Transport

/// Stands behind a gateway under test: remembers every request byte for byte and answers as told.
final class StubHomeserver: Sendable {
    struct Seen: Sendable {
        var method: String
        var target: String
        /// Names in lower case.
        var fields: [(name: String, value: String)]
        var body: [UInt8]

        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    struct Answer: Sendable {
        var status = 200
        var contentType = "application/json"
        var body = Array("{}".utf8)
    }

    private struct State {
        var seen: [Seen] = []
        var answer = Answer()
    }

    private let state = Mutex(State())

    /// Every request that reached it, in order.
    var seen: [Seen] { state.withLock { $0.seen } }
    /// Gives what came since the last call.
    func takeSeen() -> [Seen] {
        state.withLock { state in
            defer { state.seen = [] }
            return state.seen
        }
    }

    func answer(_ answer: Answer) { state.withLock { $0.answer = answer } }
    func answer(_ status: Int, _ body: String) { answer(Answer(status: status, body: Array(body.utf8))) }

    func start() async throws -> HTTPServer {
        try await HTTPServer.bind(
            to: SocketAddress(ipAddress: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton
        ) { _ in Service(self) }
    }

    fileprivate func take(_ seen: Seen) -> Answer {
        state.withLock { state in
            state.seen.append(seen)
            return state.answer
        }
    }

    /// One for each connection.
    private final class Service: HTTPService {
        private let homeserver: StubHomeserver
        private var current: Seen?

        init(_ homeserver: StubHomeserver) { self.homeserver = homeserver }

        func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
            let lines = head.text(0..<head.bytes.count).split(separator: "\r\n").dropFirst()
            let fields = lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (name: parts[0].lowercased(), value: String(parts.count > 1 ? parts[1].dropFirst() : ""))
            }
            current = Seen(
                method: head.text(head.methodRange), target: head.text(head.target), fields: fields, body: [])
            return .collect(limit: 20_000_000)
        }

        func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
            guard var seen = current else { return }
            seen.body = Array(body.readableBytesView)
            let answer = homeserver.take(seen)
            var lines = HTTPFieldLines.none
            lines.append("Content-Type", answer.contentType)
            exchange.respond(answer.status, lines, ByteBuffer(bytes: answer.body))
        }
    }
}
