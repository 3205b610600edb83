// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

/// Which policy a log says was put in force last. Takes no lock and changes nothing.
///
/// Reads the journal, then goes from the newest bundle to older ones, and compares each record with its hash in the tree.
package struct LastPolicy {
    /// `nil` if nothing that was read names one.
    package private(set) var floor: PolicyFloor?
    /// Whether there is a record at all.
    package private(set) var hasRecords = false

    private static let kinds = [#""kind":"policy.activated""#, #""kind":"log.start""#].map { Array($0.utf8) }

    /// - Parameter bundles: how many of the newest are read at most.
    package init(in directory: String, bundles limit: Int = .max) throws(StoreFailure) {
        // Beneath a reader the writer may go on to the next file of its journal.
        for attempt in 1...8 {
            do throws(StoreFailure) {
                try read(LogDirectory(directory), limit)
                return
            } catch {
                guard attempt < 8, case .disk(let failure) = error, failure.isMissing else { throw error }
                (floor, hasRecords) = (nil, false)
            }
        }
    }

    private mutating func read(_ files: LogDirectory, _ limit: Int) throws(StoreFailure) {
        let hasher = TreeHasher()
        var journals: [String] = []
        do throws(DiskFailure) {
            journals = try files.journals()
        } catch {
            // No directory: a log that has not begun.
            if !error.isMissing { throw .disk(error) }
        }
        guard let bundles = try readJournal(files, journals, hasher), floor == nil else { return }
        let tiles = TileFiles(files, size: bundles * UInt64(TilePath.width), hasher)
        for index in (0..<bundles).reversed().prefix(limit) {
            try read(tiles, index, hasher)
            if floor != nil { return }
        }
    }

    /// - Returns: how many full bundles are before the journal; `nil` if there is none.
    private mutating func readJournal(
        _ files: LogDirectory, _ journals: [String], _ hasher: TreeHasher
    ) throws(StoreFailure) -> UInt64? {
        for (index, name) in journals.enumerated().reversed() {
            var scan = JournalScan(files, name, hasher)
            guard let header = try scan.header() else {
                // The newest may have been begun and not written.
                if index > 0 || journals.count == 1, try scan.findContentEnd() <= JournalHeader.limit { continue }
                throw .log(LogFault(.journalHeader, name))
            }
            hasRecords = hasRecords || header.first > 0
            var next = header.first
            while case .frame(let frame) = try scan.peek(), frame.first == next {
                hasRecords = true
                let bytes = scan.bytes(of: frame)
                for range in frame.entries {
                    note(bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound])
                }
                next += UInt64(frame.entries.count)
                scan.advance(over: frame)
            }
            let offset = scan.offset
            if try scan.wasDurable() {
                throw .log(LogFault(.journalFrame, name, sequence: next + 1, offset: offset))
            }
            return header.first / UInt64(TilePath.width)
        }
        return nil
    }

    private mutating func read(_ tiles: TileFiles, _ index: UInt64, _ hasher: TreeHasher) throws(StoreFailure) {
        let (bytes, entries, path) = try tiles.bundle(index)
        let hashes = Digest.list(try tiles.tile(0, index)[...])
        for (place, (range, hash)) in zip(entries, hashes).enumerated() {
            guard hasher.leaf(bytes.span.extracting(range)) == hash else {
                throw .log(LogFault(.entryHash, path, sequence: index * UInt64(TilePath.width) + UInt64(place) + 1))
            }
            note(bytes[range])
        }
    }

    private mutating func note(_ record: ArraySlice<UInt8>) {
        guard Self.kinds.contains(where: { Self.contains(record, $0) }),
            let document = try? JSONDocument(reading: Array(record)),
            let policy = document.member("policy", of: document.root),
            let serial = document.member("serial", of: policy).flatMap({ document.integer($0) }), serial >= 1,
            let digest = document.member("sha256", of: policy).flatMap({ document.string($0) }).flatMap(
                Digest.init(hex:))
        else { return }
        let id = document.member("policy_id", of: document.root).flatMap { document.string($0) }
        floor = PolicyFloor(id: id ?? "unknown", serial: serial, sha256: digest)
    }

    /// Inside a text the quotes would be escaped.
    private static func contains(_ record: ArraySlice<UInt8>, _ wanted: [UInt8]) -> Bool {
        let span = record.span
        guard span.count >= wanted.count else { return false }
        for start in 0...(span.count - wanted.count) where span[start] == wanted[0] {
            var length = 1
            while length < wanted.count, span[start + length] == wanted[length] { length += 1 }
            if length == wanted.count { return true }
        }
        return false
    }
}
