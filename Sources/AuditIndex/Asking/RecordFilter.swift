// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

/// Which records are wanted; what is `nil` is not asked.
package struct RecordFilter: Sendable {
    /// Who asked or was asked.
    package var server: String?
    /// The state of who asked or was asked.
    package var state: String?
    package var origin: String?
    package var originState: String?
    package var destination: String?
    package var destinationState: String?
    /// Microseconds since 1970, both included.
    package var from: Int64?
    package var to: Int64?
    /// Of the request or of an item of it that was refused.
    package var rule: String?
    package var reason: String?
    package var decision: String?
    package var direction: String?
    package var endpointClass: String?
    /// By reference, 32 hexadecimal digits.
    package var room: String?
    /// By references of which one must be in the record; empty: none is.
    package var events: [String]?
    package var users: [String]?
    package var media: [String]?
    package var network: String?

    package init() {}

    /// SQL that chooses records as `r`: one for each side that `server` or `state` may be on, and for each place of `rule`
    /// and `reason`, at most sixteen. Each can go along an index; together they may choose a record twice.
    func alternatives(_ database: Database) throws -> [Condition] {
        var common = Condition()
        func number(_ text: String) throws -> Int64 {
            try Int64.fetchOne(
                database, sql: "SELECT id FROM text WHERE value = ?", arguments: [TextTable.stored(text)]) ?? -1
        }
        for (column, text) in [
            ("origin", origin), ("origin_state", originState), ("destination", destination),
            ("destination_state", destinationState), ("decision", decision), ("direction", direction),
            ("class", endpointClass), ("network", network),
        ] {
            if let text { common.add("r.\(column) = ?", try number(text)) }
        }
        for (references, things) in [
            (room.map { [$0] }, [NamedThing.room]), (events, NamedThing.events), (users, NamedThing.users),
            (media, [.media]),
        ] {
            if let references { common.add(references, named: things) }
        }
        if let from { common.add("r.time >= ?", from) }
        if let to { common.add("r.time <= ?", to) }
        var sides = [common]
        for (column, text) in [("", server), ("_state", state)] {
            guard let text else { continue }
            let wanted = try number(text)
            sides = ["origin", "destination"].flatMap { side in
                sides.map { $0.adding("r.\(side)\(column) = ?", wanted) }
            }
        }
        for (column, text) in [("rule", rule), ("reason", reason)] {
            guard let text else { continue }
            let wanted = try number(text)
            sides = ["r.\(column) = ?", "r.seq IN (SELECT seq FROM refusal WHERE \(column) = ?)"].flatMap { term in
                sides.map { $0.adding(term, wanted) }
            }
        }
        return sides
    }

    struct Condition {
        private(set) var terms: [String] = []
        private(set) var values: [any DatabaseValueConvertible] = []

        mutating func add(_ term: String, _ values: any DatabaseValueConvertible...) {
            terms.append(term)
            self.values += values
        }

        /// At most some hundreds of references.
        mutating func add(_ references: [String], named things: [NamedThing]) {
            let marks = Array(repeating: "?", count: references.count).joined(separator: ", ")
            let kinds = things.map { String($0.rawValue) }.joined(separator: ", ")
            terms.append("r.seq IN (SELECT seq FROM named WHERE ref IN (\(marks)) AND what IN (\(kinds)))")
            values += references.map { ReferenceBytes.read($0) ?? Data() }
        }

        func adding(_ term: String, _ value: any DatabaseValueConvertible) -> Condition {
            var copy = self
            copy.add(term, value)
            return copy
        }

        var sql: String { terms.isEmpty ? "TRUE" : terms.joined(separator: " AND ") }
    }
}
