// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Logging
import MatrixFederation
import NIOCore
import NIOPosix
import PolicyEngine
import Synchronization
import TestKit
import Testing
import Transport

@testable import Gateway

/// A whole gateway on a loopback port, with a real audit log, before homeservers that keep what reaches them.
final class GatewayUnderTest: Sendable {
    struct Setup {
        /// YAML; `nil`: `TestPolicy.text()`.
        var policy: String?
        /// The homeservers behind it, in order.
        var names = ["home.example"]
        var wellKnown: String?
        /// Host names by which peers reach them besides their own.
        var hosts: [String] = []
        var mixed = MixedTransactions.withhold
        var limits = HTTPServerLimits()
        var settings: (inout InboundSettings) -> Void = { _ in }
        var tls: TLSServerConfiguration?
        /// The name of the listener; without one it is the Internet's.
        var listener: String?
        /// Whether a peer may come without a TLS server name; plain connections have none.
        var acceptsAbsentServerName = true
        /// Where records go instead of a directory.
        var store: (any RecordStore)?
        var keyLimits = KeyCacheLimits()
        var denied: Set<Digest> = []

        init() {}
    }

    /// One loop for all gateways of a run: what one loop does in order, no test sees out of order.
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let homeservers: [FakeHomeserver]
    let source: FakeKeySource
    let keyRing: KeyRing
    let log: AuditLog
    let gateway: InboundGateway
    let server: HTTPServer
    let captured: CapturedLog
    let events: KeyEvents
    let directory: String
    /// Milliseconds after `KeyFixtures.start`.
    let clock: TestClock
    /// By which limits are counted; it stands still unless a test moves it.
    let ticks = TestTicks()

    var homeserver: FakeHomeserver { homeservers[0] }
    /// The servers whose keys were fetched, in order.
    var fetched: [String] { source.asked.map(\.text) }
    var port: Int { server.localAddress?.port ?? 0 }

    final class TestClock: Sendable {
        private let milliseconds = Mutex<Int64>(0)
        var now: Timestamp { KeyFixtures.start.advanced(byMilliseconds: milliseconds.withLock { $0 }) }
        func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
    }

    final class TestTicks: Sendable {
        private let milliseconds = Mutex<Int64>(1)
        var now: Int64 { milliseconds.withLock { $0 } * 1_000_000 }
        func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
    }

    final class KeyEvents: Sendable {
        private let kept = Mutex<[KeyEvent]>([])
        var all: [KeyEvent] { kept.withLock { $0 } }
        func add(_ event: KeyEvent) { kept.withLock { $0.append(event) } }
    }

