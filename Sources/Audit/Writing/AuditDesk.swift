// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where one event loop hands in records and gets its permits.
///
/// The writer leaves outcomes in the desk's tray and calls `wake` once for all that it left; the loop then calls
/// `collect`, which runs the closures of those records.
///
/// `@unchecked Sendable`: everything but the tray is used on the one loop that owns the desk; the tray has a lock.
package final class AuditDesk: @unchecked Sendable {
    /// - Parameter outcome: given away, so that a permit can be spent.
    package typealias Completion = (consuming AuditOutcome) -> Void

    private let log: AuditLog
    private let wake: @Sendable (AuditDesk) -> Void

    struct Delivery: Sendable {
        let slot: Int32
        let passes: Bool
        let result: Result<UInt64, AuditError>
    }

    private let tray = Mutex<[Delivery]>([])

    // Used on the owning loop only.
    private var encoder: RecordEncoder
    private var waiting: [Completion?] = []
    private var freeSlots: [Int32] = []
    private var collected: [Delivery] = []

    /// - Parameter wake: called on the writer's thread; makes the owning loop call `collect` soon. Never blocks.
    package init(_ log: AuditLog, wake: @escaping @Sendable (AuditDesk) -> Void) {
        self.log = log
        self.wake = wake
        encoder = RecordEncoder(node: log.node)
    }

    /// For naming rooms and events in records.
    package var references: ReferenceKey { log.references }

    /// How many submitted records have not been collected.
    package var outstanding: Int { waiting.count - freeSlots.count }

    /// Hands a record in; `completion` runs in a later `collect`. On the owning loop only.
    ///
    /// When it throws, the record was not taken and `completion` never runs.
    package func submit(_ record: borrowing AuditRecord, then completion: @escaping Completion) throws(AuditError) {
        encoder.encode(record)
        let slot = park(completion)
        do throws(AuditError) {
            try log.enqueue(encoder, .desk(self, slot: slot, passes: record.decision.passes))
        } catch {
            waiting[Int(slot)] = nil
            freeSlots.append(slot)
            throw error
        }
    }

    /// Hands in a record that nobody waits for. On the owning loop only.
    package func submit(_ record: OutcomeRecord) throws(AuditError) {
        encoder.encode(record)
        try log.enqueue(encoder, .nobody)
    }

    /// Runs the closures of all records whose outcome is known. On the owning loop only.
    package func collect() {
        var deliveries = collected
        collected = []
        tray.withLock { swap(&$0, &deliveries) }
        for delivery in deliveries {
            let completion = waiting[Int(delivery.slot)]
            waiting[Int(delivery.slot)] = nil
            freeSlots.append(delivery.slot)
            switch delivery.result {
            case .success(let sequence) where delivery.passes: completion?(.permitted(Permit(sequence: sequence)))
            case .success(let sequence): completion?(.recorded(sequence: sequence))
            case .failure(let error): completion?(.failed(error))
            }
        }
        deliveries.removeAll(keepingCapacity: deliveries.capacity <= 4096)
        collected = deliveries
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

    private func park(_ completion: @escaping Completion) -> Int32 {
        if let slot = freeSlots.popLast() {
            waiting[Int(slot)] = completion
            return slot
        }
        waiting.append(completion)
        return Int32(waiting.count - 1)
    }
}
