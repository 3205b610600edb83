// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// What the requests of one event loop share. Confined to that loop, so nothing here has a lock.
final class InboundLoop {
    let eventLoop: any EventLoop
    let settings: InboundSettings
    /// Its number among the loops, and that of its slot for the request which it reads.
    let number: Int
    let keyRing: KeyRing
    let desk: AuditDesk
    /// Names rooms and events in records.
    let references: ReferenceMaker
    let clock: WallClock
    let monotonic: MonotonicClock
    /// What each server has used of its limits, on all loops.
    let limits: OriginLimits
    /// Which refusals of strangers are recorded one by one, on all loops.
    let refusals: RefusalSums
    let counters: DecisionCounters
    let tally: DecisionTally
    let logger: Logger
    private(set) var inForce: PolicyInForce
    private(set) var isDraining = false
    /// Requests that have begun and are not answered.
    var requestsUnderWay = 0
    /// Bytes of bodies that requests hold or may come to hold.
    private var heldBytes = 0
    private let pools: [UpstreamPool]
    private var saidUnrecorded = NIODeadline.uptimeNanoseconds(0)
    private var saidExcused = NIODeadline.uptimeNanoseconds(0)
    private var saidUpstream = NIODeadline.uptimeNanoseconds(0)

    init(
        eventLoop: any EventLoop, number: Int, settings: InboundSettings, keyRing: KeyRing, desk: AuditDesk,
        references: ReferenceKey, clock: WallClock,
        monotonic: MonotonicClock, limits: OriginLimits, refusals: RefusalSums, counters: DecisionCounters,
        tally: DecisionTally,
        logger: Logger, policy: PolicyInForce
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.number = number
        self.keyRing = keyRing
        self.desk = desk
        self.references = references.maker()
        self.clock = clock
        self.monotonic = monotonic
        self.limits = limits
        self.refusals = refusals
        self.counters = counters
        self.tally = tally
        self.logger = logger
        inForce = policy
        pools = settings.upstreams.map {
            UpstreamPool(
                eventLoop: eventLoop, address: $0, limit: settings.upstreamConnections)
        }
    }

    func pool(_ homeserver: Int) -> UpstreamPool? {
        pools.indices.contains(homeserver) ? pools[homeserver] : nil
    }

    /// Reserves memory for a body; false when too many bodies are under way.
    func hold(_ bytes: Int) -> Bool {
        guard heldBytes + bytes <= settings.heldBytes else { return false }
        heldBytes += bytes
        return true
    }

    func release(_ bytes: Int) { heldBytes -= bytes }

    /// Requests that begin from now on are decided by `policy`.
    func activate(_ policy: PolicyInForce) { inForce = policy }

    /// Requests that begin from now on are answered 503.
    func drain() {
        isDraining = true
        for pool in pools { pool.closeResting() }
    }

    /// Records what has no other effect.
    func submitLate(_ record: AuditRecord) {
        do throws(AuditError) {
            try desk.submitLate(record) { [self] outcome in
                if case .failed(let error) = outcome { reportUnrecorded(error) }
            }
        } catch {
            reportUnrecorded(error)
        }
    }

    /// Counts a refusal that has no record of its own.
    func countAggregated(_ trail: InboundTrail) {
        counters.count(.refuse)
        if let network = trail.network { counters.count(.refuse, over: network) }
        tally.count(.refuse, trail)
    }

    /// Counts what was decided, once it is known whether that is on record.
    func count(_ decision: AuditRecord.Decision, _ trail: InboundTrail, _ outcome: borrowing AuditOutcome) {
        guard report(outcome) else { return }
        counters.count(decision)
        if let network = trail.network { counters.count(decision, over: network) }
        tally.count(decision, trail)
    }

    /// Says that there is no record where there is none.
    /// - Returns: whether what was submitted may go its way all the same.
    @discardableResult
    func report(_ outcome: borrowing AuditOutcome) -> Bool {
        switch outcome {
        case .failed(let error):
            reportUnrecorded(error)
            return false
        case .excused: reportPassedUnrecorded()
        case .permitted: break
        case .recorded: break
        }
        return true
    }

    /// Says that it cannot be told which events the homeserver's answer carries, at most once a second.
    ///
    /// - Parameter passes: whether it passes all the same, because the policy only watches.
    func reportUnreadable(_ fault: AnswerFault, _ endpoint: Endpoint, passes: Bool) {
        counters.countUpstreamFailure()
        let now = eventLoop.now
        guard now >= saidUpstream + .seconds(1) || saidUpstream == .uptimeNanoseconds(0) else { return }
        saidUpstream = now
        logger.error(
            "the homeserver's answer cannot be read, so the events in it cannot be recorded; see what it sends",
            metadata: ["endpoint": "\(endpoint.id)", "error": "\(fault)", "passes": "\(passes)"])
    }

    /// Says that the homeserver failed, at most once a second; the counter has them all.
    func reportUpstreamFailure(_ error: HTTPClientError) {
        counters.countUpstreamFailure()
        let now = eventLoop.now
        guard now >= saidUpstream + .seconds(1) || saidUpstream == .uptimeNanoseconds(0) else { return }
        saidUpstream = now
        logger.error(
            "the homeserver did not answer a request that was passed on; the peer got 502 or 504; see whether it runs",
            metadata: ["error": "\(error)"])
    }

    /// Says loudly that something passed all the same, at most once a second; `audit.recovered` has the count.
    private func reportPassedUnrecorded() {
        counters.countUnrecorded()
        let now = eventLoop.now
        guard now >= saidExcused + .seconds(1) || saidExcused == .uptimeNanoseconds(0) else { return }
        saidExcused = now
        logger.critical("requests of the own state pass without a record, which cannot be written")
    }

    /// Says loudly that nothing passes because nothing can be recorded, at most once a second.
    func reportUnrecorded(_ error: AuditError) {
        counters.countUnrecorded()
        let now = eventLoop.now
        guard now >= saidUnrecorded + .seconds(1) || saidUnrecorded == .uptimeNanoseconds(0) else { return }
        saidUnrecorded = now
        logger.critical("a request could not be recorded; nothing passes", metadata: ["error": "\(error)"])
    }
}
