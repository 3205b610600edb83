// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Glibc

/// `entente audit export`: records with their proofs, for somebody else.
struct AuditExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write records with their proofs into a directory for a CERT.",
        discussion: """
            The directory holds each record as a line, a proof of each, the signed checkpoint, the public key, and a \
            README that says how to check them. It must not be there yet. Ends with 0, with 1 if a record cannot be \
            proved, with 2 if something cannot be read or written.
            """)

    @OptionGroup var options: LogOptions

    @Option(help: ArgumentHelp("The directory to be made.", valueName: "dir"))
    var incident: String

    @Option(help: ArgumentHelp("The numbers of the records, as 4711-4723 or 4711; 10000 at most.", valueName: "a-b"))
    var seq: String

    private static let limit: UInt64 = 10_000

    func run() throws {
        let range = try Self.range(seq)
        let (key, isFromLog) = try options.noteKey()
        let files = LogDirectory(options.log)
        guard unsafe mkdir(incident, 0o700) == 0 else {
            throw Ending.cannotRun(
                "\(incident): it cannot be made, \(unsafe String(cString: strerror(errno))); nothing was written; name a directory that is not there yet"
            )
        }
        try make("\(incident)/proofs")
        var lines: [UInt8] = []
        var note: [UInt8] = []
        for number in range {
            let proof: RecordProof
            do throws(StoreFailure) {
                proof = try RecordProof(number, in: files, key: key)
            } catch {
                Terminal.complain(
                    "\(options.log)/\(visible(error.description)); \(incident) is not whole; `entente audit verify` says more"
                )
                throw Ending.refused
            }
            lines += proof.record + [0x0A]
            note = proof.checkpointNote
            try write(proof.text, "proofs/\(number).tlog-proof")
        }
        try write(lines, "records.jsonl")
        try write(note, "checkpoint")
        try write(Array("\(key.description)\n".utf8), "verifier-key")
        try write(Array(Self.readme(range, key).utf8), "README")
        Terminal.say("\(incident): \(range.count) records with proofs")
        if isFromLog { Terminal.say("proved with the key in the directory; --key names one that you trust") }
    }

    private static func range(_ text: String) throws -> ClosedRange<UInt64> {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
        guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1], first >= 1,
            last >= first, last - first < limit
        else {
            throw ValidationError("`--seq` is a number or two, as `4711-4723`, and spans \(limit) records at most")
        }
        return first...last
    }

    private func make(_ path: String) throws {
        guard unsafe mkdir(path, 0o700) != 0 else { return }
        throw Ending.cannotRun("\(path): it cannot be made, \(unsafe String(cString: strerror(errno)))")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        let path = "\(incident)/\(name)"
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        var rest = bytes[...]
        while file >= 0, !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            rest = rest.dropFirst(count)
        }
        let isWritten = file >= 0 && rest.isEmpty
        let failure = errno
        if file >= 0 { close(file) }
        guard isWritten else {
            throw Ending.cannotRun(
                "\(path): it cannot be written, \(unsafe String(cString: strerror(failure))); \(incident) is not whole; see to space and rights, and name a new directory"
            )
        }
    }

    private static func readme(_ range: ClosedRange<UInt64>, _ key: NoteKey) -> String {
        """
        Records \(range.lowerBound) to \(range.upperBound) of the audit log \(visible(key.name))

        records.jsonl         one record a line, canonical JSON
        proofs/N.tlog-proof   record N with the proof that it is in the log (C2SP tlog-proof)
        checkpoint            what the log's key signed: number of records and root (C2SP tlog-checkpoint)
        verifier-key          the log's public key

        The key in this directory proves nothing by itself: compare it with the one that the log's owner published.
        Then, for each proof:

            entente audit check proofs/\(range.lowerBound).tlog-proof --key VKEY

        or with any reader of tlog-proof; the bytes are specified in Entente's docs/audit-format.md. That no record lies
        between these is proved by their numbers. Records hold names of servers, and references in the place of rooms and
        events; treat them as the agreement with the sender says.

        """
    }
}
