// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The work of the log's thread: take all that waits, store it, tell everybody.
///
/// `@unchecked Sendable`: made on the opening thread, handed to the log's thread when that starts, used there only.
final class AuditWriter: @unchecked Sendable {
    private let log: AuditLog
    private let records: any RecordStore
    private var encoder: RecordEncoder
    private var notices = RecordBatch()

    private var batch = RecordBatch()
    private var receivers: [Receiver] = []
    private var desks: [AuditDesk] = []
    private var trays: [[AuditDesk.Delivery]] = []

    private var pace = GatheringPace()
    private var watch: ClockWatch
    private var failedSince: Int64 = 0
    private var attempts = 0
    private var notedUnrecorded: UInt64 = 0

    /// How long the writer sleeps when nothing wakes it. Microseconds.
    private static let idleInterval: Int64 = 500_000
    /// Buffers that a burst made larger are given back.
    private static let keptCapacity = 1 << 22

    init(_ log: AuditLog, _ records: any RecordStore) {
        self.log = log
        self.records = records
        encoder = RecordEncoder(node: log.node)
        watch = ClockWatch(
            interval: log.configuration.heartbeatMicroseconds, time: SystemClock.now(),
            monotonic: SystemClock.monotonic())
    }

    func run() {
        while takeOrSleep() {
            addNotices()
            guard !receivers.isEmpty else {
                records.prepare()
                continue
            }
            let first = records.nextSequence
            let started = SystemClock.monotonic()
            do throws(StoreFailure) {
                try records.append(batch)
                count(receivers.count, took: SystemClock.monotonic() - started)
                deliver { .success(first + UInt64($0)) }
                records.prepare()
            } catch {
                fail(error)
                retryUntilRecovered()
            }
        }
        records.close()
    }

    /// What the writer has to say itself goes on record with what was submitted.
    private func addNotices() {
        let (time, monotonic) = (SystemClock.now(), SystemClock.monotonic())
        let refused = log.queue.withLock { $0.refusedInAll }
        for notice in watch.look(time: time, monotonic: monotonic, refused: refused) {
            encoder.encode(notice, at: time)
            batch.append(encoder)
            receivers.append(.nobody)
        }
    }

    /// Takes what waits, or sleeps a while; false when the log is closed and nothing waits.
    private func takeOrSleep() -> Bool {
        batch.removeAll(keepingAtMost: Self.keptCapacity)
        receivers.removeAll(keepingCapacity: receivers.capacity <= 1 << 14)
        letOthersCome()
        var urgent = 0
        let isEnd = log.queue.withLock { queue in
            swap(&queue.batch, &batch)
            swap(&queue.receivers, &receivers)
            swap(&queue.urgent, &urgent)
            queue.signalAt = receivers.isEmpty ? 1 : .max
            queue.signalAtUrgent = .max
            guard receivers.isEmpty else { return false }
            if queue.isClosing { queue.isClosed = true }
            return queue.isClosing
        }
        if isEnd { return false }
        if receivers.isEmpty { log.signal.wait(atMostMicroseconds: Self.idleInterval) }
        if urgent > 0 { pace.took(urgent, at: SystemClock.monotonic()) }
        return true
    }

    /// Sleeps until what waits is worth a sync, so that those who submit wake the writer once for all of it.
    private func letOthersCome() {
        let configuration = log.configuration
        let areAllLate = sleep(atMostMicroseconds: configuration.lateMicroseconds) { queue in
            guard queue.urgent == 0, (1..<configuration.lateRecords).contains(queue.receivers.count) else {
                return false
            }
            queue.signalAt = configuration.lateRecords
            queue.signalAtUrgent = 1
            return true
        }
        let wanted = pace.wanted(at: SystemClock.monotonic())
        guard wanted > 1 else { return }
        _ = sleep(atMostMicroseconds: configuration.gatherMicroseconds) { queue in
            guard queue.urgent < wanted, queue.urgent > 0 || !areAllLate else { return false }
            queue.signalAtUrgent = wanted
            return true
        }
    }

    /// - Parameter isWorthIt: says so, and when to wake up, by what waits.
    /// - Returns: whether it was.
    private func sleep(atMostMicroseconds limit: Int64, if isWorthIt: (inout SubmissionQueue) -> Bool) -> Bool {
        guard limit > 0, log.queue.withLock({ !$0.isClosing && isWorthIt(&$0) }) else { return false }
        log.signal.wait(atMostMicroseconds: limit)
        return true
    }

    /// Stores notices at once; for the start, and after a failure.
    func store(_ list: [(notice: AuditNotice, time: Int64)]) throws(StoreFailure) {
        notices.removeAll(keepingAtMost: Self.keptCapacity)
        for (notice, time) in list {
            encoder.encode(notice, at: time)
            notices.append(encoder)
        }
        let started = SystemClock.monotonic()
        try records.append(notices)
        count(list.count, took: SystemClock.monotonic() - started)
    }

