// SPDX-License-Identifier: Apache-2.0

package import Audit
internal import GRDB
internal import MatrixFederation

/// Makes the index of a log, or continues it. Takes no lock on the log and changes nothing in it.
///
/// A new one is made as a draft, which takes its place when it is whole: a stop before leaves nothing but the draft. To one
/// that is there records are added in transactions of thousands: a stop at any moment loses no more than the last of them.
/// Memory does not grow with the log.
package struct IndexBuild: Sendable {
    package struct Outcome: Sendable {
        /// How many records were read now.
        package var added: Int64 = 0
        /// The number of the last record in the index.
        package var last: Int64 = 0
        /// Why an index that was there was not continued.
        package var rebuilt: String?
        /// What is no record, the first few, of what was read now.
        package var faults: [RecordFault] = []
        package var faultCount: Int64 = 0
    }

    private let log: String
    private let path: String
    private let files: LogDirectory

    static let batch = 20_000
    /// Of a new index.
    static let largeBatch = 200_000
    private static let faultLimit = 20

    /// - Parameters:
    ///   - log: the directory.
    ///   - path: of the index.
    package init(log: String, path: String) {
        (self.log, self.path, files) = (log, path, LogDirectory(log))
    }

    /// - Parameters:
    ///   - rebuild: forget what is there.
    ///   - progress: told now and then the number of the last record.
    package func run(rebuild: Bool, progress: (Int) -> Void) throws(IndexFailure) -> Outcome {
        var outcome = Outcome()
        _ = try reading { () throws(StoreFailure) in try LogRecords(files) }
        // A wrong path shall not look like a log without records.
        guard holdsLog else { throw IndexFailure("\(log): there is no log here") }
        switch IndexFile.recover(path) {
        case .foreign, .interrupted:
            throw IndexFailure("\(path): this is no index; it is left as it is")
        case .outdated: outcome.rebuilt = "it was made by another version"
        case .current:
            if rebuild {
                outcome.rebuilt = "as asked"
            } else {
                let mark = try database { try open(path, .continuing).read { try IndexMark($0) } }
                outcome.rebuilt = try reading { () throws(StoreFailure) in try mark.strangeness(files) }
                // Nobody shall take it for one of this log meanwhile.
                if outcome.rebuilt != nil { try IndexFile.remove(path) }
            }
        case .nothing: break
        }
        if outcome.rebuilt == nil, IndexFile.look(path) == .current {
            let queue = try database { try open(path, .continuing) }
            if let failure = try fill(queue, &outcome, Self.batch, progress) { throw failure }
        } else {
            try make(&outcome, progress)
        }
        return outcome
    }

    /// A log without records has a journal already; a copy may have tiles alone.
    private var holdsLog: Bool {
        (try? files.journals())?.isEmpty == false || (try? files.names(in: "tile"))?.isEmpty == false
    }

    private func open(_ path: String, _ use: IndexFile.Use) throws -> DatabaseQueue {
        try DatabaseQueue(path: path, configuration: IndexFile.configuration(for: use))
    }

    private func make(_ outcome: inout Outcome, _ progress: (Int) -> Void) throws(IndexFailure) {
        let draft = try IndexDraft(of: path)
        let unreadable: IndexFailure?
        do throws(IndexFailure) {
            let queue = try database { () throws -> DatabaseQueue in
                let queue = try open(draft.path, .making)
                try queue.write { database in
                    try database.execute(sql: IndexSchema.tables)
                    try IndexMark().store(database)
                }
                return queue
            }
            // What can be read before a fault is worth asking.
            unreadable = try fill(queue, &outcome, Self.largeBatch, progress)
            try database {
                for index in IndexSchema.indices {
                    try queue.write { try $0.execute(sql: "CREATE INDEX \(index)") }
                }
                try queue.write { database in
                    // Last of all: until then it is no index.
                    try database.execute(
                        sql: "PRAGMA application_id = \(IndexSchema.application); "
                            + "PRAGMA user_version = \(IndexSchema.version)")
                }
                try queue.close()
            }
            try draft.finish()
        } catch {
            draft.discard()
            throw error
        }
        if let unreadable { throw unreadable }
    }

    /// - Returns: why not the whole log was read.
    private func fill(
        _ queue: DatabaseQueue, _ outcome: inout Outcome, _ batch: Int, _ progress: (Int) -> Void
    ) throws(IndexFailure) -> IndexFailure? {
        var mark = try database { try queue.read { try IndexMark($0) } }
        // Everything that it counts is in the log: what is read is at least as much.
        let checkpoint = IndexMark.checkpoint(files)
        var reader = LogReader(files, from: UInt64(clamping: mark.last) + 1)
        var failure: IndexFailure?
        var isDone = false
        while !isDone {
            let before = mark
            try database {
                try queue.write { database in
                    // Somebody else may have gone on meanwhile.
                    guard try IndexMark(database) == before else { throw IndexFailure("somebody else writes it") }
                    var writer = try RecordWriter(database)
                    var newest: LogReader.Entry?
                    for place in 0..<batch {
                        let entry: LogReader.Entry?
                        do throws(IndexFailure) {
                            entry = try reading { () throws(StoreFailure) in try reader.next() }
                        } catch {
                            (failure, entry) = (error, nil)
                        }
                        guard let entry else {
                            isDone = true
                            break
                        }
                        newest = entry
                        try take(entry, &mark, &writer, &outcome)
                        if place % 1024 == 0 { progress(Int(clamping: mark.last)) }
                    }
                    try writer.finish()
                    if let newest { mark.lastHash = TreeHasher().leaf(newest.record).hex }
                    if isDone { mark.take(checkpoint) }
                    try mark.store(database)
                }
            }
            progress(Int(clamping: mark.last))
        }
        outcome.last = mark.last
        return failure
    }

    private func take(
        _ entry: LogReader.Entry, _ mark: inout IndexMark, _ writer: inout RecordWriter, _ outcome: inout Outcome
    ) throws {
        mark.last = Int64(clamping: entry.sequence)
        outcome.added += 1
        if let record = IndexedRecord(entry.record), record.sequence == mark.last {
            try writer.write(record)
            mark.lastTime = record.time
        } else {
            mark.faults += 1
            outcome.faultCount += 1
            if outcome.faults.count < Self.faultLimit {
                outcome.faults.append(
                    RecordFault(file: entry.file, offset: entry.offset, what: "this is no record of its number"))
            }
        }
    }

    private func reading<T>(_ read: () throws(StoreFailure) -> T) throws(IndexFailure) -> T {
        do throws(StoreFailure) {
            return try read()
        } catch {
            throw IndexFailure("\(log)/\(error.description)")
        }
    }

    private func database<T>(_ work: () throws -> T) throws(IndexFailure) -> T {
        do {
            return try work()
        } catch let error as IndexFailure {
            throw error
        } catch {
            throw IndexFailure("\(path): it cannot be written", error)
        }
    }
}