    /// Runs `body` with a gateway, and takes everything down after it.
    static func running(
        _ change: (inout Setup) throws -> Void = { _ in }, _ body: (GatewayUnderTest) async throws -> Void
    ) async throws {
        var setup = Setup()
        try change(&setup)
        let test = try await GatewayUnderTest(setup)
        let fetching = Task { await test.keyRing.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(test))
        } catch {
            result = .failure(error)
        }
        fetching.cancel()
        try await test.server.close()
        for homeserver in test.homeservers { try await homeserver.stop() }
        test.log.close(reason: "test")
        if setup.store == nil { try test.expectRecordsOfTheSchema() }
        try? FileManager.default.removeItem(atPath: test.directory)
        try result.get()
    }

    private init(_ setup: Setup) async throws {
        var homeservers: [FakeHomeserver] = []
        for _ in setup.names { homeservers.append(try await FakeHomeserver.start(on: Self.group)) }
        self.homeservers = homeservers
        source = FakeKeySource()
        let clock = TestClock()
        self.clock = clock
        source.answerEveryPeer(at: clock)
        let events = KeyEvents()
        self.events = events
        keyRing = KeyRing(
            source: source, limits: setup.keyLimits, denied: setup.denied, now: { clock.now },
            report: { events.add($0) })
        let policy = try TestPolicy.inForce(setup.policy ?? TestPolicy.text())
        keyRing.usePins(of: policy.policy)
        directory = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)").path
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.emergencyBytes = 4096
        configuration.retryMicroseconds = 1000
        configuration.submitRetryMicroseconds = 0
        configuration.lateMicroseconds = 0
        if let store = setup.store {
            log = try AuditLog.start(configuration, store, ReferenceKey(salt: [1]), 0, "test", policy.stamp)
        } else {
            log = try AuditLog.open(configuration, build: "test", policy: policy.stamp)
        }
        let captured = CapturedLog()
        self.captured = captured
        let served = try setup.names.enumerated().map { index, name in
            Homeserver(
                name: try ServerName(name), hosts: setup.hosts, upstreamHost: "127.0.0.1",
                upstreamPort: homeservers[index].address.port ?? 0,
                wellKnown: try setup.wellKnown.map { try ServerName($0) })
        }
        var settings = InboundSettings(
            homeservers: served, upstreams: homeservers.map(\.address), mixed: setup.mixed)
        // Tests send much in a minute that stands still, and look at the record of each.
        settings.singleRefusals = .max
        setup.settings(&settings)
        gateway = InboundGateway(
            group: Self.group, settings: settings, keyRing: keyRing, log: log, policy: policy,
            clock: WallClock { clock.now.milliseconds * 1000 }, monotonic: MonotonicClock { [ticks] in ticks.now },
            logger: Logger(label: "test", factory: { _ in captured }))
        server = try await gateway.listen(
            to: try SocketAddress(ipAddress: "127.0.0.1", port: 0),
            names: ServedNames(served, port: 8448, acceptsAbsentServerName: setup.acceptsAbsentServerName),
            listener: setup.listener,
            tls: try setup.tls.map { TLSServerContextBox(try TLSServerContext($0)) }, limits: setup.limits)
    }

    /// Whatever a test made the gateway record, it is what docs/audit-record.schema.json says.
    private func expectRecordsOfTheSchema() throws {
        let schema = try SchemaCheck.records.get()
        // Some tests make thousands of records that are alike; others wait for the same processors.
        var reader = LogReader(directory: directory)
        for _ in 0..<100 {
            guard let entry = try reader.next() else { break }
            let record = (text: String(decoding: entry.record, as: UTF8.self), bytes: entry.record)
            let faults = schema.faults(of: record.bytes)
            #expect(faults == [], "\(record.text)")
        }
    }

    func connect() throws -> RawPeer { try RawPeer(port: port) }

    /// The answer to one request on a connection of its own.
    func ask(_ request: WireRequest) async throws -> RawClient.Response {
        let peer = try connect()
        try await peer.send(request.bytes)
        let response = try await peer.response()
        try await peer.disconnect()
        guard let response else { throw RawClient.Failure(description: "closed without an answer") }
        return response
    }

    /// The records of requests, in order, once all are durable.
    func records() async throws -> [TrailRecord] {
        try await untilRecorded()
        return try TrailRecord.all(in: directory).filter { $0.kind == "request" }
    }

    /// The outcomes on record, once there is one: nobody waits for them.
    func firstOutcomes() async throws -> [TrailRecord] {
        func outcomes() throws -> [TrailRecord] {
            try TrailRecord.all(in: directory).filter { $0.kind == "outcome" }
        }
        #expect(try await until { try !outcomes().isEmpty })
        return try outcomes()
    }

    /// Waits until what was answered is on record too.
    func untilRecorded() async throws {
        #expect(try await until { await gateway.recordsUnderWay() == 0 })
    }

    /// Puts a policy in force, as a reload does, and waits until the loop has taken it.
    func activate(_ text: String) async throws {
        let next = try TestPolicy.inForce(text)
        keyRing.usePins(of: next.policy)
        gateway.activate(next)
        _ = await underWay()
    }

    /// How many requests have begun and are not answered.
    func underWay() async -> Int { await gateway.requestsUnderWay() }

    /// Waits until something is so, at most ten seconds.
    func until(_ isSo: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try await isSo() { return true }
            try await Task.sleep(for: .milliseconds(2))
        }
        return false
    }
}

extension FakeKeySource {
    /// The servers of `TestPeer` have the keys that their requests are signed with, from now for a day.
    func answerEveryPeer(at clock: GatewayUnderTest.TestClock) {
        let peers = [TestPeer.friend, .limited, .pinned, .blocked, .stranger, .sister]
        answer { server throws(KeyFetchFault) in
            guard let peer = peers.first(where: { $0.name == server.text }),
                let keys = try? KeyFixtures.document(
                    [(peer.keyID, peer.number)], of: server.text,
                    validUntil: clock.now.advanced(byMilliseconds: KeyFixtures.day), fetchedAt: clock.now)
            else { throw .invalid("no such peer") }
            return keys
        }
    }
}
