// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

/// What is over by a policy's `retention`, and its end. The log itself is not touched: it verifies as before.
package struct RetentionJob: Sendable {
    /// Keys of one period and class of records.
    package struct Due: Hashable, Sendable {
        package let what: PrivacyNotice.Destroyed
        package let recordClass: AuditTerms.RecordClass
        /// As `2026-11-21` or `2026-11`.
        package let period: String

        package var notice: PrivacyNotice { PrivacyNotice(.retention(what: what, recordClass, period: period)) }
    }

    private let keys: LogKeys

    /// A slice key is used up to ten minutes past its day, and a clock may be ahead by as much as nobody minds. Microseconds.
    static let margin = RetentionClock.tolerance
    /// So many are destroyed in one turn, so that records about them do not fill the log's queue.
    package static let most = 1000

    package init(_ keys: LogKeys) { self.keys = keys }

    /// - Parameters:
    ///   - retention: of the policy in force; without an entry for a class nothing of it is ever due.
    ///   - time: microseconds since 1970-01-01T00:00:00Z.
    package func due(_ retention: [AuditTerms.RecordClass: Duration], time: Int64) throws(KeyFileFault) -> [Due] {
        guard !retention.isEmpty else { return [] }
        func isOver(_ end: Int64, _ recordClass: AuditTerms.RecordClass) -> Bool {
            guard let length = retention[recordClass], length > .zero else { return false }
            let (seconds, _) = length.components
            let (kept, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
            guard !overflow, kept > 0 else { return false }
            let over = end.addingReportingOverflow(kept)
            let sum = over.partialValue.addingReportingOverflow(Self.margin)
            return !over.overflow && !sum.overflow && sum.partialValue <= time
        }
        var due: [Due] = []
        for (day, recordClass) in try keys.sealer.kept() where isOver(day.end, recordClass) {
            due.append(Due(what: .sealedKeys, recordClass: recordClass, period: day.text))
        }
        for (month, recordClass) in try keys.pseudonyms.kept() where isOver(month.end, recordClass) {
            due.append(Due(what: .pseudonymKey, recordClass: recordClass, period: month.text))
        }
        return Array(due.prefix(Self.most))
    }

    /// Destroys; whoever calls this has put `notice` on record, durably.
    package func destroy(_ due: Due) throws(KeyFileFault) {
        switch due.what {
        case .sealedKeys:
            if let day = CalendarDay(due.period) { try keys.sealer.destroy(day, due.recordClass) }
        case .pseudonymKey:
            if let month = CalendarMonth(due.period) { try keys.pseudonyms.destroy(month, due.recordClass) }
        }
    }
}
