// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension LogIndex {
    /// - Parameters:
    ///   - from: microseconds since 1970, included; so `to`.
    package func ledger(
        _ party: DisclosureLedger.Party, from: Int64?, to: Int64?
    ) throws(IndexFailure) -> DisclosureLedger {
        try read { try DisclosureLedger($0, party, from: from, to: to) }
    }
}

extension DisclosureLedger {
    /// SQL that chooses the party's decided requests, each once.
    static func sides(
        _ database: Database, _ party: Party, _ from: Int64?, _ to: Int64?
    ) throws -> (sql: String, values: [any DatabaseValueConvertible]) {
        var filter = RecordFilter()
        (filter.from, filter.to) = (from, to)
        switch party {
        case .server(let name): filter.server = name
        case .state(let name): filter.state = name
        }
        let sides = try filter.alternatives(database)
        let chosen = sides.map { "SELECT r.* FROM record r WHERE \($0.sql) AND r.decision > 0" }
        return (chosen.joined(separator: " UNION "), sides.flatMap(\.values))
    }

    init(_ database: Database, _ party: Party, from: Int64?, to: Int64?) throws {
        let (chosen, values) = try Self.sides(database, party, from, to)
        // Every list is of the same records.
        var texts = try TextReader(database)

        var lists: Set<List> = []
        defer { cut = lists }
        func each(_ list: List, _ sql: String, _ take: (Row) throws -> Void) throws {
            let isCut = try Self.each(
                database, "WITH r AS (\(chosen)) \(sql)", arguments: StatementArguments(values), take)
            if isCut { lists.insert(list) }
        }
        try each(
            .requests,
            """
            SELECT direction, method, path, class, decision, reason, rule, sum(requests), sum(events_in), sum(events_passed), \
            sum(events_refused), min(r.seq), max(r.seq), coalesce(sum(a.events), 0), coalesce(sum(a.ids), 0), \
            coalesce(sum(a.file_bytes), 0) FROM r LEFT JOIN answer a ON a.seq = r.seq \
            GROUP BY direction, method, path, class, decision, reason, rule ORDER BY min(r.seq)
            """
        ) { row in
            lines.append(
                Line(
                    direction: try texts.text(row.integer(0)), method: try texts.text(row.integer(1)),
                    path: try texts.text(row.integer(2)), endpointClass: try texts.text(row.integer(3)),
                    decision: try texts.text(row.integer(4)), reason: try texts.text(row.integer(5)),
                    rule: try texts.text(row.integer(6)), requests: row.integer(7), eventsIn: row.integer(8),
                    eventsPassed: row.integer(9), eventsRefused: row.integer(10), eventsAnswered: row.integer(13),
                    idsAnswered: row.integer(14), fileBytes: row.integer(15), first: row.integer(11),
                    last: row.integer(12)))
        }
        try addNames(database, chosen, values)
        try each(
            .refusals,
            """
            SELECT r.direction, i.type, i.author, i.reason, i.rule, count(*), min(r.seq), max(r.seq) FROM r \
            JOIN refusal i ON i.seq = r.seq GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 7
            """
        ) { row in
            refusals.append(
                Refusal(
                    direction: try texts.text(row.integer(0)), type: try texts.text(row.integer(1)),
                    author: try texts.text(row.integer(2)), reason: try texts.text(row.integer(3)),
                    rule: try texts.text(row.integer(4)), count: row.integer(5), first: row.integer(6),
                    last: row.integer(7)))
        }
        func item(_ row: Row, _ name: String?) throws -> Item {
            Item(
                direction: try texts.text(row.integer(0)), name: name ?? "", requests: row.integer(2),
                count: row.integer(3))
        }
        try each(
            .edus,
            """
            SELECT r.direction, i.type, count(*), sum(i.count) FROM r JOIN edu i ON i.seq = r.seq GROUP BY 1, 2 \
            ORDER BY 4 DESC, i.type
            """
        ) { edus.append(try item($0, texts.text($0.integer(1)))) }
        try each(
            .authors,
            """
            SELECT r.direction, i.server, count(*), sum(i.count) FROM r JOIN author i ON i.seq = r.seq GROUP BY 1, 2 \
            ORDER BY 4 DESC, i.server
            """
        ) { authors.append(try item($0, texts.text($0.integer(1)))) }
        try each(
            .rooms,
            """
            SELECT r.direction, n.ref, count(*), 0 FROM r JOIN named n ON n.seq = r.seq AND n.what = 4 GROUP BY 1, 2 \
            ORDER BY 3 DESC, 2
            """
        ) { rooms.append(try item($0, $0.reference(1))) }
        omitted =
            try Int64.fetchOne(
                database, sql: "WITH r AS (\(chosen)) SELECT coalesce(sum(omitted), 0) FROM r",
                arguments: StatementArguments(values)) ?? 0
        guard case .server(let name) = party else { return }
        let isCut = try Self.each(
            database,
            """
            SELECT r.direction, r.origin, count(*), sum(i.count) FROM author i JOIN record r ON r.seq = i.seq \
            WHERE i.server = (SELECT id FROM text WHERE value = ?) AND r.origin <> i.server AND r.time >= ? \
            AND r.time <= ? GROUP BY 1, 2 ORDER BY 4 DESC
            """, arguments: [TextTable.stored(name), from ?? Int64.min, to ?? Int64.max]
        ) { relays.append(try item($0, texts.text($0.integer(1)))) }
        if isCut { lists.insert(.relays) }
    }

    /// Takes the first rows of a list.
    ///
    /// - Returns: whether there are more.
    private static func each(
        _ database: Database, _ sql: String, arguments: StatementArguments, _ take: (Row) throws -> Void
    ) throws -> Bool {
        let rows = try Row.fetchCursor(database, sql: "\(sql) LIMIT \(limit + 1)", arguments: arguments)
        var count = 0
        while let row = try rows.next() {
            count += 1
            if count > limit { return true }
            try take(row)
        }
        return false
    }

    /// How many different things each line names. The lines come in one order, these in another.
    private mutating func addNames(
        _ database: Database, _ chosen: String, _ values: [any DatabaseValueConvertible]
    ) throws {
        let first = Dictionary(lines.enumerated().map { ($0.element.first, $0.offset) }) { old, _ in old }
        let rows = try Row.fetchCursor(
            database,
            sql: """
                WITH r AS (\(chosen)), l AS (SELECT *, min(seq) OVER (PARTITION BY direction, method, path, class, decision, \
                reason, rule) AS line FROM r) \
                SELECT l.line, n.what, count(DISTINCT n.ref) FROM l JOIN named n ON n.seq = l.seq GROUP BY 1, 2
                """, arguments: StatementArguments(values))
        while let row = try rows.next() {
            guard let line = first[row.integer(0)], let what = NamedThing(rawValue: row.integer(1)) else { continue }
            lines[line].named[what] = row.integer(2)
        }
    }
}
