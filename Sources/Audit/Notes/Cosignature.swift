// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a witness says under a checkpoint: at this time it was the largest of its log that I saw, and every one that I saw
/// is the beginning of it. C2SP tlog-cosignature, `cosignature/v1`.
package struct Cosignature: Hashable, Sendable {
    package let witness: CosignerKey
    /// Seconds since 1970-01-01T00:00:00Z, by the witness's clock.
    package let time: Int64
    /// As it stands in the note.
    package let line: SignedNote.Line

    /// What is signed.
    ///
    /// - Parameter text: of the note, with its last line feed.
    static func message(_ text: [UInt8], at time: Int64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }

    /// Believes a line only if the witness's key signed this text.
    package init?(_ line: SignedNote.Line, of text: [UInt8], by witness: CosignerKey) {
        guard line.name == witness.name, line.id == witness.id, line.signature.count == 72 else { return nil }
        let stamp = line.signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let time = Int64(exactly: stamp),
            let signature = MatrixFederation.Signature(Array(line.signature[8...]).span),
            witness.key.isValid(signature: signature, of: Self.message(text, at: time))
        else { return nil }
        self.witness = witness
        self.time = time
        self.line = line
    }
}

extension SignedNote {
    /// The latest cosignature of this witness; `nil` also when any line of its key is wrong, which spoils the others.
    package func cosignature(by witness: CosignerKey) -> Cosignature? {
        var latest: Cosignature?
        for line in signatures where line.name == witness.name && line.id == witness.id {
            guard let found = Cosignature(line, of: text, by: witness) else { return nil }
            if latest.map({ $0.time < found.time }) ?? true { latest = found }
        }
        return latest
    }
}
