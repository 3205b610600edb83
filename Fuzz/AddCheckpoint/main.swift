// SPDX-License-Identifier: Apache-2.0

import Audit
import FuzzDriver
import MatrixFederation

// What anybody may send to a witness, and what a witness may answer. What is read is written again the same; nothing that
// nobody signed is cosigned.
fuzz { bytes in
    if let request = try? AddCheckpoint(parsing: bytes) {
        check(request.bytes == bytes, "each request has one spelling")
        check(request.proof.count <= AddCheckpoint.proofLimit, "proofs are bounded")
        if let key = try? NoteKey(
            parsing: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        {
            let verdict = WitnessVerdict.judge(request, logs: [key.name: key]) { _ in nil }
            if case .cosign = verdict {
                let note = try? SignedNote(parsing: request.note)
                check(note?.isSigned(by: key) == true, "only what the log signed is cosigned")
            }
        }
    }
    if let lines = try? SignedNote.signatures(parsing: bytes) {
        check(lines.count <= SignedNote.signatureLimit, "answers are bounded")
        if let witness = try? CosignerKey(
            parsing: "witness.example.de/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
        {
            _ = SignedNote(text: [0x0A], signatures: lines).cosignature(by: witness)
        }
    }
}
