// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// `entente keygen officer`: a key with which an officer signs policies.
struct OfficerKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "officer",
        abstract: "Make an officer's key for signing policies.",
        discussion: """
            Writes the key to a new file that only its owner can read, its secret part under a pass-phrase, and prints \
            the public key as `policy.officers` of a node's configuration pins it: name, colon, key.
            """)

    @Option(help: ArgumentHelp("Where to write the key. A file that is there is never overwritten.", valueName: "file"))
    var out: String

    @Option(help: "The officer's name. Without it, that of the file: `officer-a` for `keys/officer-a.key`.")
    var name: String?

    @OptionGroup var passphrase: PassphraseOptions

    func run() throws {
        let name = self.name ?? Self.stem(out)
        guard let officer = OfficerName(name) else {
            throw ValidationError(
                "\(quoted(name)) cannot name an officer; no key was made; give `--name`, a lower-case letter and then "
                    + "lower-case letters, digits, `_` and `-`, at most 40")
        }
        let secret = try passphrase.ofNewKey()
        guard let key = OfficerKeyFile(generatingFor: officer, under: secret) else {
            Terminal.complain("\(out): there are no 256 MiB of memory; no key was made; make it on another machine")
            throw Ending.refused
        }
        do {
            try SecretFile.create(out, key.bytes)
        } catch {
            Terminal.complain("\(error)")
            throw Ending.refused
        }
        Terminal.say("\(officer.text): \(key.publicKey.base64)")
    }

    /// A file's name without directories and what follows its first dot.
    private static func stem(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }
}
