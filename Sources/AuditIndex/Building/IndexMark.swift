// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import GRDB
internal import MatrixFederation

/// How far an index goes, and of which log: what is compared before it is continued.
struct IndexMark: Equatable {
    /// The number of the last record that was read; 0: none.
    var last: Int64 = 0
    var lastHash = ""
    /// Of the last record that could be indexed, in microseconds.
    var lastTime: Int64 = 0
    /// How many of them are no records.
    var faults: Int64 = 0
    /// The log's newest checkpoint at that time; size 0 if it had none.
    var origin = ""
    var size: Int64 = 0
    var root = ""

    init() {}

    init(_ database: Database) throws {
        var values: [String: String] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT name, value FROM meta LIMIT 64")
        while let row = try rows.next() { values[row.text(0) ?? ""] = row.text(1) }
        func number(_ name: String) -> Int64 { values[name].flatMap { Int64($0) } ?? 0 }
        (last, lastHash, lastTime) = (number("last"), values["last_hash"] ?? "", number("last_time"))
        (faults, origin) = (number("faults"), values["origin"] ?? "")
        (size, root) = (number("size"), values["root"] ?? "")
    }

    func store(_ database: Database) throws {
        for (name, value) in [
            ("last", String(last)), ("last_hash", lastHash), ("last_time", String(lastTime)),
            ("faults", String(faults)), ("origin", origin), ("size", String(size)), ("root", root),
        ] {
            try database.execute(sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)", arguments: [name, value])
        }
    }

    /// Takes the log's checkpoint, as far as everything that it counts was read.
    mutating func take(_ checkpoint: Checkpoint?) {
        guard let checkpoint, checkpoint.size <= UInt64(clamping: last) else { return }
        (origin, size, root) = (checkpoint.origin, Int64(clamping: checkpoint.size), checkpoint.root.hex)
    }

    static func checkpoint(_ files: LogDirectory) -> Checkpoint? {
        guard let note = try? files.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit) else { return nil }
        return (try? SignedNote(parsing: note)).flatMap { Checkpoint(text: $0.text) }
    }

    /// Why this log is not the one that was indexed; `nil` if nothing says so.
    func strangeness(_ files: LogDirectory) throws(StoreFailure) -> String? {
        guard last > 0 else { return nil }
        let hasher = TreeHasher()
        if size > 0 {
            guard let checkpoint = Self.checkpoint(files) else { return "the log has no checkpoint any more" }
            guard checkpoint.origin == origin else { return "the log has another name" }
            guard checkpoint.size >= UInt64(clamping: size) else { return "the log has become shorter" }
            let tiles = TileFiles(files, size: checkpoint.size, hasher)
            guard try TreeProver(tiles, hasher).root(of: UInt64(clamping: size)).hex == root else {
                return "other records are in the log"
            }
        }
        var reader = LogReader(files, from: UInt64(clamping: last))
        guard let entry = try reader.next() else { return "the log has become shorter" }
        return hasher.leaf(entry.record).hex == lastHash ? nil : "other records are in the log"
    }
}
