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
        /// More waits than its spool holds, and nothing may be passed over without an officer's word.
        package var isFull = false
        /// The last record that it has; of those before it all but what was lost.
        package var delivered: UInt64 = 0
        package var cause: String?
    }

    /// Records that are handed over together.
    private static let batchRecords = 256
    private static let batchBytes = 1 << 20
    /// Batches of one turn, so that sinks take turns.
    private static let turnBatches = 16
    /// Milliseconds between attempts: doubled from the first up to the last, and up to a quarter more by chance.
    private static let pauses: ClosedRange<Int64> = 500...60_000

    private let sink: AuditSink
    private let directory: String
    private let position: SinkPosition
    private var delivery: any SinkDelivery
    private var place: SinkPosition.Place?
    private var reader: LogReader?
    /// The last record that was handed over; from the place on to there it waits for a confirmation.
    private var sent: UInt64 = 0
    package private(set) var status: Status
    /// Attempts that failed, one after the other.
    private var attempts = 0
    private var nextAttempt: Int64 = 0
    /// What waits, counted while the sink is down or slow.
    private var waiting: WaitingRecords?
    /// A sink that has more to catch up with at its beginning is not slow before it has.
    private var beganAt: UInt64?
    /// Up to where records are to be passed over, once that is on record.
    private var passOver: UInt64?
    private var isFullSaid = false
    private var isAcknowledged = false

    /// - Parameter directory: the log's.
    package init(_ sink: AuditSink, directory: String, delivery: any SinkDelivery) {
        self.sink = sink
        self.directory = directory
        self.delivery = delivery
        position = SinkPosition(directory: directory, target: sink.name)
        status = Status(name: sink.name, format: sink.format.rawValue)
    }

    /// Whether more waited for the sink than its spool holds when it was looked at last, before a restart too. What cannot be
    /// read was not.
    package static func isFull(_ sink: AuditSink, directory: String) -> Bool {
        ((try? SinkPosition(directory: directory, target: sink.name).read()) ?? nil)?.isFull ?? false
    }

    /// Hands over what is there, or counts what waits.
    ///
    /// - Parameters:
    ///   - now: milliseconds on a clock that is not set back.
    ///   - newest: the number of the log's last record; the log is read only for what is new.
    ///   - onLoss: what the policy in force wants when the spool is full.
    /// - Returns: what to record. After that is done, `recorded` has to be called.
    package mutating func turn(
        now: Int64, newest: UInt64 = .max, onLoss: AuditTerms.OnLoss = .goOn
    ) -> [SinkNotice] {
        guard passOver == nil else { return [] }
        var notices: [SinkNotice] = []
        if beganAt == nil { beganAt = newest }
        if place == nil || newest > status.delivered, attempts == 0 || now >= nextAttempt {
            do throws(SinkFault) {
                if place == nil { try takePlace(newest) }
                for _ in 0..<Self.turnBatches where try step(newest, &notices) == false { break }
            } catch {
                if attempts == 0 { notices.append(notice(.down(cause: error.cause))) }
                failed(error, now)
            }
        }
        notices += countWaiting(newest, onLoss)
        return notices
    }

    /// A notice of this sink is on record: what had to wait for that is done now.
    package mutating func recorded(_ notice: SinkNotice) {
        switch notice.kind {
        case .full: isFullSaid = true
        case .lost(_, let last): if last == passOver { passOverLost(to: last) }
        case .down, .up, .drained: break
        }
    }

    /// Somebody has seen that the spool is full, and wants records to be passed over instead of traffic to be refused.
    ///
    /// - Returns: whether the spool is full.
    package mutating func acknowledge() -> Bool {
        let isFull = place == nil ? Self.isFull(sink, directory: directory) : status.isFull
        if isFull { isAcknowledged = true }
        return isFull
    }

    private func notice(_ kind: SinkNotice.Kind) -> SinkNotice {
        SinkNotice(kind, name: sink.name, format: sink.format.rawValue)
    }

    // MARK: Handing over

    private mutating func takePlace(_ newest: UInt64) throws(SinkFault) {
        do throws(DiskFailure) {
            if let known = try position.read() {
                use(known)
            } else {
                let new = SinkPosition.Place(delivered: sink.start == .now ? newest : 0)
                // Or else a restart would begin later than this.
                if sink.start == .now { try position.write(new) }
                use(new)
            }
        } catch {
            throw SinkFault("where the sink is cannot be told: \(error.description)")
        }
    }

    private mutating func use(_ place: SinkPosition.Place) {
        self.place = place
        sent = place.delivered
        status.delivered = place.delivered
        status.isFull = place.isFull
    }

    /// False when there is nothing more to do now.
    private mutating func step(_ newest: UInt64, _ notices: inout [SinkNotice]) throws(SinkFault) -> Bool {
        let before = try delivery.look()
        try take(before, &notices)
        guard before.hasRoom, newest > sent else { return false }
        var pieces: [UInt8] = []
        var last = sent
        var reader = self.reader ?? LogReader(directory: directory, from: last + 1)
        // Until all went well; a reader that is ahead of the sink must not be used again.
        self.reader = nil
        reader.lookAgain()
        do throws(StoreFailure) {
            var count = 0
            while count < Self.batchRecords, pieces.count < Self.batchBytes, let entry = try reader.next() {
                guard let piece = sink.piece(of: entry.record) else {
                    throw .log(LogFault(.bundleForm, entry.file, sequence: entry.sequence))
                }
                pieces += piece
                last = entry.sequence
                count += 1
            }
        } catch {
            throw SinkFault("the log cannot be read: \(error.description)")
        }
        self.reader = reader
        guard last > sent else { return false }
        sent = last
        let after = try delivery.deliver(pieces, upTo: last)
        try take(after, &notices)
        return after.hasRoom
    }

    private mutating func take(_ progress: SinkProgress, _ notices: inout [SinkNotice]) throws(SinkFault) {
        guard let confirmed = progress.confirmed, confirmed > status.delivered, confirmed <= sent else { return }
        do throws(DiskFailure) {
            try move(to: SinkPosition.Place(delivered: confirmed, isFull: status.isFull))
        } catch {
            throw SinkFault("where the sink is cannot be noted: \(error.description)")
        }
        if attempts > 0 {
            notices.append(notice(.up(attempts: attempts)))
            attempts = 0
            status.isUp = true
            status.cause = nil
        }
    }

    private mutating func move(to place: SinkPosition.Place) throws(DiskFailure) {
        try position.write(place)
        self.place = place
        status.delivered = place.delivered
        status.isFull = place.isFull
        if !place.isFull { (isFullSaid, isAcknowledged) = (false, false) }
    }

    private mutating func failed(_ fault: SinkFault, _ now: Int64) {
        let pause = min(Self.pauses.lowerBound << Int64(min(attempts, 7)), Self.pauses.upperBound)
        attempts += 1
        status.isUp = false
        status.cause = fault.cause
        nextAttempt = now + pause + Int64.random(in: 0...pause / 4)
        // All that is not confirmed comes again.
        sent = status.delivered
        reader = nil
    }

    // MARK: The spool

    /// Counts what waits where that may be too much, and does what the policy wants of it then.
    private mutating func countWaiting(_ newest: UInt64, _ onLoss: AuditTerms.OnLoss) -> [SinkNotice] {
        guard place != nil, attempts > 0 || status.isFull || isSlow(newest) else {
            waiting = nil
            return []
        }
        var waiting = self.waiting ?? WaitingRecords(directory: directory, after: status.delivered)
        waiting.count(from: status.delivered, to: newest, limit: sink.spool)
        defer { self.waiting = waiting }
        if waiting.bytes > sink.spool {
            if onLoss == .goOn || isAcknowledged { return passOverHalf(&waiting) }
            if !status.isFull {
                status.isFull = true
                // Noted again with the next position, if this fails.
                try? position.write(SinkPosition.Place(delivered: status.delivered, isFull: true))
            }
        } else if status.isFull, waiting.isAll, waiting.bytes <= sink.spool / 2 || onLoss == .goOn || isAcknowledged {
            status.isFull = false
            try? move(to: SinkPosition.Place(delivered: status.delivered))
            return [notice(.drained)]
        }
        guard status.isFull, !isFullSaid else { return [] }
        return [notice(.full(first: status.delivered + 1, ownGoesOn: onLoss == .refuseExceptOwn))]
    }

    /// Not for what was there when it began: catching up takes its time.
    private func isSlow(_ newest: UInt64) -> Bool {
        // It may have had records that came after `newest` was asked for.
        guard let beganAt, status.delivered >= beganAt, newest > status.delivered else { return false }
        return newest - status.delivered > WaitingRecords.few
    }

    /// Keeps half of the spool, the newest.
    private mutating func passOverHalf(_ waiting: inout WaitingRecords) -> [SinkNotice] {
        guard let last = waiting.excess(over: sink.spool / 2), last > status.delivered else { return [] }
        passOver = last
        return [notice(.lost(first: status.delivered + 1, last: last))]
    }

    /// The loss is on record: goes on behind it.
    private mutating func passOverLost(to target: UInt64) {
        passOver = nil
        // What was on its way belongs to what is passed over: it may arrive all the same.
        if target > sent {
            sent = target
            reader = nil
        }
        status.delivered = target
        status.isFull = false
        // Told again after a restart, if this fails: a range lost twice is still lost once.
        try? move(to: SinkPosition.Place(delivered: target))
    }
}
