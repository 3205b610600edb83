// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente keygen log`: the key that signs one audit log.
struct LogKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Make the key of an audit log.",
        discussion: """
            Writes the secret key to a new file that only its owner can read, and prints the public key, which verifies \
            the log and copies of it. One key signs one log only. Without such a key the gateway makes one at its first start.
            """)

    @Option(help: "Where to write the secret key. A file that is there is never overwritten.")
    var out: String

    @Option(help: "The log's name, which nobody else may use: as `gateway.example.org/audit`.")
    var name: String

    func run() throws {
        guard let made = try? LogKey.generate(name: name) else {
            throw ValidationError(
                "`\(name)` is no name of a log; nothing is written; use a host name and a path, without spaces and `+`")
        }
        var line = made.line
        defer { for index in line.indices { line[index] = 0 } }
        try SecretFile.create(out, line)
        print(made.key.publicKey)
    }
}
