// SPDX-License-Identifier: Apache-2.0

import Audit
import Dispatch
import PolicyEngine

/// A desk on a thread of the test instead of an event loop.
final class TestDesk {
    enum Outcome: Equatable {
        case permitted(UInt64)
        case recorded(UInt64)
        case excused
        case failed(AuditError)
    }

    private let rings = DispatchSemaphore(value: 0)
    private let desk: AuditDesk
    private(set) var outcomes: [Outcome] = []
    private(set) var wakes = 0

    init(_ log: AuditLog) {
        let rings = rings
        desk = AuditDesk(log) { _ in
        } wake: { _ in
            rings.signal()
        }
    }

    static func record(_ decision: AuditRecord.Decision) -> AuditRecord {
        AuditRecord(
            time: 1, direction: .inbound, decision: decision, reason: decision == .allow ? .allowed : .originUnknown)
    }

    /// Submits and flushes; throws when the log takes nothing.
    func submit(_ decision: AuditRecord.Decision) throws(AuditError) {
        let count = outcomes.count
        hold(decision)
        desk.flush()
        if outcomes.count > count, case .failed(let error) = outcomes[count] {
            outcomes.removeLast()
            throw error
        }
    }

    /// Submits a refusal that nobody waits for, and flushes.
    func submitLate() throws(AuditError) {
        try desk.submitLate(Self.record(.refuse)) { outcome in self.note(outcome) }
        desk.flush()
    }

    /// Submits without a flush.
    func hold(_ decision: AuditRecord.Decision, mayPassUnrecorded: Bool = false) {
        desk.submit(Self.record(decision), mayPassUnrecorded: mayPassUnrecorded) { outcome in self.note(outcome) }
    }

    func flush() { desk.flush() }

    private func note(_ outcome: consuming AuditOutcome) {
        switch consume outcome {
        case .permitted(let permit): outcomes.append(.permitted(permit.sequence))
        case .recorded(let sequence): outcomes.append(.recorded(sequence))
        case .excused: outcomes.append(.excused)
        case .failed(let error): outcomes.append(.failed(error))
        }
    }

    /// Collects until nothing is outstanding; true when that came to pass within ten seconds.
    func settle() -> Bool {
        while desk.outstanding > 0 {
            guard rings.wait(timeout: .now() + 10) == .success else { return false }
            wakes += 1
            desk.collect()
        }
        return true
    }
}
