// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import NIOPosix
internal import PolicyEngine
internal import Synchronization
internal import Transport

/// Everything one running gateway consists of, put together from its configuration.
final class Node: Sendable {
    struct Listener: Sendable {
        let settings: ListenerSettings
        let address: SocketAddress
        let names: ServedNames
        let tls: TLSServerContextBox
    }

    let configuration: Configuration
    let logger: Logger
    let log: AuditLog
    let keyRing: KeyRing
    let group: MultiThreadedEventLoopGroup
    /// For name look-ups, which block.
    let threads: NIOThreadPool
    let inbound: InboundGateway
    let listeners: [Listener]
    private struct InForce {
        var policy: PolicyInForce
        /// Microseconds since 1970-01-01T00:00:00Z.
        var activatedAt: Int64
        /// Why the file that is there now was not taken.
        var rejection: String?
    }

    private let inForce: Mutex<InForce>

    /// - Throws: a four-part message for whatever keeps the gateway from starting.
    init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let policy = PolicyInForce(
            try PolicyFile.load(configuration.policyFile, for: configuration, meanwhile: "the gateway does not start"))
        inForce = Mutex(InForce(policy: policy, activatedAt: WallClock.system.microseconds))
        let homeservers = configuration.homeservers.map(\.homeserver)
        listeners = try configuration.listeners.map { settings in
            Listener(
                settings: settings, address: try settings.address.resolved(),
                names: ServedNames(
                    homeservers, port: settings.address.port,
                    acceptsAbsentServerName: settings.absentServerName == .accept),
                tls: TLSServerContextBox(try settings.tlsContext()))
        }
        group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        keyRing = KeyRing(
            source: try OriginKeys.source(configuration.federation, group, threads, logger),
            now: { WallClock.system.now }, report: { $0.report(to: logger) })
        keyRing.usePins(of: policy.policy)
        log = try AuditLog.open(
            AuditConfiguration(directory: configuration.auditDirectory, node: configuration.node),
            build: Build.version, policy: policy.stamp)
        if log.cutBytes > 0 {
            logger.notice(
                "the audit log ended in the middle of a record, which was cut off; nothing had passed for it",
                metadata: ["bytes": "\(log.cutBytes)"])
        }
        let settings = InboundSettings(
            homeservers: homeservers, upstreams: try configuration.homeservers.map { try $0.upstream.resolved() },
            mixed: configuration.mixed)
        inbound = InboundGateway(
            group: group, settings: settings, keyRing: keyRing, log: log, policy: policy, logger: logger)
        for warning in policy.policy.warnings + policy.policy.unenforced { logger.warning("\(warning)") }
    }

    var policyInForce: PolicyInForce { inForce.withLock { $0.policy } }
    var activatedAt: Int64 { inForce.withLock { $0.activatedAt } }
    var rejection: String? { inForce.withLock { $0.rejection } }

    /// Remembers why a reload changed nothing, until one does.
    func rejected(_ why: String) { inForce.withLock { $0.rejection = why } }

    /// Puts another policy in force, whole.
    func activate(_ next: PolicyInForce) async throws(AuditError) {
        let previous = policyInForce
        // On record before it decides anything.
        _ = try await log.record(
            .policyActivated(id: next.policy.id, policy: next.stamp, previous: previous.stamp))
        inForce.withLock { $0 = InForce(policy: next, activatedAt: WallClock.system.microseconds) }
        keyRing.usePins(of: next.policy)
        inbound.activate(next)
    }
}

/// What is running.
enum Build {
    static let version = "0.1.0-dev"
}