    private func count(_ records: Int, took microseconds: Int64) {
        let last = self.records.nextSequence - 1
        log.figures.withLock { figures in
            figures.lastSequence = last
            figures.records += UInt64(records)
            figures.batches += 1
            figures.largestBatch = max(figures.largestBatch, records)
            figures.storingMicroseconds += microseconds
        }
    }

    // MARK: Telling

    private func deliver(_ result: (Int) -> Result<UInt64, AuditError>) {
        for index in receivers.indices {
            switch receivers[index] {
            case .desk(let desk, let slot, let passes):
                trays[position(of: desk)].append(
                    AuditDesk.Delivery(slot: slot, passes: passes, result: result(index)))
            case .continuation(let continuation): continuation.resume(returning: result(index))
            case .nobody: break
            }
        }
        for index in desks.indices where desks[index].deliver(trays[index]) { desks[index].ring() }
        for index in trays.indices { trays[index].removeAll(keepingCapacity: trays[index].capacity <= 4096) }
        desks.removeAll(keepingCapacity: true)
    }

    private func position(of desk: AuditDesk) -> Int {
        for index in desks.indices where desks[index] === desk { return index }
        desks.append(desk)
        if trays.count < desks.count { trays.append([]) }
        return desks.count - 1
    }

    // MARK: Failing

    /// Nothing of the batch is durable, or may be: nobody in it gets a permit, nor anybody after it.
    private func fail(_ failure: StoreFailure) {
        failedSince = SystemClock.now()
        attempts = 0
        let turnedAway = UInt64(receivers.count)
        log.queue.withLock { queue in
            queue.failure = failure
            queue.refused = turnedAway
            queue.refusedInAll += turnedAway
            queue.nextAttempt = SystemClock.monotonic() + log.configuration.submitRetryMicroseconds
        }
        deliver { _ in .failure(.unavailable(failure)) }
        turnAwayWaiting(failure)
        encoder.encode(
            .unavailable(cause: failure.description, refusedFrom: records.nextSequence), at: failedSince)
        records.noteUnavailable(encoder.complete(sequence: records.nextSequence))
    }

    /// Fails what came in between the taking of the batch and its failure.
    private func turnAwayWaiting(_ failure: StoreFailure) {
        batch.removeAll(keepingAtMost: Self.keptCapacity)
        receivers.removeAll(keepingCapacity: true)
        log.queue.withLock { queue in
            swap(&queue.batch, &batch)
            swap(&queue.receivers, &receivers)
            queue.urgent = 0
            queue.refused += UInt64(receivers.count)
            queue.refusedInAll += UInt64(receivers.count)
        }
        deliver { _ in .failure(.unavailable(failure)) }
        receivers.removeAll(keepingCapacity: true)
    }

    private func retryUntilRecovered() {
        while true {
            log.signal.wait(atMostMicroseconds: log.configuration.retryMicroseconds)
            attempts += 1
            do throws(StoreFailure) {
                let unavailable = AuditNotice.unavailable(
                    cause: log.queue.withLock { $0.failure?.description ?? "" }, refusedFrom: records.nextSequence)
                try records.recover()
                // From here on nobody passes without a record, so that the count is exact.
                let (refused, passed): (UInt64, UInt64) = log.queue.withLock { queue in
                    queue.isRecovering = true
                    return (queue.refused, queue.passedUnrecorded)
                }
                let recovered = AuditNotice.recovered(
                    since: failedSince, refused: refused, attempts: attempts, passedUnrecorded: passed)
                try store([(unavailable, failedSince), (recovered, SystemClock.now())])
                log.queue.withLock { queue in
                    queue.failure = nil
                    queue.isRecovering = false
                    queue.passedUnrecorded = 0
                    queue.signalAt = .max
                }
                notedUnrecorded = 0
                return
            } catch {
                let isClosing = log.queue.withLock { queue in
                    queue.failure = error
                    queue.isRecovering = false
                    queue.nextAttempt = SystemClock.monotonic() + log.configuration.submitRetryMicroseconds
                    return queue.isClosing
                }
                noteUnrecorded(isLast: isClosing)
                if isClosing { return }
            }
        }
    }

    /// In the file for emergencies, for want of a log, each time that they are twice as many, and at the end.
    private func noteUnrecorded(isLast: Bool) {
        let passed = log.queue.withLock { $0.passedUnrecorded }
        guard passed > notedUnrecorded, isLast || passed / 2 >= notedUnrecorded else { return }
        notedUnrecorded = passed
        encoder.encode(.passedUnrecorded(since: failedSince, count: passed), at: SystemClock.now())
        records.noteUnavailable(encoder.complete(sequence: records.nextSequence))
    }
}
