// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Gateway
import Logging
import MatrixFederation
import NIOCore
import NIOPosix
import PolicyEngine
import TestKit
import Transport

/// A whole gateway on loopback, in plain text, with a stub homeserver behind it and an audit log of its own.
///
/// Keys are pinned in its policy, so it asks nobody for any.
final class Border: Sendable {
    let homeserver = StubHomeserver()
    let name: ServerName
    let port: Int
    private let directory: String
    private let servers: [HTTPServer]
    private let log: AuditLog

    private init(
        _ policy: String, _ name: String, _ hosts: [String], _ listenerPort: Int, _ mixed: MixedTransactions
    ) async throws {
        self.name = try ServerName(name)
        directory = FileManager.default.temporaryDirectory.appending(path: "entente-border-\(UUID().uuidString)").path
        let policy = PolicyInForce(try Policy.compile(Array(policy.utf8), fileName: "policy.yaml"))
        var audit = AuditConfiguration(directory: directory, node: "test")
        audit.emergencyBytes = 4096
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        log = try AuditLog.open(audit, build: "test", policy: policy.stamp)
        let group = MultiThreadedEventLoopGroup.singleton
        let upstream = try await homeserver.start()
        guard let address = upstream.localAddress, let upstreamPort = address.port else { throw NotListening() }
        let homeserver = Homeserver(
            name: self.name, hosts: hosts, upstreamHost: "127.0.0.1", upstreamPort: upstreamPort, wellKnown: nil)
        let gateway = InboundGateway(
            group: group, settings: InboundSettings(homeservers: [homeserver], upstreams: [address], mixed: mixed),
            keyRing: KeyRing(source: FakeKeySource(), now: { KeyFixtures.start }) { _ in }, log: log, policy: policy,
            clock: WallClock { KeyFixtures.start.milliseconds * 1000 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let front = try await gateway.listen(
            to: SocketAddress(ipAddress: "127.0.0.1", port: 0),
            names: ServedNames([homeserver], port: listenerPort, acceptsAbsentServerName: true), tls: nil)
        port = front.localAddress?.port ?? 0
        servers = [front, upstream]
    }

    struct NotListening: Error {}

    /// Runs a test before a gateway and takes it down afterwards.
    ///
    /// - Parameters:
    ///   - hosts: host names beside the one in `name`.
    ///   - listenerPort: the port that peers may name in `Host`.
    static func stand(
        policy: String, before name: String = BorderPolicy.own, hosts: [String] = [], listenerPort: Int = 8448,
        mixed: MixedTransactions = .withhold, _ test: (Border) async throws -> Void
    ) async throws {
        let border = try await Border(policy, name, hosts, listenerPort, mixed)
        do {
            try await test(border)
        } catch {
            await border.end()
            throw error
        }
        await border.end()
    }

    private func end() async {
        for server in servers { try? await server.close() }
        log.close(reason: "test")
        try? FileManager.default.removeItem(atPath: directory)
    }

    func client() throws -> RawClient { try RawClient(port: port) }

    /// Sends one request on a connection of its own.
    func ask(_ request: [UInt8]) throws -> RawClient.Response? {
        var client = try client()
        try client.send(request)
        return try client.response()
    }

    /// The records of requests, in order.
    func records() throws -> [BorderRecord] {
        var reader = try AuditReader(directory: directory)
        var records: [BorderRecord] = []
        while let entry = try reader.next() {
            let record = try BorderRecord(entry.sequence, entry.record)
            if record.text("kind") == "request" { records.append(record) }
        }
        return records
    }

    func lastRecord() throws -> BorderRecord {
        guard let record = try records().last else { throw NoRecord() }
        return record
    }

    struct NoRecord: Error {}
}

/// A record of the log, read by its dotted member names.
struct BorderRecord: Sendable {
    let sequence: UInt64
    let json: [UInt8]
    private let document: JSONDocument

    init(_ sequence: UInt64, _ json: [UInt8]) throws {
        self.sequence = sequence
        self.json = json
        document = try JSONDocument(reading: json)
    }

    private func node(_ path: String) -> JSONDocument.Node? {
        path.split(separator: ".").reduce(document.root) { node, name in
            node.flatMap { node in
                if let index = Int(name) {
                    var elements = document.elements(of: node)
                    for _ in 0..<index { _ = elements.next() }
                    return elements.next()
                }
                return document.member(String(name), of: node)
            }
        }
    }

    func text(_ path: String) -> String? { node(path).flatMap(document.string) }
    func number(_ path: String) -> Int? { node(path).flatMap(document.integer).map { Int($0) } }
    func count(_ path: String) -> Int { node(path).map(document.count) ?? 0 }

    var string: String { String(decoding: json, as: UTF8.self) }
    var decision: String? { text("decision") }
    var reason: String? { text("reason_code") }
    var rule: String? { text("rule_id") }
}
