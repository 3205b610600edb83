// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Decisions of one month between two states, of one class, decided alike.
package struct TrafficSum: Equatable, Sendable {
    /// Year · 100 + month, UTC.
    package var month: Int64
    package var direction: String?
    package var originState: String?
    package var destinationState: String?
    package var endpointClass: String?
    package var decision: String?
    package var reason: String?
    package var requests: Int64
    package var eventsPassed: Int64
    package var eventsRefused: Int64
}

extension LogIndex {
    /// Sums that stand ready; ordered by month, states, direction, class, decision, reason.
    ///
    /// - Parameters:
    ///   - from: the first month, as `202610`; so `to`, the last.
    package func traffic(from: Int64?, to: Int64?) throws(IndexFailure) -> [TrafficSum] {
        try read { database in
            var texts = try TextReader(database)
            var sums: [TrafficSum] = []
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT month, direction, origin_state, destination_state, class, decision, reason, requests, \
                    events_passed, events_refused FROM traffic WHERE month >= ? AND month <= ? LIMIT 1000000
                    """, arguments: [from ?? 0, to ?? .max])
            while let row = try rows.next() {
                sums.append(
                    TrafficSum(
                        month: row.integer(0), direction: try texts.text(row.integer(1)),
                        originState: try texts.text(row.integer(2)), destinationState: try texts.text(row.integer(3)),
                        endpointClass: try texts.text(row.integer(4)), decision: try texts.text(row.integer(5)),
                        reason: try texts.text(row.integer(6)), requests: row.integer(7),
                        eventsPassed: row.integer(8), eventsRefused: row.integer(9)))
            }
            return sums.sorted { $0.order.lexicographicallyPrecedes($1.order) }
        }
    }
}

extension TrafficSum {
    fileprivate var order: [String] {
        [String(month)]
            + [originState, destinationState, direction, endpointClass, decision, reason].map { $0 ?? "" }
    }
}
