// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization
import Transport

/// A TLS server on loopback that answers GET requests from a table, with the gateway's own transport.
final class KeyServer: Sendable {
    struct Answer: Sendable {
        var status = 200
        var location: String?
        var body: [UInt8] = []
        /// Begins to answer and never ends.
        var hangs = false
    }

    private final class Log: Sendable {
        let heads = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    private let server: HTTPServer
    private let log: Log

    /// The heads of the requests that came, as text.
    var requests: [String] { log.heads.withLock { $0 } }
    /// Connections that were accepted, whatever became of them.
    var connections: Int { log.connections.withLock { $0 } }
    var port: UInt16 { server.localAddress?.port.flatMap { UInt16(exactly: $0) } ?? 0 }

    private init(_ server: HTTPServer, _ log: Log) {
        self.server = server
        self.log = log
    }

    /// Runs `body` with a server on 127.0.0.1 that shows `identity`.
    static func serving(
        _ answers: [String: Answer], as identity: TLSIdentity, on group: any EventLoopGroup, port: UInt16 = 0,
        _ body: (KeyServer) async throws -> Void
    ) async throws {
        var configuration = TLSServerConfiguration(identities: [identity])
        configuration.absentSNI = .accept
        let context = try TLSServerContext(configuration)
        let log = Log()
        let server = try await HTTPServer.bind(
            to: SocketAddress(ipAddress: "127.0.0.1", port: Int(port)), group: group,
            prepare: { channel, deadlines in
                log.connections.withLock { $0 += 1 }
                try channel.pipeline.syncOperations.addHandler(TLSServerHandler(context, deadlines: deadlines))
            },
            makeService: { _ in Service(answers, log) })
        do {
            try await body(KeyServer(server, log))
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    private final class Service: HTTPService {
        private let answers: [String: Answer]
        private let log: Log
        private var target = ""

        init(_ answers: [String: Answer], _ log: Log) {
            self.answers = answers
            self.log = log
        }

        func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
            let text = String(decoding: head.bytes, as: UTF8.self)
            log.heads.withLock { $0.append(text) }
            target = String(decoding: head.bytes[head.target], as: UTF8.self)
            return .collect(limit: 0)
        }

        func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
            let answer = answers[target] ?? Answer(status: 404)
            var lines = HTTPFieldLines.json
            if let location = answer.location { lines.append("Location", location) }
            if answer.hangs {
                exchange.startStream(answer.status, lines, length: 1_000)
                _ = exchange.write(ByteBuffer(string: "{"))
            } else {
                exchange.respond(answer.status, lines, ByteBuffer(bytes: answer.body))
            }
        }
    }
}
