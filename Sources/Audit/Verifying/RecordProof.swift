// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One record, and the proof that it is in a signed log, as a text that fits in an e-mail. C2SP tlog-proof; the record is
/// its extra data.
package struct RecordProof: Sendable {
    /// Canonical JSON.
    package let record: [UInt8]
    /// The record's place, from 0; its number is one more.
    package let index: UInt64
    private let path: [Digest]
    /// The checkpoint with its signatures, as the log published it.
    private let note: [UInt8]

    /// As the log published it.
    package var checkpointNote: [UInt8] { note }

    private static let heading = "c2sp.org/tlog-proof@v1"
    /// The largest proof that is read, in bytes: a record, 64 hashes and a checkpoint.
    package static let byteLimit = SignedNote.byteLimit + 96 << 10

    /// - Parameter sequence: the number of the record, from 1.
    package init(_ sequence: UInt64, in files: any LogFiles, key: NoteKey) throws(StoreFailure) {
        guard let note = try files.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit) else {
            throw .log(LogFault(.checkpointMissing, LogLayout.checkpoint))
        }
        guard let checkpoint = try? Checkpoint(note: note, signedBy: key) else {
            throw .log(LogFault(.checkpointKey, LogLayout.checkpoint))
        }
        guard sequence > 0, sequence <= checkpoint.size else {
            throw .log(LogFault(.notCovered, LogLayout.checkpoint, sequence: sequence))
        }
        let hasher = TreeHasher()
        let tiles = TileFiles(files, size: checkpoint.size, hasher)
        index = sequence - 1
        let (bytes, entries, file) = try tiles.bundle(index / UInt64(TilePath.width))
        record = Array(bytes[entries[Int(index % UInt64(TilePath.width))]])
        path = try TreeProver(tiles, hasher).inclusion(of: index, in: checkpoint.size)
        self.note = note
        // What does not hold is not handed out.
        guard (try? check(key)) != nil else { throw .log(LogFault(.entryHash, file, sequence: sequence)) }
    }

    package var text: [UInt8] {
        let lines =
            [Self.heading, "extra \(NoteBase64.encode(record))", "index \(index)"]
            + path.map { NoteBase64.encode($0.bytes) } + ["", ""]
        return Array(lines.joined(separator: "\n").utf8) + note
    }

    package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        case malformed
        case checkpoint(Checkpoint.Refusal)
        case notIncluded
        case number

        package var description: String {
            switch self {
            case .malformed: "it is no proof of a record"
            case .checkpoint(let refusal): "of its checkpoint: \(refusal)"
            case .notIncluded: "the record is not the one in the log that was signed"
            case .number: "the number in the record is not its place in the log"
            }
        }
    }

    /// Reads a proof; nothing is believed until `check`.
    package init(parsing text: [UInt8]) throws(Refusal) {
        guard text.count <= Self.byteLimit else { throw .malformed }
        var lines: [ArraySlice<UInt8>] = []
        var rest = text[...]
        var isSeparated = false
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            isSeparated = line.isEmpty
            if isSeparated { break }
            lines.append(line)
            guard lines.count <= 3 + 64 else { throw .malformed }
        }
        guard isSeparated, lines.count >= 3, lines[0].elementsEqual(Self.heading.utf8),
            let record = Self.value("extra ", lines[1]).flatMap({ NoteBase64.decode(Array($0).span) }),
            record.count <= EntryBundle.entryLimit,
            let index = Self.value("index ", lines[2]).flatMap({ Checkpoint.decimal($0) }), !rest.isEmpty
        else { throw .malformed }
        var path: [Digest] = []
        for line in lines[3...] {
            guard line.count == 44, let bytes = NoteBase64.decode(Array(line).span), let hash = Digest(bytes.span)
            else {
                throw .malformed
            }
            path.append(hash)
        }
        self.record = record
        self.index = index
        self.path = path
        note = Array(rest)
    }

    private static func value(_ name: String, _ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        line.starts(with: name.utf8) ? line.dropFirst(name.utf8.count) : nil
    }

    /// Whether this record is in the log that the key signs.
    ///
    /// - Returns: the checkpoint that says so.
    package func check(_ key: NoteKey) throws(Refusal) -> Checkpoint {
        let checkpoint: Checkpoint
        do throws(Checkpoint.Refusal) {
            checkpoint = try Checkpoint(note: note, signedBy: key)
        } catch {
            throw .checkpoint(error)
        }
        let hasher = TreeHasher()
        guard
            ProofCheck(hasher).inclusion(
                path, of: hasher.leaf(record), at: index, in: checkpoint.size, root: checkpoint.root)
        else { throw .notIncluded }
        guard StatedNumber.isStated(index + 1, in: record.span) else { throw .number }
        return checkpoint
    }
}
