// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// Which of the witnesses that an auditor trusts have cosigned a log, and up to which record.
///
/// Cosigned checkpoints are saved ones: the verifier compares the log with each.
struct WitnessQuorum {
    let witnesses: [CosignerKey]
    let need: Int
    /// Of the year 9999; a witness may write any number.
    private static let lastSecond: Int64 = 253_402_300_799
    /// By witness: the largest checkpoint that it cosigned, and when.
    private var latest: [CosignerKey: (checkpoint: Checkpoint, time: Int64)] = [:]

    /// - Parameters:
    ///   - names: public keys, or files with them.
    ///   - files: cosigned checkpoints beside the one in the log's directory.
    init(
        _ names: [String], _ need: Int?, in directory: String, _ files: [String], of log: NoteKey
    ) throws {
        witnesses = try names.map { try CosignerKey.read($0) }
        self.need = need ?? witnesses.count
        guard Set(witnesses.map(\.key)).count == witnesses.count else {
            throw Ending.cannotRun("one key is given for two witnesses; nothing was verified; name each witness once")
        }
        guard !witnesses.isEmpty else { return }
        var notes: [[UInt8]] = []
        do throws(DiskFailure) {
            for name in [CosignedCheckpoint.fileName, LogLayout.checkpoint] {
                if let note = try SmallFile.read(name, in: directory, limit: SignedNote.byteLimit) {
                    notes.append(note)
                }
            }
        } catch {
            throw Ending.cannotRun("\(directory): \(error); nothing was verified; see to the path and its rights")
        }
        for note in notes { if let cosigned = try? CosignedCheckpoint(note, of: log) { take(cosigned) } }
        for file in files {
            let note: [UInt8]
            do throws(FileBytes.Failure) {
                note = try FileBytes.read(file, limit: SignedNote.byteLimit)
            } catch {
                throw Ending.cannotRun("\(error); nothing was verified; name a cosigned checkpoint")
            }
            do throws(Checkpoint.Refusal) {
                take(try CosignedCheckpoint(note, of: log))
            } catch {
                throw Ending.cannotRun("\(file): \(error); nothing was verified; name a checkpoint of this log")
            }
        }
    }

    private mutating func take(_ cosigned: CosignedCheckpoint) {
        for witness in witnesses {
            guard let found = cosigned.note.cosignature(by: witness) else { continue }
            if latest[witness].map({ $0.checkpoint.size >= cosigned.checkpoint.size }) ?? false { continue }
            latest[witness] = (cosigned.checkpoint, found.time)
        }
    }

    /// The log must continue each of them.
    var checkpoints: [Checkpoint] { witnesses.compactMap { latest[$0]?.checkpoint } }

    /// So many records are what enough witnesses saw, too; `nil`: too few witnesses saw any.
    var size: UInt64? {
        let sizes = checkpoints.map(\.size).sorted(by: >)
        return need > 0 && sizes.count >= need ? sizes[need - 1] : nil
    }

    var isMet: Bool { witnesses.isEmpty || size != nil }

    func say() {
        for witness in witnesses {
            if let found = latest[witness] {
                let time = AuditTime.text(microseconds: min(found.time, Self.lastSecond) * 1_000_000)
                Terminal.say("\(witness.name) cosigned the first \(found.checkpoint.size) at \(time)")
            } else {
                Terminal.complain("\(witness.name) has cosigned no checkpoint that is here")
            }
        }
        guard !witnesses.isEmpty else { return }
        if let size {
            Terminal.say("the first \(size) are what \(need) of \(witnesses.count) witnesses saw, too")
        } else {
            Terminal.complain(
                "fewer than \(need) of \(witnesses.count) witnesses have cosigned; a second log may have been shown to "
                    + "others; ask the witnesses, or give what a courier brought with --cosigned")
        }
    }

    var answers: [JSONValue] {
        witnesses.map { witness in
            .object([
                ("name", .text(witness.name)),
                ("size", latest[witness].map { .number(Int(clamping: $0.checkpoint.size)) } ?? .nothing),
                ("time", latest[witness].map { .number(Int(clamping: $0.time)) } ?? .nothing),
            ])
        }
    }
}
