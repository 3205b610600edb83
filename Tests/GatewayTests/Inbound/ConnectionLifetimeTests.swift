// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Logging
import MatrixFederation
import NIOCore
import NIOEmbedded
import PolicyEngine
import Testing
import Transport

@testable import Gateway

@Suite("Lifetimes of connections")
struct ConnectionLifetimeTests {
    /// A loop whose log is closed: each request is answered 503 at once, on no other thread.
    private func loop(_ eventLoop: EmbeddedEventLoop, _ directory: URL) throws -> InboundLoop {
        let policy = try Policy.compile(
            Array(
                """
                entente: 1
                policy: { id: test, serial: 1, mode: enforce }
                self: { state: FR, servers: [home.example] }
                tiers: { own: { may: [discovery] }, none: { may: [] } }
                assign: { unknown: none }
                """.utf8), fileName: "test.yaml")
        let log = try AuditLog.open(
            AuditConfiguration(directory: directory.path, node: "test"), build: "test", policy: nil)
        log.close(reason: "a test")
        let home = Homeserver(
            name: try ServerName("home.example"), hosts: [], upstreamHost: "127.0.0.1", upstreamPort: 1, wellKnown: nil)
        return InboundLoop(
            eventLoop: eventLoop, number: 0,
            settings: InboundSettings(homeservers: [home], upstreams: [], mixed: .withhold),
            keyRing: KeyRing(source: FakeKeySource(), now: { KeyFixtures.start }) { _ in },
            desk: AuditDesk(log, flushSoon: { desk in eventLoop.execute { desk.flush() } }, wake: { _ in }),
            references: log.references, clock: .system, monotonic: .system, limits: OriginLimits(),
            refusals: RefusalSums(log, singleLimit: 60, .system), counters: DecisionCounters(),
            tally: DecisionTally(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, policy: PolicyInForce(policy))
    }

    @Test("a connection and its request are let go of once it is answered and closed")
    func answered() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "entente-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: directory) }
        let eventLoop = EmbeddedEventLoop()
        let loop = try loop(eventLoop, directory)
        for request in [
            "GET /_matrix/federation/v1/version HTTP/1.1\r\nHost: home.example\r\n\r\n",
            "PUT /_matrix/federation/v1/send/1 HTTP/1.1\r\nHost: home.example\r\nContent-Length: 2\r\n\r\n{}",
            "GET /nothing HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        ] {
            weak var connection: InboundConnection?
            do {
                let made = InboundConnection(
                    loop, ServedNames(loop.settings.homeservers, port: 8448, acceptsAbsentServerName: true),
                    listener: nil, source: nil, tls: nil)
                connection = made
                let channel = EmbeddedChannel(handler: HTTPServerHandler(service: made), loop: eventLoop)
                try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
                try channel.writeInbound(ByteBuffer(string: request))
                eventLoop.run()
                let answer = try channel.readOutbound(as: ByteBuffer.self)
                #expect(answer.map { String(buffer: $0).hasPrefix("HTTP/1.1 503 ") } == true, "\(request)")
                _ = try channel.finish(acceptAlreadyClosed: true)
                eventLoop.advanceTime(by: .seconds(200))
            }
            #expect(connection == nil, "\(request)")
            #expect(loop.requestsUnderWay == 0)
        }
    }
}
