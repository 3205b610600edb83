// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

extension AuditLog {
    /// Lets the record wait for the writer, which is woken only when it sleeps.
    func enqueue(_ encoder: borrowing RecordEncoder, _ receiver: Receiver) throws(AuditError) {
        var wakes = false
        let error: AuditError? = queue.withLock { queue in
            if queue.isClosing { return .closed }
            if let failure = queue.failure {
                queue.refused += 1
                queue.refusedInAll += 1
                if SystemClock.monotonic() >= queue.nextAttempt {
                    queue.nextAttempt = .max
                    wakes = true
                }
                return .unavailable(failure)
            }
            guard queue.receivers.count < configuration.queueRecords,
                queue.batch.bytes.count + encoder.json.count <= configuration.queueBytes
            else {
                queue.refusedInAll += 1
                return .full
            }
            queue.batch.append(encoder)
            queue.receivers.append(receiver)
            if queue.receivers.count >= queue.signalAt {
                queue.signalAt = .max
                wakes = true
            }
            return nil
        }
        if wakes { signal.signal() }
        if let error { throw error }
    }
}
