// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization
import Transport

/// A homeserver on a loopback port: keeps every request as it came and answers what the test says.
final class FakeHomeserver: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        /// In order of arrival, names as received.
        let fields: [(name: String, value: String)]
        let body: [UInt8]
        /// Counts connections from 1.
        let connection: Int
        /// Counts the requests of its connection from 1.
        let turn: Int

        /// All values of a field, whatever the case of its name.
        func values(_ name: String) -> [String] {
            fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    enum Answer: Sendable {
        case whole(Int, [UInt8], [Field] = [Field("Content-Type", "application/json")])
        /// `parts` parts of `size` bytes each, as fast as they are taken.
        case stream(parts: Int, size: Int, hasLength: Bool = true)
        /// Nothing, until the test says `release`.
        case held(Int, [UInt8])
        /// The first of these pieces at once, each further one, and then the end, when the test says `release`.
        case pieces([[UInt8]], isWhole: Bool = true, length: Int? = nil)
        /// Closes the connection instead.
        case disconnect
        /// An answer of that announced length that breaks off after its first byte.
        case cutOff(Int)

        static func text(_ status: Int, _ text: String) -> Answer { .whole(status, Array(text.utf8)) }
        static let empty = Answer.text(200, "{}")
    }

    struct Field: Sendable {
        let name: StaticString
        let value: String
        init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    struct State {
        var requests: [Request] = []
        var connections = 0
        var open = 0
        var streamed = 0
        var held: [@Sendable () -> Void] = []
        var answer: @Sendable (Request) -> Answer = { _ in .empty }
    }

    let state = Mutex(State())
    private let running = Mutex<HTTPServer?>(nil)
    let address: SocketAddress

    /// - Parameter port: 0 takes any.
    static func start(on group: any EventLoopGroup, port: Int = 0) async throws -> FakeHomeserver {
        let state = Box()
        let server = try await HTTPServer.bind(
            to: try SocketAddress(ipAddress: "127.0.0.1", port: port), group: group
        ) { channel in
            guard let homeserver = state.homeserver else { throw ChannelError.inappropriateOperationForState }
            return Service(homeserver, channel)
        }
        guard let address = server.localAddress else { throw ChannelError.unknownLocalAddress }
        let homeserver = FakeHomeserver(address)
        homeserver.running.withLock { $0 = server }
        state.set(homeserver)
        return homeserver
    }

    private final class Box: Sendable {
        private let held = Mutex<FakeHomeserver?>(nil)
        var homeserver: FakeHomeserver? { held.withLock { $0 } }
        func set(_ homeserver: FakeHomeserver?) { held.withLock { $0 = homeserver } }
    }

    private init(_ address: SocketAddress) { self.address = address }

    var requests: [Request] { state.withLock { $0.requests } }
    /// Connections that were ever opened.
    var connections: Int { state.withLock { $0.connections } }
    /// Connections that are open now.
    var openConnections: Int { state.withLock { $0.open } }
    /// Bytes of streamed answers that were handed to the socket.
    var streamed: Int { state.withLock { $0.streamed } }
    var heldCount: Int { state.withLock { $0.held.count } }

    func answer(_ answer: @escaping @Sendable (Request) -> Answer) { state.withLock { $0.answer = answer } }
    func answer(_ answer: Answer) { state.withLock { $0.answer = { _ in answer } } }

    /// Sends the answers that are held.
    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for send in held { send() }
    }

    /// Closes the listener and every connection.
    func stop() async throws {
        try await running.withLock { $0.take() }?.close()
    }
}

extension FakeHomeserver {
    /// One connection.
    private final class Service: HTTPService {
        private let homeserver: FakeHomeserver
        private let eventLoop: any EventLoop
        private let number: Int
        private var turn = 0
        private var head: HTTPRequestHead?
        private var owed = 0

        init(_ homeserver: FakeHomeserver, _ channel: any Channel) {
            self.homeserver = homeserver
            eventLoop = channel.eventLoop
            number = homeserver.state.withLock { state in
                state.connections += 1
                state.open += 1
                return state.connections
            }
            channel.closeFuture.whenComplete { _ in homeserver.state.withLock { $0.open -= 1 } }
        }

        func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
            self.head = head
            return .collect(limit: 64 << 20)
        }

        func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
            guard let head else { return }
            turn += 1
            let request = Request(
                method: head.method.text.description, target: head.text(head.target),
                fields: head.fields.map { (head.text($0.name), head.text($0.value)) },
                body: Array(body.readableBytesView), connection: number, turn: turn)
            let answer = homeserver.state.withLock { state in
                state.requests.append(request)
                return state.answer
            }(request)
            send(answer, exchange)
        }

        private func send(_ answer: Answer, _ exchange: HTTPExchange) {
            switch answer {
            case .whole(let status, let body, let fields):
                var lines = HTTPFieldLines()
                for field in fields { lines.append(field.name, field.value) }
                exchange.respond(status, lines, ByteBuffer(bytes: body))
            case .held(let status, let body):
                let waiting = NIOLoopBound(exchange, eventLoop: eventLoop)
                let eventLoop = eventLoop
                homeserver.state.withLock {
                    $0.held.append {
                        eventLoop.execute { waiting.value.respond(status, .json, ByteBuffer(bytes: body)) }
                    }
                }
            case .stream(let parts, let size, let hasLength):
                owed = parts
                exchange.onWritable = { [unowned self, unowned exchange] in stream(size, exchange) }
                var lines = HTTPFieldLines()
                lines.append("Content-Type", "multipart/mixed; boundary=gc0p4Jq0M2Yt08jU534c0p")
                exchange.startStream(200, lines, length: hasLength ? parts * size : nil)
                stream(size, exchange)
            case .pieces(let pieces, let isWhole, let length):
                exchange.startStream(200, .json, length: length)
                send(pieces[...], isWhole, NIOLoopBound(exchange, eventLoop: eventLoop))
            case .disconnect:
                exchange.abort()
            case .cutOff(let length):
                exchange.startStream(200, .json, length: length)
                _ = exchange.write(ByteBuffer(string: "{"))
                exchange.abort()
            }
        }

        private func send(_ pieces: ArraySlice<[UInt8]>, _ isWhole: Bool, _ exchange: NIOLoopBound<HTTPExchange>) {
            guard let piece = pieces.first else {
                return isWhole ? exchange.value.finish() : exchange.value.abort()
            }
            _ = exchange.value.write(ByteBuffer(bytes: piece))
            let service = NIOLoopBound(self, eventLoop: eventLoop)
            let eventLoop = eventLoop
            homeserver.state.withLock {
                $0.held.append {
                    eventLoop.execute { service.value.send(pieces.dropFirst(), isWhole, exchange) }
                }
            }
        }

        private func stream(_ size: Int, _ exchange: HTTPExchange) {
            while owed > 0 {
                owed -= 1
                homeserver.state.withLock { $0.streamed += size }
                guard exchange.write(ByteBuffer(repeating: UInt8(ascii: "m"), count: size)) else { break }
            }
            if owed == 0, !exchange.isClosed { exchange.finish() }
        }
    }
}
