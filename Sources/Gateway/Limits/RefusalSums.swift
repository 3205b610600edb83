// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// The one table of all loops, and how what it counted comes on record.
final class RefusalSums: Sendable {
    private let table: Mutex<RefusalTable>
    private let log: AuditLog
    private let monotonic: MonotonicClock

    init(_ log: AuditLog, singleLimit: Int, _ monotonic: MonotonicClock) {
        table = Mutex(RefusalTable(singleLimit: singleLimit))
        self.log = log
        self.monotonic = monotonic
    }

    /// - Parameter record: of the refusal, with what is known.
    /// - Returns: whether it is to be recorded by itself.
    func note(_ record: AuditRecord, from source: SourcePrefix?, listed: Peer?, _ policy: Policy) -> Bool {
        let key = RefusalTable.Key(
            reason: record.reason, policy: policy.sha256, listed: listed?.server.text, source: source)
        // While nothing can be recorded nothing is counted away either: it gets its 503, and the log counts it.
        guard log.isAvailable else { return true }
        let moment = AggregatedRecord.Moment(time: record.time, requestHash: record.requestHash)
        return table.withLock { table in
            table.note(key, claimed: record.origin.claimed, moment, now: monotonic.nanoseconds) {
                AggregatedRecord(
                    count: 0, reason: record.reason, policy: record.policy, source: source?.text, claimed: nil,
                    state: listed?.state, tier: listed?.tier.name, first: moment, last: moment)
            }
        }
    }

    /// Puts on record what was counted. What cannot be recorded is kept, and counted on.
    ///
    /// - Parameter all: also of the minute that is not over, because the gateway ends or a policy changes.
    func store(all: Bool) async throws(AuditError) {
        let sums = table.withLock { $0.take(all: all, now: monotonic.nanoseconds) }
        var failure: AuditError?
        for (key, sum) in sums {
            if failure == nil {
                var record = sum.record
                if !sum.isOfOne { record.claimed = nil }
                do throws(AuditError) {
                    _ = try await log.record(record)
                    continue
                } catch {
                    failure = error
                }
            }
            table.withLock { $0.putBack(key, sum) }
        }
        if let failure { throw failure }
    }
}
