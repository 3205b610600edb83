// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Two records, one after the other, between which more time lies than a log that runs lets pass. AC-113.
package struct Silence: Equatable, Sendable {
    /// The number of the record before it, and its time in microseconds.
    package var last: Int64
    package var from: Int64
    /// Of the record behind it.
    package var next: Int64
    package var to: Int64

    /// A sign of life comes each minute; so long a silence is more than one that was late. Microseconds.
    package static let least: Int64 = 180_000_000
}

extension LogIndex {
    /// Hands on silences in which the log ran: none that a start ends, for it says so itself. At most a thousand.
    ///
    /// - Parameters:
    ///   - from: microseconds since 1970, included; so `to`.
    package func silences(from: Int64?, to: Int64?, _ take: (Silence) -> Void) throws(IndexFailure) {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT before, since, seq, time FROM (SELECT seq, time, kind, lag(seq) OVER w AS before, \
                    lag(time) OVER w AS since FROM record WINDOW w AS (ORDER BY seq)) WHERE time - since > ? AND time >= ? \
                    AND since <= ? AND kind <> coalesce((SELECT id FROM text WHERE value = 'log.start'), -1) LIMIT 1000
                    """, arguments: [Silence.least, from ?? Int64.min, to ?? Int64.max])
            while let row = try rows.next() {
                take(Silence(last: row.integer(0), from: row.integer(1), next: row.integer(2), to: row.integer(3)))
            }
        }
    }
}
