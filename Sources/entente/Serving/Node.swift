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
    /// Rung by servers that are in no list.
    let bell = ListBell()
    private struct InForce {
        var policy: PolicyInForce
        /// What it was made of.
        var loaded: LoadedPolicy
        /// Counts activations, so that nothing replaces what it was not made from.
        var generation = 0
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
        let loaded = try PolicyFile.load(
            configuration.policyFile, for: configuration, meanwhile: "the gateway does not start")
        let policy = PolicyInForce(loaded.policy.under(Self.circumstances))
        inForce = Mutex(InForce(policy: policy, loaded: loaded, activatedAt: WallClock.system.microseconds))
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
        var settings = InboundSettings(
            homeservers: homeservers, upstreams: try configuration.homeservers.map { try $0.upstream.resolved() },
            mixed: configuration.mixed)
        settings.whenUnlisted = { [bell] in bell.ring() }
        inbound = InboundGateway(
            group: group, settings: settings, keyRing: keyRing, log: log, policy: policy, logger: logger)
        for warning in policy.policy.warnings + policy.policy.unenforced { logger.warning("\(warning)") }
    }

    var policyInForce: PolicyInForce { inForce.withLock { $0.policy } }
    var activatedAt: Int64 { inForce.withLock { $0.activatedAt } }
    var rejection: String? { inForce.withLock { $0.rejection } }

    /// Remembers why a reload changed nothing, until one does.
    func rejected(_ why: String) { inForce.withLock { $0.rejection = why } }

    /// Under what a policy comes into force.
    private static var circumstances: Circumstances { Circumstances(now: WallClock.system.now) }

    /// Looks at the policy in force under today's date, and puts it in force anew if that changes a verdict.
    func adjustPolicy() async throws(AuditError) {
        let before = policyInForce
        let now = WallClock.system.now
        let after = PolicyInForce(before.policy.under(Circumstances(now: now)))
        guard !after.policy.isSame(as: before.policy) else { return }
        let isStill = inForce.withLock { inForce in
            guard inForce.policy.policy.isSame(as: before.policy) else { return false }
            inForce.policy = after
            inbound.activate(after)
            return true
        }
        guard isStill else { return }
        let rules = before.policy.datesReached(after: before.policy.lookedAt ?? now, by: now)
        logger.notice("dates in the policy were reached", metadata: ["rules": "\(rules.joined(separator: ", "))"])
        _ = try await log.record(.policyDateReached(id: after.policy.id, policy: after.stamp, rules: rules))
    }

    /// Puts another policy in force, whole.
    func activate(_ loaded: LoadedPolicy) async throws {
        let previous = policyInForce
        let next = PolicyInForce(loaded.policy.under(Self.circumstances))
        // On record before it decides anything.
        try await take(loaded.lists.changes(since: lists.shelf))
        _ = try await log.record(
            .policyActivated(id: next.policy.id, policy: next.stamp, previous: previous.stamp))
        let activatedAt = WallClock.system.microseconds
        inForce.withLock { inForce in
            inForce = InForce(
                policy: next, loaded: loaded, generation: inForce.generation + 1, activatedAt: activatedAt)
            use(next)
        }
    }

    /// What the policy in force was made of, and which one it is.
    var lists: (loaded: LoadedPolicy, shelf: ListShelf, generation: Int) {
        inForce.withLock { ($0.loaded, $0.loaded.lists, $0.generation) }
    }

    /// Puts the same policy in force with other lists, unless another one came into force meanwhile.
    func activate(_ loaded: LoadedPolicy, insteadOf generation: Int) {
        let next = PolicyInForce(loaded.policy.under(Self.circumstances))
        inForce.withLock { inForce in
            guard inForce.generation == generation else { return }
            let isSame = loaded.policy.isSame(as: inForce.loaded.policy)
            inForce.loaded = loaded
            guard !isSame else { return }
            inForce.policy = next
            inForce.generation += 1
            use(next)
        }
    }

    /// Called while `inForce` is locked, so that the last to come into force is the last that the loops are told.
    private func use(_ policy: PolicyInForce) {
        keyRing.usePins(of: policy.policy)
        inbound.activate(policy)
    }
}

/// What is running.
enum Build {
    static let version = "0.1.0-dev"
}
