// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine

/// What the requests of one event loop share. Confined to that loop, so nothing here has a lock.
final class InboundLoop {
    let eventLoop: any EventLoop
    let settings: InboundSettings
    let keyRing: KeyRing
    let desk: AuditDesk
    /// Names rooms and events in records.
    let references: ReferenceKey
    let clock: WallClock
    let counters: DecisionCounters
    let logger: Logger
    private(set) var inForce: PolicyInForce
    private(set) var isDraining = false
    /// Requests that have begun and are not answered.
    var requestsUnderWay = 0
    private let pools: [UpstreamPool]
    private var saidUnrecorded = NIODeadline.uptimeNanoseconds(0)

    init(
        eventLoop: any EventLoop, settings: InboundSettings, keyRing: KeyRing, desk: AuditDesk,
        references: ReferenceKey, clock: WallClock,
        counters: DecisionCounters, logger: Logger, policy: PolicyInForce
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.keyRing = keyRing
        self.desk = desk
        self.references = references
        self.clock = clock
        self.counters = counters
        self.logger = logger
        inForce = policy
        pools = settings.upstreams.map {
            UpstreamPool(
                eventLoop: eventLoop, address: $0, limit: settings.upstreamConnections, patience: settings.upstreamWait)
        }
    }

    func pool(_ homeserver: Int) -> UpstreamPool? {
        pools.indices.contains(homeserver) ? pools[homeserver] : nil
    }

    /// Requests that begin from now on are decided by `policy`.
    func activate(_ policy: PolicyInForce) { inForce = policy }

    /// Requests that begin from now on are answered 503.
    func drain() {
        isDraining = true
        for pool in pools { pool.closeResting() }
    }

    /// Counts what was decided, once it is known whether that is on record.
    func count(_ decision: AuditRecord.Decision, _ outcome: borrowing AuditOutcome) {
        switch outcome {
        case .permitted: counters.count(decision)
        case .recorded: counters.count(decision)
        case .failed(let error): reportUnrecorded(error)
        }
    }

    /// Says loudly that nothing passes because nothing can be recorded, at most once a second.
    func reportUnrecorded(_ error: AuditError) {
        counters.countUnrecorded()
        let now = eventLoop.now
        guard now >= saidUnrecorded + .seconds(1) || saidUnrecorded == .uptimeNanoseconds(0) else { return }
        saidUnrecorded = now
        logger.critical("a request could not be recorded and was answered 503", metadata: ["error": "\(error)"])
    }
}
