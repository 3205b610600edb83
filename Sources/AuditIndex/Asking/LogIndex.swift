// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// An index to ask. It says what the log said when it was made; `entente audit verify` says whether that was signed.
package struct LogIndex: Sendable {
    private let queue: DatabaseQueue
    private let path: String
    /// The number of the last record that was read.
    package let last: Int64
    /// Its time, in microseconds; 0 if there is none.
    package let lastTime: Int64
    /// How many of the log's entries are no records, and in no answer.
    package let faults: Int64

    package init(path: String) throws(IndexFailure) {
        switch IndexFile.look(path) {
        case .nothing: throw IndexFailure("\(path): there is no index")
        case .foreign: throw IndexFailure("\(path): this is no index")
        case .outdated: throw IndexFailure("\(path): this index was made by another version")
        case .interrupted: throw IndexFailure("\(path): who wrote it was stopped while he did")
        case .current: break
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: IndexFile.configuration(for: .asking))
            let mark = try queue.read { try IndexMark($0) }
            (last, lastTime, faults) = (mark.last, mark.lastTime, mark.faults)
        } catch {
            throw IndexFailure("\(path): it cannot be read", error)
        }
        self.path = path
    }

    func read<T>(_ work: (Database) throws -> T) throws(IndexFailure) -> T {
        do {
            return try queue.read(work)
        } catch {
            throw IndexFailure("\(path): it cannot be read", error)
        }
    }

    /// Hands on records that match, the newest first.
    package func find(_ filter: RecordFilter, limit: Int, _ take: (FoundRow) -> Void) throws(IndexFailure) {
        try read { database in
            // Each side has an index of its own; a record that is on both comes once.
            let sides = try filter.alternatives(database)
            let sql = sides.map { side in
                "SELECT * FROM (SELECT \(FoundRow.columns) FROM record r WHERE \(side.sql) "
                    + "ORDER BY r.time DESC, r.seq DESC LIMIT \(limit))"
            }
            var texts = try TextReader(database)
            let rows = try Row.fetchCursor(
                database, sql: sql.joined(separator: " UNION ") + " ORDER BY 2 DESC, 1 DESC LIMIT \(limit)",
                arguments: StatementArguments(sides.flatMap(\.values)))
            while let row = try rows.next() { take(try FoundRow(row, &texts)) }
        }
    }

    /// How many records match; one that stands for several refusals counts as so many.
    package func count(_ filter: RecordFilter) throws(IndexFailure) -> Int64 {
        try read { database in
            let sides = try filter.alternatives(database)
            let values = sides.flatMap(\.values)
            let sql =
                sides.count == 1
                ? "SELECT count(*) FROM record r WHERE \(sides[0].sql)"
                : "SELECT count(*) FROM ("
                    + sides.map { "SELECT r.seq FROM record r WHERE \($0.sql)" }.joined(separator: " UNION ") + ")"
            // These have an index of their own, so that counting the others reads no rows.
            let more =
                "SELECT coalesce(sum(requests - 1), 0) FROM ("
                + sides.map { "SELECT r.seq, r.requests FROM record r WHERE r.requests > 1 AND \($0.sql)" }
                .joined(separator: " UNION ") + ")"
            return try (Int64.fetchOne(database, sql: sql, arguments: StatementArguments(values)) ?? 0)
                &+ (Int64.fetchOne(database, sql: more, arguments: StatementArguments(values)) ?? 0)
        }
    }
}
