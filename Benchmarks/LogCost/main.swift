// SPDX-License-Identifier: Apache-2.0

import Audit
import Gateway
import Glibc
import Logging
import MatrixFederation
import NIOCore
import NIOPosix
import PolicyEngine
import Transport

// A gateway whose records become durable, or go nowhere; the difference is what the log costs. One event loop, the
// policy pins every key, so nobody is asked for any.
//
//     LogCost stored|unstored PORT UPSTREAM CORPUS POLICY

let arguments = CommandLine.arguments
guard arguments.count == 6, let port = Int(arguments[2]), let upstream = Int(arguments[3]) else {
    print("usage: LogCost stored|unstored PORT UPSTREAM CORPUS POLICY")
    exit(2)
}
let corpus = arguments[4]

func bytes(_ path: String) throws -> [UInt8] {
    struct Unreadable: Error { let path: String }
    guard let file = unsafe fopen(path, "rb") else { throw Unreadable(path: path) }
    defer { unsafe fclose(file) }
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = unsafe fread(&part, 1, part.count, file), count > 0 { all += part[..<count] }
    return all
}

/// Takes every record and keeps none.
final class Nowhere: RecordStore {
    private(set) var nextSequence: UInt64 = 1
    func append(_ batch: borrowing RecordBatch) { nextSequence += UInt64(batch.entries.count) }
    func prepare() {}
    func recover() {}
    func noteUnavailable(_ record: [UInt8]) {}
    func close() {}
}

struct NoKeys: KeySource {
    func keys(of server: ServerName, along access: ServerAccess) async throws(KeyFetchFault) -> ServerKeys {
        throw .invalid("every key is pinned")
    }
}

let policy = PolicyInForce(try Policy.compile(try bytes(arguments[5]), fileName: "policy.yaml"))
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let keyRing = KeyRing(
    source: NoKeys(), now: { Timestamp(milliseconds: WallClock.system.microseconds / 1000) }, report: { _ in })
keyRing.usePins(of: policy.policy)
let configuration = AuditConfiguration(directory: "audit", node: "cost")
let log =
    arguments[1] == "stored"
    ? try AuditLog.open(configuration, build: "benchmark", policy: policy.stamp)
    : try AuditLog.start(
        configuration, Nowhere(), ReferenceKey(salt: [UInt8](repeating: 1, count: 32)), 0, "benchmark", policy.stamp)
let homeservers = [
    Homeserver(
        name: try ServerName("home.gateway.test"), hosts: [], upstreamHost: "127.0.0.1", upstreamPort: upstream,
        wellKnown: nil)
]
let gateway = InboundGateway(
    group: group,
    settings: InboundSettings(
        homeservers: homeservers, upstreams: [try SocketAddress(ipAddress: "127.0.0.1", port: upstream)],
        mixed: .withhold), keyRing: keyRing, log: log, policy: policy, logger: Logger(label: "cost"))
let identity = try TLSIdentity(
    certificates: try bytes("\(corpus)/server.crt"), key: try bytes("\(corpus)/server.key"))
let server = try await gateway.listen(
    to: try SocketAddress(ipAddress: "127.0.0.1", port: port),
    names: ServedNames(homeservers, port: port, acceptsAbsentServerName: false),
    tls: TLSServerContextBox(try TLSServerContext(TLSServerConfiguration(identities: [identity]))))
// Until whoever measures ends it.
while true { try await Task.sleep(for: .seconds(3600)) }
