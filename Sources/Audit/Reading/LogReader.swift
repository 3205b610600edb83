// SPDX-License-Identifier: Apache-2.0

/// Reads the records of a log in order, from any one on, in bounded memory: those in bundles, then those in the journal.
///
/// Takes no lock: a log that is being written can be read, and so can a copy. Whether the records are those that were
/// signed is for `LogVerifier` to say.
package struct LogReader {
    package struct Entry: Sendable {
        /// The number of the record, from 1.
        package let sequence: UInt64
        /// Canonical JSON.
        package let record: [UInt8]
        /// Where it was found.
        package let file: String
        /// Of its first byte in that file.
        package let offset: Int
    }

    private let files: any LogFiles
    private let hasher = TreeHasher()
    /// How many records are before the next.
    private var before: UInt64
    private var scan: JournalScan?
    /// Records in memory that were not handed out.
    private var bytes: [UInt8] = []
    private var entries: ArraySlice<Range<Int>> = []
    /// The file that `bytes` is from, and where in it.
    private var file = ""
    private var base = 0
    /// Bytes behind the last whole record: a write that goes on, or was cut off.
    package private(set) var tornBytes = 0

    /// - Parameter sequence: the number of the first record that is wanted.
    package init(directory: String, from sequence: UInt64 = 1) { self.init(LogDirectory(directory), from: sequence) }

    package init(_ files: any LogFiles, from sequence: UInt64 = 1) {
        self.files = files
        before = max(sequence, 1) - 1
    }

    /// The next record, or nil after the last. Throws where a file is missing or was altered.
    package mutating func next() throws(StoreFailure) -> Entry? {
        // Beneath a reader the writer goes on to the next file of the journal, and removes the old one.
        for _ in 0..<Self.attempts {
            do throws(StoreFailure) {
                return try look()
            } catch {
                guard case .disk(let failure) = error, failure.isMissing, scan != nil else { throw error }
                scan = nil
                entries = []
            }
        }
        return try look()
    }

    /// After the last record: sees what was written since. Without it the end stays the end.
    package mutating func lookAgain() {
        guard entries.isEmpty, var scan else { return }
        self.scan = nil
        // Where a write went on, or the writer has begun another file, it is found anew.
        if tornBytes == 0, (try? files.journals())?.last == scan.journal {
            scan.lookAgain()
            self.scan = scan
        }
        tornBytes = 0
    }

    private static let attempts = 8

    private mutating func look() throws(StoreFailure) -> Entry? {
        while true {
            if let range = entries.popFirst() {
                before += 1
                return Entry(
                    sequence: before, record: Array(bytes[range]), file: file, offset: base + range.lowerBound)
            }
            guard scan != nil else {
                if try !openBundle(), try !openJournal(), try !openPartialBundle() { return nil }
                continue
            }
            guard try readFrame() else { return nil }
        }
    }

    private mutating func openBundle() throws(StoreFailure) -> Bool {
        let index = before / UInt64(TilePath.width)
        let path = TilePath.entries(index)
        guard try files.take(path, limit: TileFiles.bundleLimit, into: &bytes) else { return false }
        guard let entries = EntryBundle.ranges(bytes.span), entries.count == TilePath.width else {
            throw .log(LogFault(.bundleForm, path, sequence: index * UInt64(TilePath.width) + 1))
        }
        (file, base) = (path, 0)
        self.entries = entries[Int(before % UInt64(TilePath.width))...]
        return true
    }

    /// Finds the file of the journal that has the next record, or will; false if there is no journal.
    private mutating func openJournal() throws(StoreFailure) -> Bool {
        let journals: [String]
        do throws(DiskFailure) {
            journals = try files.journals()
        } catch {
            throw .disk(error)
        }
        for (index, name) in journals.enumerated().reversed() {
            var scan = JournalScan(files, name, hasher)
            guard let header = try scan.header() else {
                // The newest may have been begun only.
                if index > 0 || journals.count == 1 && before == 0 { continue }
                throw .log(LogFault(.journalHeader, name))
            }
            guard header.first <= before else {
                throw .log(
                    LogFault(.fileMissing, TilePath.entries(before / UInt64(TilePath.width)), sequence: before + 1))
            }
            self.scan = scan
            return true
        }
        return false
    }

    /// A copy may be without its journal.
    private mutating func openPartialBundle() throws(StoreFailure) -> Bool {
        let path = TilePath.entries(before / UInt64(TilePath.width))
        let names: [String]
        do throws(DiskFailure) {
            names = try files.names(in: path + ".p")
        } catch {
            throw .disk(error)
        }
        guard let width = names.compactMap({ Int($0) }).max(),
            let bytes = try files.content(of: "\(path).p/\(width)", limit: TileFiles.bundleLimit)
        else { return false }
        guard let entries = EntryBundle.ranges(bytes.span) else {
            throw .log(LogFault(.bundleForm, "\(path).p/\(width)", sequence: before + 1))
        }
        (self.bytes, file, base) = (bytes, "\(path).p/\(width)", 0)
        self.entries = entries.dropFirst(Int(before % UInt64(TilePath.width)))
        return !self.entries.isEmpty
    }

    /// Takes the records of the next frame; false at the end of the journal.
    private mutating func readFrame() throws(StoreFailure) -> Bool {
        guard var scan else { return false }
        // One owner of the buffer, or each frame copies it.
        self.scan = nil
        defer { self.scan = scan }
        switch try scan.peek() {
        case .end, .blank: return false
        case .torn(let count):
            tornBytes = count
            let offset = scan.offset
            if try scan.wasDurable() {
                throw .log(LogFault(.journalFrame, scan.journal, sequence: before + 1, offset: offset))
            }
            return false
        case .frame(let frame):
            let end = frame.first + UInt64(frame.entries.count)
            guard frame.first <= before || end <= before else {
                throw .log(LogFault(.journalFrame, scan.journal, sequence: before + 1, offset: scan.offset))
            }
            if end > before {
                bytes = Array(scan.bytes(of: frame))
                (file, base) = (scan.journal, scan.offset)
                entries = frame.entries[Int(before - frame.first)...]
            }
            scan.advance(over: frame)
            return true
        }
    }
}
