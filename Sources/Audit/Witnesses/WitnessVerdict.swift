// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a witness makes of a request, by what it knows of that log; pure. C2SP tlog-witness.
package enum WitnessVerdict: Equatable, Sendable {
    /// It continues what is known: to be stored, then cosigned. `text`: of the note; what is signed.
    case cosign(Checkpoint, text: [UInt8])
    /// It is no request, or its old size is above the new one: 400.
    case malformed
    /// No log of this name is witnessed here: 404.
    case unknownLog
    /// The log's key did not sign it: 403.
    case unsigned
    /// Another size is the last that was cosigned: 409.
    case otherSize(UInt64)
    /// The log signed two trees of one size: 409, and evidence that the log lies. AC-92.
    case fork(Checkpoint, known: Checkpoint)
    /// Its proof does not lead from the known checkpoint to this one: 422.
    case notProved(Checkpoint)

    /// - Parameters:
    ///   - logs: by name.
    ///   - known: the last checkpoint that was cosigned; `nil`: none.
    package static func judge(
        _ request: AddCheckpoint, logs: [String: NoteKey], known: (String) -> Checkpoint?
    ) -> WitnessVerdict {
        guard let note = try? SignedNote(parsing: request.note), let checkpoint = Checkpoint(text: note.text) else {
            return .malformed
        }
        guard let key = logs[checkpoint.origin] else { return .unknownLog }
        guard note.isSigned(by: key) else { return .unsigned }
        guard request.old <= checkpoint.size else { return .malformed }
        let known = known(checkpoint.origin)
        if let known, known.size == checkpoint.size, known.root != checkpoint.root {
            return .fork(checkpoint, known: known)
        }
        guard request.old == known?.size ?? 0 else { return .otherSize(known?.size ?? 0) }
        guard let known, known.size > 0 else {
            // The proof from nothing is empty, and proves nothing: the first checkpoint is taken as it is.
            let isTree = checkpoint.size > 0 || checkpoint.root == TreeHasher.empty
            return request.proof.isEmpty && isTree ? .cosign(checkpoint, text: note.text) : .notProved(checkpoint)
        }
        let isContinued = ProofCheck(TreeHasher()).consistency(
            request.proof, of: known.size, root: known.root, with: checkpoint.size, root: checkpoint.root)
        return isContinued ? .cosign(checkpoint, text: note.text) : .notProved(checkpoint)
    }
}
