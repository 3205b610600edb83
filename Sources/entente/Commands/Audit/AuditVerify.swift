// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Glibc
internal import MatrixFederation

/// `entente audit verify`: whether a log is whole and the one that was signed.
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a whole log against its signed checkpoint.",
        discussion: """
            Reads every record, bundle and tile and the journal, of a log or of a plain copy; needs the public key only. \
            Ends with 0 if all is as it was signed; with 1 if not, and names the first record concerned; with 2 if it \
            cannot be read.
            """)

    @OptionGroup var options: LogOptions

    @Option(
        help: ArgumentHelp(
            "A checkpoint that was kept elsewhere: the log must continue it. May be given several times.",
            valueName: "file"))
    var since: [String] = []

    @Option(
        help: ArgumentHelp(
            "The public key of a witness who must have cosigned, or a file with it. May be given several times.",
            valueName: "vkey"))
    var witness: [String] = []

    @Option(help: ArgumentHelp("How many of them; all without it.", valueName: "number"))
    var need: Int?

    @Option(
        help: ArgumentHelp(
            "A cosigned checkpoint beside the one in the directory, as a courier brought it. May be given several times.",
            valueName: "file"))
    var cosigned: [String] = []

    func validate() throws {
        guard need.map({ (1...max(witness.count, 1)).contains($0) && !witness.isEmpty }) ?? true else {
            throw ValidationError(
                "--need is not between 1 and the number of --witness; nothing was verified; correct it")
        }
    }

    @Flag(help: "Answer as a line of JSON.")
    var json = false

    func run() throws {
        let (key, isFromLog) = try options.noteKey()
        let quorum = try WitnessQuorum(witness, need, in: options.log, cosigned, of: key)
        let saved = try since.map { try Self.checkpoint($0, key) } + quorum.checkpoints
        let outcome: LogVerifier.Outcome
        let isWatched = isatty(STDERR_FILENO) == 1
        do throws(DiskFailure) {
            outcome = try LogVerifier(LogDirectory(options.log), key: key).run(since: saved) { count in
                if isWatched, count % (1 << 18) == 0 { Terminal.complain("\(count) records …") }
            }
        } catch {
            throw Ending.cannotRun(
                "\(options.log): \(error.description); nothing was verified; see to the path and its rights")
        }
        if json {
            Terminal.say(Self.json(outcome, key, isFromLog, quorum).line)
        } else {
            say(outcome, key, isFromLog)
            if outcome.fault == nil { quorum.say() }
        }
        if outcome.fault != nil || !quorum.isMet { throw Ending.refused }
    }

    private static func checkpoint(_ file: String, _ key: NoteKey) throws -> Checkpoint {
        let note: [UInt8]
        do throws(FileBytes.Failure) {
            note = try FileBytes.read(file, limit: SignedNote.byteLimit)
        } catch {
            throw Ending.cannotRun("\(error); nothing was verified; name a saved checkpoint")
        }
        do throws(Checkpoint.Refusal) {
            return try Checkpoint(note: note, signedBy: key)
        } catch {
            throw Ending.cannotRun("\(file): \(error); nothing was verified; name a checkpoint of this log")
        }
    }

    private func say(_ outcome: LogVerifier.Outcome, _ key: NoteKey, _ isFromLog: Bool) {
        if let fault = outcome.fault {
            Terminal.complain(
                "\(options.log)/\(fault.description); the log is not what was signed; "
                    + "keep this copy as evidence, and compare it with another one or with saved checkpoints")
            return
        }
        let size = outcome.checkpoint?.size ?? 0
        Terminal.say("\(options.log): \(outcome.verified) of \(size) records are those that \(key.name) signed")
        if outcome.behind > 0 { Terminal.say("\(outcome.behind) more are in the journal, not yet signed") }
        if outcome.tornBytes > 0 { Terminal.say("\(outcome.tornBytes) bytes of an unfinished write follow") }
        if isFromLog { Terminal.say("checked with the key in the directory; --key names one that you trust") }
    }

    private static func json(
        _ outcome: LogVerifier.Outcome, _ key: NoteKey, _ isFromLog: Bool, _ quorum: WitnessQuorum
    ) -> JSONValue {
        let fault = outcome.fault.map { fault in
            JSONValue.object([
                ("file", .text(fault.file)), ("what", .text(fault.kind.rawValue)),
                ("record", fault.sequence.map { .number(Int(clamping: $0)) } ?? .nothing),
                ("up_to", fault.upTo.map { .number(Int(clamping: $0)) } ?? .nothing),
                ("offset", fault.offset.map { .number($0) } ?? .nothing),
            ])
        }
        return .object([
            ("verified", .truth(outcome.fault == nil && quorum.isMet)),
            ("origin", .text(key.name)),
            ("key_from_log", .truth(isFromLog)),
            ("size", outcome.checkpoint.map { .number(Int(clamping: $0.size)) } ?? .nothing),
            ("root", outcome.checkpoint.map { .text($0.root.hex) } ?? .nothing),
            ("records", .number(Int(clamping: outcome.verified))),
            ("not_yet_signed", .number(Int(clamping: outcome.behind))),
            ("torn_bytes", .number(outcome.tornBytes)),
            ("fault", fault ?? .nothing),
            ("cosigned_records", quorum.size.map { .number(Int(clamping: $0)) } ?? .nothing),
            ("witnesses", .list(quorum.answers)),
        ])
    }
}
