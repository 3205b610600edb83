// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GRDBSQLite

/// Adds rows to one table, again and again: numbers and references go to SQLite as they are, without a value of GRDB's for each.
@safe struct RowInserter {
    /// Owns `raw`.
    private let statement: Statement
    private let database: Database
    private let raw: OpaquePointer
    private var column: Int32 = 0

    /// - Parameter present: what to do where the row's key is there already, in SQL; empty: an error.
    init(_ database: Database, into table: String, columns: Int, ifPresent present: String = "") throws {
        self.database = database
        let marks = Array(repeating: "?", count: columns).joined(separator: ", ")
        statement = try database.makeStatement(
            sql: "INSERT INTO \(table) VALUES (\(marks)) \(present.isEmpty ? "" : "ON CONFLICT DO \(present)")")
        unsafe raw = statement.sqliteStatement
    }

    /// The value of the next column.
    mutating func bind(_ value: Int64) throws {
        column += 1
        try check(unsafe sqlite3_bind_int64(raw, column, value))
    }

    /// The same, `nil` for NULL.
    mutating func bind(_ reference: ReferenceBytes.Value?) throws {
        column += 1
        guard let reference else { return try check(unsafe sqlite3_bind_null(raw, column)) }
        let code = unsafe withUnsafeBytes(of: reference) { bytes in
            // SQLITE_TRANSIENT: SQLite takes a copy.
            unsafe sqlite3_bind_blob(
                raw, column, bytes.baseAddress, Int32(bytes.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        }
        try check(code)
    }

    /// Adds the row, all columns of which were bound.
    mutating func insert() throws {
        column = 0
        let code = unsafe sqlite3_step(raw)
        unsafe sqlite3_reset(raw)
        guard code == SQLITE_DONE else { throw failure(code) }
    }

    /// Adds a row of four numbers.
    mutating func insert(_ first: Int64, _ second: Int64, _ third: Int64, _ fourth: Int64) throws {
        try bind(first)
        try bind(second)
        try bind(third)
        try bind(fourth)
        try insert()
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }
}
