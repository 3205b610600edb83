// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// Sends a log's records to one sink, from where it stopped, each at least once.
///
/// Reads the log itself, so that the log stays the truth, no traffic waits for a sink, and what waits takes no memory. Used by
/// one task at a time; the clock is the caller's.
package struct SinkForwarder {
    package struct Status: Hashable, Sendable {
        package var name: String
        package var format: String
        package var isUp = true
        /// The last record that it has; of those before it all but what was lost.
        package var delivered: UInt64 = 0
        package var cause: String?
    }

    /// Records that are handed over together.
    private static let batchRecords = 256
    private static let batchBytes = 1 << 20
    /// Batches of one turn, so that sinks take turns.
    private static let turnBatches = 16
    /// Records of one turn that are counted while the sink is down.
    private static let countedInTurn = 20_000
    /// Milliseconds between attempts: doubled from the first up to the last, and up to a quarter more by chance.
    private static let pauses: ClosedRange<Int64> = 500...60_000

    private let sink: AuditSink
    private let directory: String
    private let position: SinkPosition
    private var delivery: any SinkDelivery
    private var reader: LogReader?
    package private(set) var status: Status
    /// Attempts that failed, one after the other.
    private var attempts = 0
    private var nextAttempt: Int64 = 0
    /// Counts what waits while the sink is down: up to where, and its bytes.
    private var counter: LogReader?
    private var counted: UInt64 = 0
    private var waitingBytes = 0
    /// Up to where records are to be passed over, once that is on record.
    private var passOver: UInt64?

    /// - Parameter directory: the log's.
    package init(_ sink: AuditSink, directory: String, delivery: any SinkDelivery) throws(DiskFailure) {
        self.sink = sink
        self.directory = directory
        self.delivery = delivery
        position = SinkPosition(directory: directory, target: sink.name)
        status = Status(name: sink.name, format: sink.format.rawValue)
        status.delivered = try position.read()
    }

    /// Hands over what is there, or counts what waits.
    ///
    /// - Parameters:
    ///   - now: milliseconds on a clock that is not set back.
    ///   - newest: the number of the log's last record; the log is read only for what is new.
    /// - Returns: what to record. After a `lost` is recorded, `passOverLost` has to be called.
    package mutating func turn(now: Int64, newest: UInt64 = .max) -> [SinkNotice] {
        guard passOver == nil else { return [] }
        var notices: [SinkNotice] = []
        if newest > status.delivered, attempts == 0 || now >= nextAttempt {
            do throws(SinkFault) {
                for _ in 0..<Self.turnBatches {
                    guard try deliverBatch() else { break }
                    if attempts > 0 {
                        notices.append(notice(.up(attempts: attempts)))
                        wentUp()
                    }
                }
            } catch {
                if attempts == 0 { notices.append(notice(.down(cause: error.cause))) }
                failed(error, now)
            }
        }
        if attempts > 0, newest > counted || counter == nil, let lost = countWaiting() { notices.append(lost) }
        return notices
    }

    /// The loss is on record: goes on behind it.
    package mutating func passOverLost() {
        guard let target = passOver else { return }
        passOver = nil
        status.delivered = target
        reader = nil
        // Told again after a restart, if this fails: a range lost twice is still lost once.
        try? position.write(target)
    }

    private func notice(_ kind: SinkNotice.Kind) -> SinkNotice {
        SinkNotice(kind, name: sink.name, format: sink.format.rawValue)
    }

    /// False at the end of the log.
    private mutating func deliverBatch() throws(SinkFault) -> Bool {
        var lines: [UInt8] = []
        var last = status.delivered
        var reader = self.reader ?? LogReader(directory: directory, from: last + 1)
        // Until all went well; a reader that is ahead of the sink must not be used again.
        self.reader = nil
        reader.lookAgain()
        do throws(StoreFailure) {
            var count = 0
            while count < Self.batchRecords, lines.count < Self.batchBytes, let entry = try reader.next() {
                guard let copy = sink.format.copy(of: entry.record) else {
                    throw .log(LogFault(.bundleForm, entry.file, sequence: entry.sequence))
                }
                lines += copy
                lines.append(0x0A)
                last = entry.sequence
                count += 1
            }
        } catch {
            throw SinkFault("the log cannot be read: \(error.description)")
        }
        guard last > status.delivered else {
            self.reader = reader
            return false
        }
        try delivery.deliver(lines)
        do throws(DiskFailure) {
            try position.write(last)
        } catch {
            throw SinkFault("where the sink is cannot be noted: \(error.description)")
        }
        status.delivered = last
        self.reader = reader
        return true
    }

    private mutating func wentUp() {
        attempts = 0
        status.isUp = true
        status.cause = nil
        counter = nil
    }

    private mutating func failed(_ fault: SinkFault, _ now: Int64) {
        let pause = min(Self.pauses.lowerBound << Int64(min(attempts, 7)), Self.pauses.upperBound)
        attempts += 1
        status.isUp = false
        status.cause = fault.cause
        nextAttempt = now + pause + Int64.random(in: 0...pause / 4)
    }

    /// Counts what waits; when that is more than the spool, half of the spool is kept, the newest.
    private mutating func countWaiting() -> SinkNotice? {
        if counter == nil {
            counter = LogReader(directory: directory, from: status.delivered + 1)
            (counted, waitingBytes) = (status.delivered, 0)
        }
        counter?.lookAgain()
        for _ in 0..<Self.countedInTurn {
            guard waitingBytes <= sink.spool, let entry = try? counter?.next() else { break }
            counted = entry.sequence
            waitingBytes += entry.record.count
        }
        guard waitingBytes > sink.spool else { return nil }
        var dropped = LogReader(directory: directory, from: status.delivered + 1)
        var last = status.delivered
        while waitingBytes > sink.spool / 2, last < counted, let entry = try? dropped.next() {
            last = entry.sequence
            waitingBytes -= entry.record.count
        }
        guard last > status.delivered else { return nil }
        passOver = last
        return notice(.lost(first: status.delivered + 1, last: last))
    }
}
