// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import MatrixFederation

/// `entente keygen …`: makes keys.
struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys.",
        subcommands: [SigningKeygen.self, OfficerKeygen.self, AuditorKeygen.self, LogKeygen.self, WitnessKeygen.self])
}

/// `entente keygen signing`: a Matrix signing key in the form of a homeserver's key file.
struct SigningKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signing",
        abstract: "Make a Matrix signing key.",
        discussion: """
            Writes the secret key to a new file that only its owner can read, in the form that homeservers use \
            (`ed25519 ID SEED`), and prints the public key as a policy pins it: key id, space, key.
            """)

    @Option(help: "Where to write the secret key. A file that is there is never overwritten.")
    var out: String

    @Option(help: "The key's id, without `ed25519:`: letters, digits and `_`. Random without it.")
    var id: String?

    func run() throws {
        let version = id ?? Self.randomVersion()
        guard let keyID = try? KeyID("ed25519:\(version)") else {
            throw ValidationError("`\(version)` is no key id; nothing is written; use letters, digits and `_`")
        }
        let key = try SigningKey.generate(keyID: keyID)
        var line = key.fileLine()
        defer { for index in line.indices { line[index] = 0 } }
        try SecretFile.create(out, line)
        print("\(keyID.text) \(key.verifyKey.base64)")
    }

    /// `a_` and six letters, as homeservers name theirs.
    private static func randomVersion() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return "a_" + String((0..<6).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}
