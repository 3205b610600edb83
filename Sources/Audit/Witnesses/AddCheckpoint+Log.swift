// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension AddCheckpoint {
    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case store(StoreFailure)
        case checkpoint(Checkpoint.Refusal)
        /// There is none yet.
        case none
        /// The witness knows a checkpoint of more records than the log has: the log was put back. AC-91.
        case ahead(size: UInt64)

        package var description: String {
            switch self {
            case .store(let failure): failure.description
            case .checkpoint(let refusal): "of the checkpoint: \(refusal)"
            case .none: "the log has no checkpoint yet"
            case .ahead(let size): "the log has fewer records than the \(size) that the witness saw"
            }
        }
    }

    /// The log's checkpoint.
    package static func note(_ files: any LogFiles) throws(Fault) -> [UInt8] {
        let note: [UInt8]?
        do throws(StoreFailure) {
            note = try files.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit)
        } catch {
            throw .store(error)
        }
        guard let note else { throw .none }
        return note
    }

    /// The request about a log's checkpoint to a witness that knows `old` records of it.
    ///
    /// - Parameter note: of this log; not older than the one before its last.
    package init(old: UInt64, note: [UInt8], key: NoteKey, in files: any LogFiles) throws(Fault) {
        let checkpoint: Checkpoint
        do throws(Checkpoint.Refusal) {
            checkpoint = try Checkpoint(note: note, signedBy: key)
        } catch {
            throw .checkpoint(error)
        }
        guard old <= checkpoint.size else { throw .ahead(size: old) }
        let hasher = TreeHasher()
        do throws(StoreFailure) {
            let prover = TreeProver(TileFiles(files, size: checkpoint.size, hasher), hasher)
            self.init(old: old, proof: try prover.consistency(of: old, with: checkpoint.size), note: note)
        } catch {
            throw .store(error)
        }
    }
}
