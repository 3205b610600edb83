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
    /// Whom servers' keys are asked of, network by network.
    let keySource: NetworkKeySource
    let group: MultiThreadedEventLoopGroup
    /// For name look-ups, which block.
    let threads: NIOThreadPool
    let inbound: InboundGateway
    let listeners: [Listener]
    /// Rung by servers that are in no list.
    let bell = ListBell()
    /// What became of the last round among the witnesses.
    let witnessBoard: WitnessBoard
    /// Beside the log: which policy was in force last.
    private let floors: FloorStore
    /// Beside the log: which lockdowns are in force.
    let lockdownStore: LockdownStore
    /// Requests that the gateway died of.
    let quarantine: NodeQuarantine
    /// Reloads and lockdowns take turns: what one looks at, the other does not change meanwhile.
    let turns = Turns()
    struct InForce {
        var policy: PolicyInForce
        var alarm: ExpiryAlarm
        var signers: [String]
        /// The highest serial that was in force here; what follows is above it.
        var floor: PolicyFloor?
        var lockdowns: LockdownRegister
        /// What it was made of.
        var loaded: LoadedPolicy
        /// Counts activations, so that nothing replaces what it was not made from.
        var generation = 0
        /// Microseconds since 1970-01-01T00:00:00Z.
        var activatedAt: Int64
        /// Why the file that is there now was not taken.
        var rejection: String?
    }

    let inForce: Mutex<InForce>
    private let sinks = Mutex<[SinkForwarder.Status]>([])

    /// How the sinks are, for the console.
    var sinkStatus: [SinkForwarder.Status] { sinks.withLock { $0 } }

    func note(_ status: [SinkForwarder.Status]) {
        sinks.withLock { $0 = status }
        gate.set(Self.position(policyInForce.policy.audit, hasFullSink: status.contains(where: \.isFull)))
    }

    let forwarders: Forwarders
    /// Refuses traffic while a sink lacks too many records, where the policy wants that.
    private let gate = EvidenceGate()

    /// - Throws: a four-part message for whatever keeps the gateway from starting.
    init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let meanwhile = "the gateway does not start"
        let offer = try PolicyOffer(reading: configuration.policyFile, for: configuration, meanwhile: meanwhile)
        floors = FloorStore(directory: configuration.auditDirectory)
        let floor = try floors.floor(meanwhile: meanwhile)
        let accepted = try offer.accepted(for: configuration, floor: floor)
        lockdownStore = LockdownStore(directory: configuration.auditDirectory)
        let lockdowns = try lockdownStore.register(meanwhile: meanwhile, logger)
        try Self.refuseUnknown(lockdowns, in: offer.policy, meanwhile: meanwhile)
        let policy = PolicyInForce(offer.policy.under(Self.circumstances(lockdowns)))
        inForce = Mutex(
            InForce(
                policy: policy, alarm: ExpiryAlarm(offer.policy), signers: accepted.signers.map(\.text), floor: floor,
                lockdowns: lockdowns, loaded: offer.loaded, activatedAt: WallClock.system.microseconds))
        let homeservers = configuration.homeservers.map(\.homeserver)
        let networks = NodeNetworks(policy: policy.policy, configuration: configuration)
        listeners = try configuration.listeners.map { settings in
            Listener(
                settings: settings, address: try settings.address.resolved(),
                names: ServedNames(
                    homeservers, port: settings.address.port,
                    acceptsAbsentServerName: settings.absentServerName == .accept),
                tls: TLSServerContextBox(try networks.tlsContext(of: settings)))
        }
        witnessBoard = try WitnessBoard(configuration.witnesses)
        forwarders = Forwarders(directory: configuration.auditDirectory, settings: configuration.sinks)
        gate.set(Self.positionAtStart(policy.policy.audit, directory: configuration.auditDirectory))
        group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        keySource = NetworkKeySource(
            internet: try OriginKeys.source(configuration.federation, group, threads, logger),
            closed: try networks.sources(group, threads, logger))
        keyRing = KeyRing(
            source: keySource, now: { WallClock.system.now }, report: { $0.report(to: logger) })
        keyRing.usePins(of: policy.policy)
        var audit = AuditConfiguration(directory: configuration.auditDirectory, node: configuration.node)
        audit.keyFile = configuration.auditKeyFile
        let binary = Build.digest()
        log = try AuditLog.open(audit, build: Build.version, binary: binary, policy: policy.stamp)
        log.use(try Self.keys(of: policy.policy, in: log, meanwhile: meanwhile))
        quarantine = try NodeQuarantine(
            configuration.auditDirectory, build: binary, now: WallClock.system.now, logger)
        if log.cutBytes > 0 {
            logger.notice(
                "the audit log ended in the middle of a record, which was cut off; nothing had passed for it",
                metadata: ["bytes": "\(log.cutBytes)"])
        }
        var settings = InboundSettings(
            homeservers: homeservers, upstreams: try configuration.homeservers.map { try $0.upstream.resolved() },
            mixed: configuration.mixed)
        settings.clockTrust = witnessBoard.clockTrust
        settings.quarantine = quarantine.requests
        settings.gate = gate
        settings.whenUnlisted = { [bell] in bell.ring() }
        inbound = InboundGateway(
            group: group, settings: settings, keyRing: keyRing, log: log, policy: policy, logger: logger)
        for warning in policy.policy.warnings + policy.policy.unenforced + accepted.warnings {
            logger.warning("\(warning)")
        }
        for warning in networks.warnings { logger.warning("\(warning)") }
        for warning in NodeSinks(policy: policy.policy, settings: configuration.sinks).warnings {
            logger.warning("\(warning)")
        }
    }

    /// Puts on record with which policy the gateway starts, and who signed it. Nothing passes before.
    func recordStart() async throws {
        try await recordCrashes()
        try await recordKeys()
        let (policy, signers) = inForce.withLock { ($0.policy, $0.signers) }
        _ = try await log.record(
            .policyActivated(id: policy.policy.id, policy: policy.stamp, previous: nil, signedBy: signers))
        try raiseFloor(to: policy.policy)
        if policy.policy.isExpired { try await recordExpiry(of: policy) }
        try await recordLockdownsKept()
    }

    var policyInForce: PolicyInForce { inForce.withLock { $0.policy } }
    var activatedAt: Int64 { inForce.withLock { $0.activatedAt } }
    var rejection: String? { inForce.withLock { $0.rejection } }

    /// Remembers why a reload changed nothing, until one does.
    func rejected(_ why: String) { inForce.withLock { $0.rejection = why } }

    /// The policy that was in force last, to which the next one is compared.
    var floor: PolicyFloor? { inForce.withLock { $0.floor } }

    /// Under what a policy comes into force.
    private static func circumstances(_ lockdowns: LockdownRegister) -> Circumstances {
        Circumstances(now: WallClock.system.now, lockdowns: lockdowns.lockdowns)
    }

    /// Looks at the policy in force under today's date, and puts it in force anew if that changes a verdict.
    ///
    /// A clock that is set back gives nothing back that had ended.
    func adjustPolicy() async throws(AuditError) {
        let before = policyInForce
        let now = max(WallClock.system.now, before.policy.lookedAt ?? WallClock.system.now)
        if let days = inForce.withLock({ $0.alarm.daysLeft(at: now) }) {
            logger.warning(
                "the policy in force expires soon; activate the next one before that",
                metadata: [
                    "policy": "\(before.policy.id)", "serial": "\(before.policy.serial)", "days": "\(days)",
                ])
        }
        for near in inForce.withLock({ $0.alarm.approaching(at: now) }) {
            // As many as fit into a line.
            let shown = near.rules.prefix(20).joined(separator: ", ")
            let more = near.rules.count > 20 ? " and \(near.rules.count - 20) more" : ""
            logger.warning(
                "dates in the policy come near; renew what shall go on",
                metadata: ["days": "\(near.days)", "rules": "\(shown)\(more)"])
        }
        let after = PolicyInForce(
            before.policy.under(Circumstances(now: now, lockdowns: before.policy.lockdownsInForce)))
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
        if after.policy.isExpired, !before.policy.isExpired { try await recordExpiry(of: after) }
        _ = try await log.record(.policyDateReached(id: after.policy.id, policy: after.stamp, rules: rules))
    }

    /// Puts another policy in force, whole.
    ///
    /// The lockdowns in force stay in force, so a policy that has not prepared them is refused.
    func activate(_ loaded: LoadedPolicy, signedBy signers: [String]) async throws {
        try await turns.take { try await self.replace(with: loaded, signedBy: signers) }
    }

    private func replace(with loaded: LoadedPolicy, signedBy signers: [String]) async throws {
        let (previous, lockdowns) = inForce.withLock { ($0.policy, $0.lockdowns) }
        try Self.refuseUnknown(lockdowns, in: loaded.policy, meanwhile: "the previous policy stays in force")
        let next = PolicyInForce(loaded.policy.under(Self.circumstances(lockdowns)))
        let keys = try Self.keys(of: next.policy, in: log, meanwhile: "the previous policy stays in force")
        // What the policy before refused is on record before the next one is.
        try await inbound.recordRefusalSums(all: true)
        // On record before it decides anything; and no lower one may follow from then on.
        try await take(loaded.lists.changes(since: lists.shelf))
        _ = try await log.record(
            .policyActivated(id: next.policy.id, policy: next.stamp, previous: previous.stamp, signedBy: signers))
        try raiseFloor(to: next.policy)
        if next.policy.isExpired { try await recordExpiry(of: next) }
        let activatedAt = WallClock.system.microseconds
        inForce.withLock { inForce in
            inForce = InForce(
                policy: next, alarm: ExpiryAlarm(next.policy), signers: signers, floor: inForce.floor,
                lockdowns: inForce.lockdowns, loaded: loaded, generation: inForce.generation + 1,
                activatedAt: activatedAt)
            log.use(keys)
            use(next)
        }
    }

    /// What records are sealed with from then on, sealed itself to the auditors of a policy.
    private static func keys(
        of policy: Policy, in log: AuditLog, meanwhile: String
    ) throws -> RecordSealer.Prepared {
        do throws(KeyFileFault) {
            return try log.prepare(policy.audit)
        } catch {
            throw StartFailure(description: "\(error.description); \(meanwhile); \(error.todo)")
        }
    }

    /// What the policy in force was made of, and which one it is.
    var lists: (loaded: LoadedPolicy, shelf: ListShelf, generation: Int) {
        inForce.withLock { ($0.loaded, $0.loaded.lists, $0.generation) }
    }

    /// Puts the same policy in force with other lists, unless another one came into force meanwhile.
    func activate(_ loaded: LoadedPolicy, insteadOf generation: Int) {
        while true {
            let lockdowns = lockdowns
            var circumstances = Self.circumstances(lockdowns)
            if let now = circumstances.now { circumstances.now = max(now, policyInForce.policy.lookedAt ?? now) }
            let next = PolicyInForce(loaded.policy.under(circumstances))
            let isDone = inForce.withLock { inForce in
                guard inForce.generation == generation else { return true }
                // A lockdown came into force meanwhile.
                guard inForce.lockdowns == lockdowns else { return false }
                let isSame = loaded.policy.isSame(as: inForce.loaded.policy)
                inForce.loaded = loaded
                guard !isSame else { return true }
                inForce.policy = next
                inForce.generation += 1
                use(next)
                return true
            }
            if isDone { return }
        }
    }

    /// Called while `inForce` is locked, so that the last to come into force is the last that the loops are told.
    func use(_ policy: PolicyInForce) {
        keyRing.usePins(of: policy.policy)
        inbound.activate(policy)
    }

    private func recordExpiry(of policy: PolicyInForce) async throws(AuditError) {
        let onExpiry = policy.policy.validity.onExpiry.rawValue
        logger.critical(
            "the policy has expired, what its `on_expiry` leaves is in force; activate the next one",
            metadata: [
                "policy": "\(policy.policy.id)", "serial": "\(policy.policy.serial)", "on_expiry": "\(onExpiry)",
            ])
        _ = try await log.record(
            .policyExpired(id: policy.policy.id, policy: policy.stamp, onExpiry: onExpiry))
    }

    /// Never lower: a node that takes unsigned policies may take older ones, and the next signed one must be above all.
    private func raiseFloor(to policy: Policy) throws {
        let next = PolicyFloor(policy)
        let floor = floor.flatMap { $0.serial > next.serial ? $0 : nil } ?? next
        do throws(FloorStore.Fault) {
            try floors.write(floor)
        } catch {
            throw StartFailure(
                description: "\(error.description); serial \(next.serial) is not in force; \(error.todo)")
        }
        inForce.withLock { $0.floor = floor }
    }
}

/// What is running.
enum Build {
    static let version = "0.1.0-dev"

    /// SHA-256 of the program's file, which anybody can compare with the one that was published; `nil` if it cannot be read.
    static func digest() -> Digest? { (try? FileBytes.digest(of: "/proc/self/exe")) ?? nil }
}
