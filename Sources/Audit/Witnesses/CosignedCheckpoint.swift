// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The checkpoint with witnesses' cosignatures that stands beside the log's own, which the writer replaces each second.
/// It is the same note with more lines.
package struct CosignedCheckpoint: Sendable {
    package static let fileName = "checkpoint.cosigned"

    package let checkpoint: Checkpoint
    package private(set) var note: SignedNote

    /// - Parameter bytes: a note by the log's key; lines of others are kept and mean nothing here.
    package init(_ bytes: [UInt8], of log: NoteKey) throws(Checkpoint.Refusal) {
        checkpoint = try Checkpoint(note: bytes, signedBy: log)
        guard let note = try? SignedNote(parsing: bytes) else { throw .malformed }
        self.note = note
    }

    /// The one that is there; `nil`: none that can be used.
    package static func read(in directory: String, of log: NoteKey) throws(DiskFailure) -> CosignedCheckpoint? {
        let bytes = try SmallFile.read(fileName, in: directory, limit: SignedNote.byteLimit)
        guard let bytes else { return nil }
        return try? CosignedCheckpoint(bytes, of: log)
    }

    /// Durable on return.
    package func write(in directory: String) throws(DiskFailure) {
        try SmallFile.replace(Self.fileName, in: directory, with: note.bytes)
    }

    /// Adds a line under the note, in the place of an older one by the same key.
    ///
    /// - Returns: whether there was a place for it.
    package mutating func add(_ cosignature: Cosignature) -> Bool {
        let line = cosignature.line
        let others = note.signatures.filter { $0.name != line.name || $0.id != line.id }
        guard others.count < SignedNote.signatureLimit else { return false }
        note = SignedNote(text: note.text, signatures: others + [line])
        return true
    }

    /// The lines of an answer that are by this witness and over this checkpoint.
    package func cosignature(in answer: [UInt8], by witness: CosignerKey) -> Cosignature? {
        guard let lines = try? SignedNote.signatures(parsing: answer) else { return nil }
        return SignedNote(text: note.text, signatures: lines).cosignature(by: witness)
    }

    /// How many of these witnesses have cosigned it.
    package func count(of witnesses: [CosignerKey]) -> Int {
        witnesses.count { note.cosignature(by: $0) != nil }
    }
}
