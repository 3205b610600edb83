// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// The keys that an act is signed with, on this machine.
struct ActSigning: ParsableArguments {
    @Option(
        name: .customLong("officer-key"),
        help: ArgumentHelp(
            "Sign with this key, made by `entente keygen officer`; several may be given.", valueName: "file"))
    var keys: [String] = []

    @OptionGroup var passphrase: PassphraseOptions

    private static let meanwhile = "nothing was changed"

    /// - Throws: what the command ends with, after it has said why.
    func sign<Act: FiledAct>(_ act: Act) throws -> Act {
        var act = act
        guard !keys.isEmpty else { return act }
        // What is signed is read before the pass-phrase is typed.
        for line in act.description { Terminal.complain(line) }
        for key in keys {
            let file = try OfficerKeyFile.read(key, meanwhile: Self.meanwhile)
            guard let signingKey = file.unlock(with: try passphrase.ofKey(key)) else {
                Terminal.complain(
                    "\(key): does not open; \(Self.meanwhile); the pass-phrase is wrong, or the file was altered")
                throw Ending.refused
            }
            let message = act.message
            let signature = signingKey.signature(of: message.span)
            guard file.publicKey.isValid(signature: signature, of: message) else {
                Terminal.complain("\(key): made no valid signature; \(Self.meanwhile); try another machine")
                throw Ending.refused
            }
            act.put(signature, by: file.name)
        }
        return act
    }
}
