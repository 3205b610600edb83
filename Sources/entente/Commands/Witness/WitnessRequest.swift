// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente witness request`: what a courier carries to a witness that the network does not reach.
struct WitnessRequest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Make a request that a courier carries to a witness.",
        discussion: """
            Prints the log's checkpoint with the proof that it continues the one that the witness knows: the body of \
            `add-checkpoint`, which `entente witness sign` reads. Nothing of the records is in it.
            """)

    @OptionGroup var options: LogOptions

    @Option(
        help: ArgumentHelp(
            "How many records the witness knows; 0 at the first time. `entente witness sign` says it when it is another.",
            valueName: "size"))
    var old: UInt64 = 0

    func run() throws {
        let (key, _) = try options.noteKey()
        let files = LogDirectory(options.log)
        do throws(AddCheckpoint.Fault) {
            let request = try AddCheckpoint(old: old, note: AddCheckpoint.note(files), key: key, in: files)
            Terminal.hand(out: request.bytes)
        } catch {
            Terminal.complain("\(options.log): \(error); no request was made; verify the log, and ask the witness")
            if case .ahead = error { throw Ending.refused }
            throw Ending.cannotRun
        }
    }
}

/// `entente witness keep`: what the courier brought back.
struct WitnessKeep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Put cosignatures under the checkpoint that a courier carried.",
        discussion: """
            Checks the cosignatures, and prints the checkpoint with them: a saved checkpoint that `entente audit verify \
            --cosigned` takes. Ends with 1 if the witness's line is missing or wrong.
            """)

    @OptionGroup var options: LogOptions

    @Option(help: ArgumentHelp("The witness's public key, or a file with it.", valueName: "vkey"))
    var witness: [String]

    @Argument(help: "The request that was carried, or a checkpoint that was kept before.")
    var request: String

    @Argument(help: "The lines that came back.")
    var lines: String

    func run() throws {
        let (key, _) = try options.noteKey()
        let witnesses = try witness.map { try CosignerKey.read($0) }
        let carried: [UInt8]
        let answer: [UInt8]
        do throws(FileBytes.Failure) {
            carried = try FileBytes.read(request, limit: SignedNote.byteLimit)
            answer = try FileBytes.read(lines, limit: SignedNote.byteLimit)
        } catch {
            throw Ending.cannotRun("\(error); nothing was kept; name the request, then the lines that came back")
        }
        let note = (try? AddCheckpoint(parsing: carried))?.note ?? carried
        guard var cosigned = try? CosignedCheckpoint(note, of: key) else {
            throw Ending.cannotRun(
                "\(request): it has no checkpoint of this log; nothing was kept; name the request that was carried")
        }
        for witness in witnesses {
            guard let cosignature = cosigned.cosignature(in: answer, by: witness), cosigned.add(cosignature) else {
                Terminal.complain(
                    "\(lines): no cosignature of \(witness.name) over this checkpoint; nothing was kept; ask it again")
                throw Ending.refused
            }
        }
        Terminal.hand(out: cosigned.note.bytes)
    }
}
