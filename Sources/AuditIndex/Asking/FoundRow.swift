// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// One record as the index has it. Texts are as the log has them: escape them before they are shown.
package struct FoundRow: Equatable, Sendable {
    package var sequence: Int64
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    package var kind: String?
    package var direction: String?
    package var decision: String?
    package var reason: String?
    package var rule: String?
    package var origin: String?
    /// Whether the origin proved its name.
    package var isProved: Bool
    package var originState: String?
    package var originTier: String?
    package var destination: String?
    package var destinationState: String?
    package var destinationTier: String?
    package var endpointClass: String?
    package var method: String?
    package var path: String?
    package var network: String?
    package var room: String?
    package var eventsIn: Int64
    package var eventsPassed: Int64
    package var eventsRefused: Int64
    package var decidedBy: Int64

    static let columns = """
        r.seq, r.time, r.kind, r.direction, r.decision, r.reason, r.rule, r.origin, r.proved, r.origin_state, \
        r.origin_tier, r.destination, r.destination_state, r.destination_tier, r.class, r.method, r.path, r.network, \
        r.room, r.events_in, r.events_passed, r.events_refused, r.decided_by
        """

    init(_ row: Row, _ texts: inout TextReader) throws {
        sequence = row.integer(0)
        time = row.integer(1)
        kind = try texts.text(row.integer(2))
        direction = try texts.text(row.integer(3))
        decision = try texts.text(row.integer(4))
        reason = try texts.text(row.integer(5))
        rule = try texts.text(row.integer(6))
        origin = try texts.text(row.integer(7))
        isProved = row.integer(8) == 1
        originState = try texts.text(row.integer(9))
        originTier = try texts.text(row.integer(10))
        destination = try texts.text(row.integer(11))
        destinationState = try texts.text(row.integer(12))
        destinationTier = try texts.text(row.integer(13))
        endpointClass = try texts.text(row.integer(14))
        method = try texts.text(row.integer(15))
        path = try texts.text(row.integer(16))
        network = try texts.text(row.integer(17))
        room = row.reference(18)
        eventsIn = row.integer(19)
        eventsPassed = row.integer(20)
        eventsRefused = row.integer(21)
        decidedBy = row.integer(22)
    }
}

/// Texts by their number while rows are read.
struct TextReader {
    private var known: [Int64: String] = [:]
    private let find: Statement

    private static let limit = 1 << 16

    init(_ database: Database) throws { find = try database.makeStatement(sql: "SELECT value FROM text WHERE id = ?") }

    mutating func text(_ number: Int64) throws -> String? {
        if number == 0 { return nil }
        if let text = known[number] { return text }
        guard let row = try Row.fetchOne(find, arguments: [number]), let text = row.text(0) else { return nil }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[number] = text
        return text
    }
}
