// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente keygen witness`: the key with which a witness cosigns.
struct WitnessKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Make the key of a witness.",
        discussion: """
            Writes the secret key to a new file that only its owner can read, and prints the public key, by which logs and \
            auditors know the witness.
            """)

    @Option(help: "Where to write the secret key. A file that is there is never overwritten.")
    var out: String

    @Option(help: "The witness's name, which nobody else may use: as `witness.example.org/w1`.")
    var name: String

    func run() throws {
        guard let made = try? WitnessKey.generate(name: name) else {
            throw ValidationError(
                "`\(name)` is no name of a witness; nothing is written; use a host name and a path, without spaces and `+`"
            )
        }
        var line = made.line
        defer { for index in line.indices { line[index] = 0 } }
        try SecretFile.create(out, line)
        print(made.key.publicKey)
    }
}
