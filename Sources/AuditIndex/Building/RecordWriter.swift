// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import GRDB

/// Writes records into the tables, within one transaction.
struct RecordWriter {
    private let database: Database
    private var texts: TextTable
    private var tally = TrafficTally()
    private let record: Statement
    private let author: Statement
    private let edu: Statement
    private let refusal: Statement
    private let named: Statement
    private let answer: Statement

    init(_ database: Database) throws {
        self.database = database
        texts = try TextTable(database)
        record = try database.makeStatement(
            sql: "INSERT INTO record VALUES (" + Array(repeating: "?", count: 25).joined(separator: ", ") + ")")
        author = try database.makeStatement(sql: "INSERT INTO author VALUES (?, ?, ?)")
        edu = try database.makeStatement(sql: "INSERT INTO edu VALUES (?, ?, ?)")
        refusal = try database.makeStatement(sql: "INSERT INTO refusal VALUES (?, ?, ?, ?, ?, ?)")
        named = try database.makeStatement(sql: "INSERT OR IGNORE INTO named VALUES (?, ?, ?)")
        answer = try database.makeStatement(
            sql: """
                INSERT INTO answer VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET events = events + excluded.events,
                ids = ids + excluded.ids, file_bytes = max(file_bytes, excluded.file_bytes),
                file_type = max(file_type, excluded.file_type)
                """)
    }

    mutating func write(_ entry: IndexedRecord) throws {
        let (direction, decision) = (try texts.number(entry.direction), try texts.number(entry.decision))
        let reason = try texts.number(entry.reason)
        let endpointClass = try texts.number(entry.endpointClass)
        let originState = try texts.number(entry.originState)
        let destinationState = try texts.number(entry.destinationState)
        let values: [(any DatabaseValueConvertible)?] = [
            entry.sequence, entry.time, try texts.number(entry.kind), direction, decision, reason,
            try texts.number(entry.rule), try texts.number(entry.origin), entry.isProved ? 1 : 0, originState,
            try texts.number(entry.originTier), try texts.number(entry.destination), destinationState,
            try texts.number(entry.destinationTier), endpointClass, try texts.number(entry.method),
            try texts.number(entry.path), try texts.number(entry.network), ReferenceBytes.read(entry.room),
            entry.eventsIn, entry.eventsPassed, entry.eventsRefused, entry.decidedBy, entry.omitted,
            entry.requests,
        ]
        try record.execute(arguments: StatementArguments(values))
        for item in entry.authors {
            try author.execute(arguments: [entry.sequence, try texts.number(item.name), item.count])
        }
        for item in entry.edus {
            try edu.execute(arguments: [entry.sequence, try texts.number(item.name), item.count])
        }
        for item in entry.refusals {
            try refusal.execute(arguments: [
                entry.sequence, ReferenceBytes.read(item.event), try texts.number(item.type),
                try texts.number(item.author), try texts.number(item.reason), try texts.number(item.rule),
            ])
        }
        for item in entry.named {
            guard let reference = ReferenceBytes.read(item.reference) else { continue }
            // What came with an answer is found with the request that it answers.
            let sequence = entry.decidedBy > 0 ? entry.decidedBy : entry.sequence
            try named.execute(arguments: [reference, item.what.rawValue, sequence])
        }
        if entry.decidedBy > 0, entry.answer != IndexedRecord.Answer() {
            let (told, type) = (entry.answer, try texts.number(entry.answer.fileType))
            try answer.execute(arguments: [entry.decidedBy, told.events, told.ids, told.fileBytes, type])
        }
        guard entry.decision != nil else { return }
        tally.count(
            TrafficTally.Key(
                month: Self.month(entry.time), direction: direction, originState: originState,
                destinationState: destinationState, endpointClass: endpointClass, decision: decision, reason: reason),
            requests: entry.requests, passed: entry.eventsPassed, refused: entry.eventsRefused)
    }

    /// Must be called before the transaction ends.
    func finish() throws { try tally.store(database) }

    /// `202610` of a time in October 2026.
    private static func month(_ time: Int64) -> Int64 {
        let text = RecordTime.text(microseconds: time)
        return (Int64(text.prefix(4)) ?? 0) * 100 + (Int64(text.dropFirst(5).prefix(2)) ?? 0)
    }
}
