// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import MatrixFederation
internal import PolicyEngine

/// `entente keygen auditor`: a key with which an auditor opens what records hold sealed.
struct AuditorKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auditor",
        abstract: "Make an auditor's key for opening sealed records.",
        discussion: """
            Writes the key to a new file that only its owner can read, its secret part under a pass-phrase, and prints \
            the public key as `audit.seal_to` of a policy names it. With `--split` two files each hold a share, under a \
            pass-phrase of its own: opening takes both, and one of them tells nothing. Without the key nobody can open \
            what was sealed to it: keep copies of the files.
            """)

    @Option(help: ArgumentHelp("Where to write the key. A file that is there is never overwritten.", valueName: "file"))
    var out: String

    @Option(
        help: ArgumentHelp(
            "Write the second of two shares there, and the first to `--out`: two persons are needed.", valueName: "file"
        ))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "Read the pass-phrase from a file with mode 0600, instead of asking for it; with `--split` given twice.",
            valueName: "file"))
    var passphraseFile: [String] = []

    func validate() throws {
        let shares = split == nil ? 1 : 2
        guard passphraseFile.isEmpty || passphraseFile.count == shares else {
            throw ValidationError("`--passphrase-file` is given \(shares == 1 ? "once" : "twice, for each share")")
        }
        guard split != out else { throw ValidationError("the two shares need files of their own") }
    }

    func run() throws {
        guard let key = AuditorKey.generate() else { throw refused("\(out): no memory for a key") }
        guard let split else {
            try write(key.secret, .whole, of: key, to: out, passphraseFile.first)
            return Terminal.say(key.recipient.text)
        }
        guard let shares = key.shares else { throw refused("\(out): no memory for a key") }
        try write(shares.first, .first, of: key, to: out, passphraseFile.first)
        do {
            try write(shares.second, .second, of: key, to: split, passphraseFile.last)
        } catch {
            // Of no use alone.
            unsafe unlink(out)
            throw error
        }
        Terminal.say(key.recipient.text)
    }

    private func write(
        _ secret: SecretKey, _ part: AuditorKeyFile.Part, of key: AuditorKey, to path: String, _ passphraseFile: String?
    ) throws {
        let name = part == .whole ? "the new key" : "share \(part.rawValue), \(path)"
        let passphrase = try PassphraseOptions.ofNewKey(name, from: passphraseFile)
        guard let file = AuditorKeyFile(secret, part, of: key.recipient, under: passphrase) else {
            throw refused("\(path): there are no 256 MiB of memory")
        }
        do {
            try SecretFile.create(path, file.bytes)
        } catch {
            Terminal.complain("\(error)")
            throw Ending.refused
        }
    }

    private func refused(_ why: String) -> ExitCode {
        Terminal.complain("\(why); no key was made; make it on another machine")
        return Ending.refused
    }
}
