// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// Where an act goes: to the gateway, or into a file for others to sign.
struct ActOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the act there instead of handing it in, for another officer to sign.", valueName: "file"))
    var act: String?

    func finish(
        _ act: LockdownAct, _ status: JSONDocument, _ profile: JSONDocument.Node, _ connection: ControlConnection
    ) throws {
        guard let file = self.act else { return try LockdownSubmit.submit(act, connection) }
        let need =
            status.isTrue("unsigned") ? 0 : status.number(act.isOn ? "tighten_needs" : "loosen_needs", of: profile) ?? 0
        try act.create(at: file, need: need)
    }
}

/// `entente lockdown sign FILE`: an officer's signature under an act, anywhere.
struct LockdownSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign an act that another officer has made.",
        discussion:
            "Needs no gateway: says what the act does, asks for the pass-phrase, puts the signature into the file.")

    @Argument(help: "The act, made with `--act FILE`.")
    var file: String

    @OptionGroup var signing: ActSigning

    func validate() throws {
        if signing.keys.isEmpty { throw ValidationError("missing expected option `--officer-key`") }
    }

    func run() throws { try LockdownAct.sign(file, signing) }
}

/// `entente lockdown submit FILE`: hands an act in.
struct LockdownSubmit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Hand in an act that officers have signed.")

    @Argument(help: "The act.")
    var file: String

    @OptionGroup var node: NodeOption

    func run() throws { try Self.submit(try LockdownAct(readingFrom: file), try node.connection()) }

    static func submit(_ act: LockdownAct, _ connection: ControlConnection) throws {
        let answer = try connection.ask(.lockdown(act))
        for warning in answer.texts("warnings") { Terminal.complain("warning: \(warning)") }
        let lockdown = answer.member("lockdown", of: answer.root)
        Terminal.say(
            act.isOn
                ? "IN FORCE: \(act.lockdown.text), until \(answer.text("until", of: lockdown)); \(answer.signedBy)"
                : "ended: \(act.lockdown.text); \(answer.signedBy)")
    }
}

extension LockdownAct: FiledAct {
    static let command = "lockdown"
    static let noun = "an act"

    var description: [String] {
        let change =
            switch change {
            case .on(let number, let seconds):
                "puts \(lockdown.text) in force for \(LockdownTime.text(.seconds(seconds))), act number \(number)"
            case .off(let lifts): "ENDS \(lockdown.text), which act number \(lifts) put in force"
            }
        return [
            "this act, on node \(node), \(change); to be handed in before \(StrictDate.text(handInBefore))",
            "signed by \(signatures.isEmpty ? "nobody yet" : names)",
        ]
    }
}
