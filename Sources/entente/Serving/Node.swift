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
    /// Beside the log: which policy was in force last.
    private let floors: FloorStore
    private struct InForce {
        var policy: PolicyInForce
        /// What time does to it.
        var timetable: PolicyTimetable
        var signers: [String]
        /// The highest serial that was in force here; what follows is above it.
        var floor: PolicyFloor?
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
        let meanwhile = "the gateway does not start"
        let offer = try PolicyOffer(reading: configuration.policyFile, meanwhile: meanwhile)
        floors = FloorStore(directory: configuration.auditDirectory)
        let floor = try floors.floor(meanwhile: meanwhile)
        let accepted = try offer.accepted(for: configuration, floor: floor)
        let timetable = PolicyTimetable(offer.policy, now: WallClock.system.now)
        let policy = PolicyInForce(timetable.inForce)
        inForce = Mutex(
            InForce(
                policy: policy, timetable: timetable, signers: accepted.signers.map(\.text), floor: floor,
                activatedAt: WallClock.system.microseconds))
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
        for warning in policy.policy.warnings + accepted.warnings { logger.warning("\(warning)") }
    }

    /// Puts on record with which policy the gateway starts, and who signed it. Nothing passes before.
    func recordStart() async throws {
        let (policy, signers) = inForce.withLock { ($0.policy, $0.signers) }
        _ = try await log.record(
            .policyActivated(id: policy.policy.id, policy: policy.stamp, previous: nil, signedBy: signers))
        try raiseFloor(to: policy.policy)
        if policy.policy.isExpired { try await recordTime(policy) }
    }

    var policyInForce: PolicyInForce { inForce.withLock { $0.policy } }
    var activatedAt: Int64 { inForce.withLock { $0.activatedAt } }
    var rejection: String? { inForce.withLock { $0.rejection } }

    /// Remembers why a reload changed nothing, until one does.
    func rejected(_ why: String) { inForce.withLock { $0.rejection = why } }

    /// The policy that was in force last, to which the next one is compared.
    var floor: PolicyFloor? { inForce.withLock { $0.floor } }

    /// Puts another policy in force, whole. One at a time: `Reloading` calls this and `tick` in turn.
    func activate(_ offered: Policy, signedBy signers: [String]) async throws {
        let timetable = PolicyTimetable(offered, now: WallClock.system.now)
        let next = PolicyInForce(timetable.inForce)
        // On record before it decides anything; and no lower one may follow before it does.
        _ = try await log.record(
            .policyActivated(id: next.policy.id, policy: next.stamp, previous: policyInForce.stamp, signedBy: signers))
        try raiseFloor(to: offered)
        if next.policy.isExpired { try await recordTime(next) }
        inForce.withLock { state in
            state = InForce(
                policy: next, timetable: timetable, signers: signers, floor: state.floor,
                activatedAt: WallClock.system.microseconds)
        }
        use(next)
    }

    /// Does what time does to the policy in force.
    func tick(_ now: Timestamp) async {
        let (events, policy) = inForce.withLock { ($0.timetable.advance(to: now), $0.timetable.inForce) }
        for event in events {
            switch event {
            case .changed:
                let next = PolicyInForce(policy)
                // It takes effect also if it cannot be recorded: then nothing passes anyway.
                inForce.withLock { $0.policy = next }
                use(next)
                logger.critical(
                    "the policy in force has expired; what its `on_expiry` leaves is in force; activate the next one",
                    metadata: ["policy": "\(policy.id)", "serial": "\(policy.serial)"])
                try? await recordTime(next)
            case .expiresSoon(let days):
                logger.warning(
                    "the policy in force expires soon; activate the next one before that",
                    metadata: ["policy": "\(policy.id)", "serial": "\(policy.serial)", "days": "\(days)"])
            }
        }
    }

    /// How long time will do nothing to the policy in force.
    var untilNextChange: Duration {
        guard let next = inForce.withLock({ $0.timetable.next }) else { return .seconds(3600) }
        return .milliseconds(
            next.milliseconds.subtractingReportingOverflow(WallClock.system.now.milliseconds).partialValue)
    }

    private func use(_ policy: PolicyInForce) {
        keyRing.usePins(of: policy.policy)
        inbound.activate(policy)
    }

    private func recordTime(_ policy: PolicyInForce) async throws(AuditError) {
        let notice: AuditNotice =
            policy.policy.isExpired
            ? .policyExpired(
                id: policy.policy.id, policy: policy.stamp, onExpiry: policy.policy.validity.onExpiry.rawValue)
            : .policyDated(id: policy.policy.id, policy: policy.stamp)
        _ = try await log.record(notice)
    }

    /// Never lower: a node that takes unsigned policies may take older ones, and the next signed one must be above all.
    private func raiseFloor(to policy: Policy) throws {
        let floor = PolicyFloor(policy)
        if let old = self.floor, old == floor || old.serial > floor.serial { return try keep(old) }
        try keep(floor)
    }

    private func keep(_ floor: PolicyFloor) throws {
        do throws(FloorStore.Fault) {
            try floors.write(floor)
        } catch {
            throw StartFailure(
                description: "\(error.description); serial \(floor.serial) is not in force; \(error.todo)")
        }
        inForce.withLock { $0.floor = floor }
    }
}

/// What is running.
enum Build {
    static let version = "0.1.0-dev"
}
