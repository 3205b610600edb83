// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

extension AuditLog {
    func enqueue(_ encoder: borrowing RecordEncoder, _ receiver: Receiver) throws(AuditError) {
        var batch = RecordBatch()
        batch.append(encoder)
        var receivers = [receiver]
        try enqueue(&batch, &receivers, urgent: 1)
    }

    /// Refuses a record that nobody waits for, and counts that. Such records may fill half of the queue only: whoever causes
    /// them has proved nothing, and must not keep out those who have (AC-88).
    func admitLate() throws(AuditError) {
        let refusal: AuditError? = queue.withLock { queue in
            let hasRoom =
                queue.receivers.count < configuration.queueRecords / 2
                && queue.batch.bytes.count < configuration.queueBytes / 2
            if queue.isClosing { return .closed }
            guard queue.failure != nil || !hasRoom else { return nil }
            queue.refusedInAll += 1
            guard let failure = queue.failure else { return .full }
            queue.refused += 1
            return .unavailable(failure)
        }
        if let refusal { throw refusal }
    }

    /// Lets records wait for the writer, all or none; it is woken only when it sleeps.
    ///
    /// - Parameters:
    ///   - batch: what is in it afterwards is of no use.
    ///   - receivers: one for each record of the batch; unchanged when this throws.
    ///   - urgent: how many of them somebody waits for.
    func enqueue(
        _ batch: inout RecordBatch, _ receivers: inout [Receiver], urgent: Int
    ) throws(AuditError) {
        var wakes = false
        let error: AuditError? = queue.withLock { queue in
            if queue.isClosing { return .closed }
            if let failure = queue.failure {
                queue.refused += UInt64(receivers.count)
                queue.refusedInAll += UInt64(receivers.count)
                if SystemClock.monotonic() >= queue.nextAttempt {
                    queue.nextAttempt = .max
                    wakes = true
                }
                return .unavailable(failure)
            }
            guard queue.receivers.count + receivers.count <= configuration.queueRecords,
                queue.batch.bytes.count + batch.bytes.count <= configuration.queueBytes
            else {
                queue.refusedInAll += UInt64(receivers.count)
                return .full
            }
            if queue.receivers.isEmpty {
                swap(&queue.batch, &batch)
                swap(&queue.receivers, &receivers)
            } else {
                queue.batch.append(batch)
                queue.receivers += receivers
            }
            queue.urgent += urgent
            if queue.receivers.count >= queue.signalAt || queue.urgent >= queue.signalAtUrgent {
                queue.signalAt = .max
                queue.signalAtUrgent = .max
                wakes = true
            }
            return nil
        }
        if wakes { signal.signal() }
        if let error { throw error }
    }
}
