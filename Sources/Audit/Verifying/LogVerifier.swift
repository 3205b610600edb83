// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Checks a whole log, or a copy of one, with the public key alone: every record, bundle and tile against the signed root.
///
/// Changes nothing, takes no lock, and needs memory for one bundle and the hashes of what is in the journal.
package struct LogVerifier {
    package struct Outcome: Sendable {
        /// What was signed, if its signature is right.
        package var checkpoint: Checkpoint?
        /// How many records were found to be those that were signed.
        package var verified: UInt64 = 0
        /// Records in the journal that no checkpoint counts yet.
        package var behind: UInt64 = 0
        /// Of a write that goes on, or that a stop cut off.
        package var tornBytes = 0
        /// The first thing that is wrong.
        package var fault: LogFault?
    }

    private let files: any LogFiles
    private let key: NoteKey
    private let hasher = TreeHasher()
    private let space = Space()

    /// What is read into, one bundle and one tile after the other.
    private final class Space {
        var bundle: [UInt8] = []
        var tile: [UInt8] = []
    }

    package init(_ files: any LogFiles, key: NoteKey) {
        self.files = files
        self.key = key
    }

    /// - Parameters:
    ///   - saved: checkpoints of this log that were kept elsewhere; the log must be a continuation of each.
    ///   - progress: told now and then how many records are done.
    /// - Throws: if a file cannot be read.
    package func run(
        since saved: [Checkpoint] = [], progress: (UInt64) -> Void = { _ in }
    ) throws(DiskFailure) -> Outcome {
        var outcome = Outcome()
        do throws(StoreFailure) {
            try run(saved.sorted { $0.size < $1.size }, &outcome, progress)
        } catch {
            switch error {
            case .disk(let failure): throw failure
            case .log(let fault): outcome.fault = fault
            }
        }
        return outcome
    }

    private func run(
        _ saved: [Checkpoint], _ outcome: inout Outcome, _ progress: (UInt64) -> Void
    ) throws(StoreFailure) {
        let checkpoint = try readCheckpoint()
        outcome.checkpoint = checkpoint
        var journal = try JournalVerifier(files, hasher)
        let tiles = TileFiles(files, size: checkpoint.size, hasher)
        var rows = TileRows()
        var saved = saved[...]
        var agreed: UInt64 = 0
        let bundles = (checkpoint.size + UInt64(TilePath.width) - 1) / UInt64(TilePath.width)
        for index in 0..<bundles {
            let leaves = try leaves(tiles, index)
            for leaf in leaves {
                if rows.size == journal?.first { try journal?.check(edge: rows, hasher) }
                for tile in rows.append(leaf, hasher) where tile.level > 0 { try compare(tile, tiles) }
                while let next = saved.first, next.size <= rows.size {
                    if next.size == rows.size, next.root != rows.root(hasher) {
                        // Where between the two it begins cannot be told from hashes.
                        throw .log(LogFault(.savedRoot, LogLayout.checkpoint, sequence: agreed + 1, upTo: next.size))
                    }
                    agreed = next.size
                    saved.removeFirst()
                }
            }
            journal?.add(leaves, before: rows.size)
            if index % 64 == 63 { progress(rows.size) }
        }
        for tile in rows.partials where tile.level > 0 { try compare(tile, tiles) }
        guard rows.root(hasher) == checkpoint.root else {
            throw .log(LogFault(.checkpointRoot, LogLayout.checkpoint, sequence: agreed + 1, upTo: checkpoint.size))
        }
        outcome.verified = rows.size
        try OlderPartials(files, size: checkpoint.size).check()
        if rows.size == journal?.first { try journal?.check(edge: rows, hasher) }
        if let journal = try journal?.run(after: checkpoint.size) {
            (outcome.behind, outcome.tornBytes) = (journal.behind, journal.tornBytes)
        }
        if saved.contains(where: { $0.size > checkpoint.size }) {
            throw .log(LogFault(.savedAhead, LogLayout.checkpoint, sequence: checkpoint.size + 1))
        }
    }

    private func readCheckpoint() throws(StoreFailure) -> Checkpoint {
        guard let note = try files.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit) else {
            throw .log(LogFault(.checkpointMissing, LogLayout.checkpoint))
        }
        if let beside = try files.content(of: LogLayout.verifierKey, limit: 1024),
            beside != Array("\(key)\n".utf8)
        {
            throw .log(LogFault(.verifierKey, LogLayout.verifierKey))
        }
        do throws(Checkpoint.Refusal) {
            return try Checkpoint(note: note, signedBy: key)
        } catch {
            throw .log(LogFault(error == .malformed ? .checkpointMalformed : .checkpointKey, LogLayout.checkpoint))
        }
    }

    /// The hashes of a bundle's records, each compared with the tile.
    private func leaves(_ tiles: TileFiles, _ index: UInt64) throws(StoreFailure) -> [Digest] {
        let (entries, path) = try readBundle(tiles, index)
        let hasTile = try readTile(tiles, index)
        var leaves: [Digest] = []
        leaves.reserveCapacity(entries.count)
        let (bundle, tile) = (space.bundle, space.tile)
        let span = bundle.span
        let hashes = tile.span
        var sequence = index * UInt64(TilePath.width)
        for (place, range) in entries.enumerated() {
            sequence += 1
            let record = span.extracting(range)
            let leaf = hasher.leaf(record)
            if hasTile, Digest(hashes.extracting(32 * place..<32 * place + 32)) != leaf {
                throw .log(LogFault(.entryHash, path, sequence: sequence))
            }
            guard StatedNumber.isStated(sequence, in: record) else {
                throw .log(LogFault(.recordNumber, path, sequence: sequence))
            }
            leaves.append(leaf)
        }
        return leaves
    }

    /// Reads a bundle; the last one from the journal, if a copy was made while it was replaced by a longer one.
    private func readBundle(
        _ tiles: TileFiles, _ index: UInt64
    ) throws(StoreFailure) -> (entries: [Range<Int>], path: String) {
        do throws(StoreFailure) {
            return try tiles.bundle(index, into: &space.bundle)
        } catch {
            let width = tiles.width(0, index)
            guard case .log(let fault) = error, fault.kind == .fileMissing, width < TilePath.width else { throw error }
            var reader = LogReader(files, from: index * UInt64(TilePath.width) + 1)
            var bytes: [UInt8] = []
            for _ in 0..<width {
                guard let entry = try reader.next() else { throw error }
                EntryBundle.append(entry.record, to: &bytes)
            }
            space.bundle = bytes
            return (EntryBundle.ranges(bytes.span) ?? [], fault.file)
        }
    }

    /// Reads a tile of level 0, which has as many hashes as the bundle has records; false for the last one under the same
    /// circumstances.
    private func readTile(_ tiles: TileFiles, _ index: UInt64) throws(StoreFailure) -> Bool {
        do throws(StoreFailure) {
            try tiles.tile(0, index, into: &space.tile)
            return true
        } catch {
            guard case .log(let fault) = error, fault.kind == .fileMissing, tiles.width(0, index) < TilePath.width
            else {
                throw error
            }
            return false
        }
    }

    private func compare(_ tile: TileRows.Tile, _ tiles: TileFiles) throws(StoreFailure) {
        let bytes: [UInt8]
        do throws(StoreFailure) {
            bytes = try tiles.tile(tile.level, tile.index)
        } catch {
            guard case .log(let fault) = error, fault.kind == .fileMissing, tile.hashes.count < TilePath.width else {
                throw error
            }
            return
        }
        for (place, (stated, hash)) in zip(Digest.list(bytes[...]), tile.hashes).enumerated() where stated != hash {
            let first = (tile.index * UInt64(TilePath.width) + UInt64(place)) << UInt64(8 * tile.level)
            throw .log(LogFault(.tileHash, tile.path, sequence: first + 1))
        }
    }
}
