// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import GRDB
internal import MatrixFederation

/// Numbers for texts while records are written. What it remembers is bounded: strangers choose names.
struct TextTable {
    private var known = ByteTable()
    /// By their number in `known`.
    private var numbers: [Int64] = []
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
    mutating func number(_ text: IndexedRecord.Text?, of record: borrowing IndexedRecord) throws -> Int64 {
        guard let text else { return 0 }
        // The bytes as they stand, but where an escape stands for others.
        if let range = record.document.stringRange(text) {
            return try number(record.document.bytes.span.extracting(range))
        }
        return try number(Self.stored(record.document.string(text) ?? "").utf8.span)
    }

    private mutating func number(_ text: Span<UInt8>) throws -> Int64 {
        if let place = known.known(text) { return numbers[place] }
        if known.count >= Self.limit {
            known.removeAll()
            numbers.removeAll(keepingCapacity: true)
        }
        let value = unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        let number = try Int64.fetchOne(find, arguments: [value]) ?? Int64.fetchOne(add, arguments: [value]) ?? 0
        if known.number(of: text) == numbers.count { numbers.append(number) }
        return number
    }
}
