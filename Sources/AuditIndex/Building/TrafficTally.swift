// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Counts decisions by month and pair of states while records are written, so that a report reads sums.
struct TrafficTally {
    struct Key: Hashable {
        /// Year · 100 + month, UTC.
        var month: Int64
        var direction: Int64
        var originState: Int64
        var destinationState: Int64
        var endpointClass: Int64
        var decision: Int64
        var reason: Int64
    }

    private var counts: [Key: (requests: Int64, passed: Int64, refused: Int64)] = [:]

    mutating func count(_ key: Key, requests: Int64, passed: Int64, refused: Int64) {
        let old = counts[key] ?? (0, 0, 0)
        counts[key] = (old.requests &+ requests, old.passed &+ passed, old.refused &+ refused)
    }

    func store(_ database: Database) throws {
        let statement = try database.makeStatement(
            sql: """
                INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                requests = requests + excluded.requests, events_passed = events_passed + excluded.events_passed,
                events_refused = events_refused + excluded.events_refused
                """)
        for (key, sums) in counts {
            try statement.execute(arguments: [
                key.month, key.direction, key.originState, key.destinationState, key.endpointClass, key.decision,
                key.reason, sums.requests, sums.passed, sums.refused,
            ])
        }
    }
}
