// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where one event loop hands in records and gets its permits.
///
/// What is submitted in one turn of the loop goes to the writer together, at the end of that turn: a sync costs the
/// same for one record as for a hundred, and so does waking the writer. The writer leaves outcomes in the desk's tray
/// and calls `wake` once for all that it left; the loop then calls `collect`, which runs the closures of those records.
///
/// `@unchecked Sendable`: everything but the tray is used on the one loop that owns the desk; the tray has a lock.
package final class AuditDesk: @unchecked Sendable {
    /// - Parameter outcome: given away, so that a permit can be spent.
    package typealias Completion = (consuming AuditOutcome) -> Void

    private let log: AuditLog
    private let flushSoon: (AuditDesk) -> Void
    private let wake: @Sendable (AuditDesk) -> Void

    struct Delivery: Sendable {
        let slot: Int32
        let passes: Bool
        let result: Result<UInt64, AuditError>
    }

    private let tray = Mutex<[Delivery]>([])

    // Used on the owning loop only.
    private var encoder: RecordEncoder
    private var batch = RecordBatch()
    private var receivers: [Receiver] = []
    private var urgent = 0
    private var waiting: [Waiter?] = []
    private var freeSlots: [Int32] = []
    private var collected: [Delivery] = []

    /// Buffers that a burst made larger are given back. Bytes.
    private static let keptCapacity = 1 << 18

    /// - Parameters:
    ///   - flushSoon: called on the owning loop with the first record of a turn; makes that loop call `flush` before
    ///     it sleeps.
    ///   - wake: called on the writer's thread; makes the owning loop call `collect` soon. Never blocks.
    package init(
        _ log: AuditLog, flushSoon: @escaping (AuditDesk) -> Void, wake: @escaping @Sendable (AuditDesk) -> Void
    ) {
        self.log = log
        self.flushSoon = flushSoon
        self.wake = wake
        encoder = RecordEncoder(node: log.node, pseudonyms: log.pseudonyms, sealer: log.sealer)
    }

    private struct Waiter {
        let completion: Completion
        /// Whether the request may pass while nothing can be recorded.
        let mayPassUnrecorded: Bool
    }

    /// For naming rooms and events in records.
    package var references: ReferenceKey { log.references }

    /// How many submitted records have not been collected.
    package var outstanding: Int { waiting.count - freeSlots.count }

    /// Hands a record in; `completion` runs in a later `flush` or `collect`. On the owning loop only.
    ///
    /// - Parameter mayPassUnrecorded: whether the policy lets this request pass while the log cannot be written, which is
    ///   answered with an `UnrecordedLeave` then. Not while its queue is full.
    package func submit(
        _ record: borrowing AuditRecord, mayPassUnrecorded: Bool = false, then completion: @escaping Completion
    ) {
        encoder.encode(record)
        if let failure = encoder.failure { return fail(failure, completion) }
        let slot = park(Waiter(completion: completion, mayPassUnrecorded: mayPassUnrecorded))
        hold(.desk(self, slot: slot, passes: record.decision.passes), isUrgent: true)
    }

    /// Hands in a record whose effect does not wait for it: one that lets nothing pass. It is durable within
    /// `lateMicroseconds` and the time of a write, in its place among the others. On the owning loop only.
    ///
    /// When this throws the record was not taken, and `completion` never runs: the log cannot be written, or too many
    /// such records wait.
    package func submitLate(
        _ record: borrowing AuditRecord, then completion: @escaping Completion
    ) throws(AuditError) {
        try log.admitLate()
        encoder.encode(record)
        if let failure = encoder.failure { throw failure }
        // No permit comes of it, whatever it says.
        let slot = park(Waiter(completion: completion, mayPassUnrecorded: false))
        hold(.desk(self, slot: slot, passes: false), isUrgent: false)
    }

    /// Hands in an outcome without which what it names must not pass, as `submit` does a decision. On the owning loop only.
    package func submit(
        _ record: OutcomeRecord, mayPassUnrecorded: Bool, then completion: @escaping Completion
    ) {
        encoder.encode(record)
        let slot = park(Waiter(completion: completion, mayPassUnrecorded: mayPassUnrecorded))
        hold(.desk(self, slot: slot, passes: true), isUrgent: true)
    }

    /// Hands in a record that nobody waits for. On the owning loop only.
    package func submit(_ record: OutcomeRecord) {
        encoder.encode(record)
        hold(.nobody, isUrgent: false)
    }

    /// What cannot be recorded fails where what was recorded would be handed over.
    private func fail(_ error: AuditError, _ completion: @escaping Completion) {
        collected.append(
            Delivery(
                slot: park(Waiter(completion: completion, mayPassUnrecorded: false)), passes: true,
                result: .failure(error)))
        if receivers.isEmpty { flushSoon(self) }
    }

    private func hold(_ receiver: Receiver, isUrgent: Bool) {
        batch.append(encoder)
        receivers.append(receiver)
        if isUrgent { urgent += 1 }
        if receivers.count == 1 { flushSoon(self) }
    }

    /// Hands over to the writer what was submitted since the last time. On the owning loop only.
    package func flush() {
        if !receivers.isEmpty { handOver() }
        if !collected.isEmpty { complete() }
    }

    private func handOver() {
        do throws(AuditError) {
            try log.enqueue(&batch, &receivers, urgent: urgent)
        } catch {
            collected += receivers.compactMap { receiver in
                if case .desk(_, let slot, let passes) = receiver {
                    Delivery(slot: slot, passes: passes, result: .failure(error))
                } else {
                    nil
                }
            }
        }
        batch.removeAll(keepingAtMost: Self.keptCapacity)
        receivers.removeAll(keepingCapacity: receivers.capacity <= 4096)
        urgent = 0
    }

    /// Runs the closures of all records whose outcome is known. On the owning loop only.
    package func collect() {
        if collected.isEmpty {
            tray.withLock { swap(&$0, &collected) }
        } else {
            tray.withLock { tray in
                collected += tray
                tray.removeAll(keepingCapacity: true)
            }
        }
        complete()
    }

    private func complete() {
        // A closure may submit, and so come back here.
        var deliveries: [Delivery] = []
        swap(&deliveries, &collected)
        for delivery in deliveries {
            let waiter = waiting[Int(delivery.slot)]
            waiting[Int(delivery.slot)] = nil
            freeSlots.append(delivery.slot)
            guard let waiter else { continue }
            switch delivery.result {
            case .success(let sequence) where delivery.passes:
                waiter.completion(.permitted(Permit(sequence: sequence)))
            case .success(let sequence): waiter.completion(.recorded(sequence: sequence))
            case .failure(let error): fail(waiter, error, passes: delivery.passes)
            }
        }
        deliveries.removeAll(keepingCapacity: deliveries.capacity <= 4096)
        if collected.isEmpty { collected = deliveries }
    }

    private func fail(_ waiter: Waiter, _ error: AuditError, passes: Bool) {
        if case .unavailable = error, passes, waiter.mayPassUnrecorded {
            if let leave = log.leaveUnrecorded() { return waiter.completion(.excused(leave)) }
        }
        waiter.completion(.failed(error))
    }

    /// Leaves outcomes in the tray; true when the tray was empty, so that the desk must be rung.
    func deliver(_ deliveries: [Delivery]) -> Bool {
        tray.withLock { tray in
            let wasEmpty = tray.isEmpty
            tray.append(contentsOf: deliveries)
            return wasEmpty
        }
    }

    func ring() { wake(self) }

    private func park(_ waiter: Waiter) -> Int32 {
        if let slot = freeSlots.popLast() {
            waiting[Int(slot)] = waiter
            return slot
        }
        waiting.append(waiter)
        return Int32(waiting.count - 1)
    }
}
