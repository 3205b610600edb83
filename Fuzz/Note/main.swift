// SPDX-License-Identifier: Apache-2.0

import Audit
import FuzzDriver

// What others send of a log: notes, checkpoints, keys, proofs, bundles. What is read is written again the same.
fuzz { bytes in
    if let note = try? SignedNote(parsing: bytes) {
        check(
            !note.signatures.isEmpty && note.signatures.count <= SignedNote.signatureLimit,
            "there are some, not too many")
        check(note.text.last == 0x0A && bytes.starts(with: note.text), "the text is the beginning of the note")
        if let checkpoint = Checkpoint(text: note.text) {
            check(note.text.starts(with: checkpoint.text), "each checkpoint has one spelling")
            check(checkpoint.size <= Checkpoint.sizeLimit, "sizes are such that one can count with them")
        }
    }
    if let checkpoint = Checkpoint(text: bytes) {
        check(bytes.starts(with: checkpoint.text), "each checkpoint has one spelling")
    }
    if let key = try? NoteKey(parsing: String(decoding: bytes, as: UTF8.self)) {
        check((try? NoteKey(parsing: key.description)) == key, "a key that is written is read the same")
    }
    if let proof = try? RecordProof(parsing: bytes) {
        check(proof.text == bytes, "each proof has one spelling")
    }
    if let entries = EntryBundle.ranges(bytes.span) {
        var again: [UInt8] = []
        for range in entries { EntryBundle.append(Array(bytes[range]), to: &again) }
        check(again == bytes, "each bundle has one spelling")
    }
}
