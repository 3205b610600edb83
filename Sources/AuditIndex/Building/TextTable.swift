// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Numbers for texts while records are written. What it remembers is bounded: strangers choose names.
struct TextTable {
    private var known: [String: Int64] = [:]
    private let find: Statement
    private let add: Statement

    private static let limit = 1 << 16

    init(_ database: Database) throws {
        find = try database.makeStatement(sql: "SELECT id FROM text WHERE value = ?")
        add = try database.makeStatement(sql: "INSERT INTO text (value) VALUES (?) RETURNING id")
    }

    /// SQLite's own functions stop at a zero byte: its sign stands for it.
    static func stored(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{2400}") : text
    }

    /// 0 for no text.
    mutating func number(_ text: String?) throws -> Int64 {
        guard let text else { return 0 }
        let value = Self.stored(text)
        if let number = known[value] { return number }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        let number = try Int64.fetchOne(find, arguments: [value]) ?? Int64.fetchOne(add, arguments: [value]) ?? 0
        known[value] = number
        return number
    }
}
