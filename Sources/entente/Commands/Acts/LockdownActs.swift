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
        try ActFile.create(act, at: file)
        let need =
            status.isTrue("unsigned") ? 0 : status.number(act.isOn ? "tighten_needs" : "loosen_needs", of: profile) ?? 0
        let missing = Int(need) - act.signatures.count
        Terminal.say("\(file) is written; nothing is changed yet")
        if missing > 0 {
            Terminal.say(
                "\(missing) more officer\(missing == 1 ? "" : "s") must sign: `entente lockdown sign \(file) --officer-key KEY`"
            )
        }
        Terminal.say("then hand it in: `entente lockdown submit \(file)`")
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

    @OptionGroup var signing: LockdownSigning

    func validate() throws {
        if signing.keys.isEmpty { throw ValidationError("missing expected option `--officer-key`") }
    }

    func run() throws {
        let act = try signing.sign(try ActFile.read(file))
        do throws(WholeFile.Failure) {
            try WholeFile.put(act.bytes, at: file)
        } catch {
            throw Ending.cannotRun("\(error.description); nothing was signed; see to the directory and its rights")
        }
        let names = act.signatures.map(\.officer).sorted().map(\.text)
        Terminal.say(
            "\(file) is signed by \(names.joined(separator: ", ")); hand it in: `entente lockdown submit \(file)`")
    }
}

/// `entente lockdown submit FILE`: hands an act in.
struct LockdownSubmit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Hand in an act that officers have signed.")

    @Argument(help: "The act.")
    var file: String

    @OptionGroup var node: NodeOption

    func run() throws { try Self.submit(try ActFile.read(file), try node.connection()) }

    static func submit(_ act: LockdownAct, _ connection: ControlConnection) throws {
        let answer = try connection.ask(.lockdown(act))
        for warning in answer.texts("warnings") { Terminal.complain("warning: \(warning)") }
        let signers = answer.texts("signed_by")
        let signed =
            answer.isTrue("unsigned")
            ? "nobody signed: this node asks for no signatures" : "signed by \(signers.joined(separator: ", "))"
        let lockdown = answer.member("lockdown", of: answer.root)
        Terminal.say(
            act.isOn
                ? "IN FORCE: \(act.lockdown.text), until \(answer.text("until", of: lockdown)); \(signed)"
                : "ended: \(act.lockdown.text); \(signed)")
    }
}

/// Acts as files.
private enum ActFile {
    static func read(_ path: String) throws -> LockdownAct {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: LockdownAct.maxBytes)
        } catch {
            throw Ending.cannotRun("\(error); nothing was changed; name an act made with `--act FILE`")
        }
        do throws(PolicySignatures.Malformed) {
            return try LockdownAct(parsing: bytes)
        } catch {
            throw Ending.cannotRun(
                "\(path)\(error.line > 0 ? ":\(error.line)" : ""): \(error.what); nothing was changed; "
                    + "name an act made with `--act FILE`")
        }
    }

    /// An act that lies there already may have been signed: it is not replaced.
    static func create(_ act: LockdownAct, at path: String) throws {
        do throws(SecretFile.Failure) {
            try SecretFile.create(path, act.bytes)
        } catch {
            throw Ending.cannotRun(error.description.replacing("no key was made", with: "nothing was changed"))
        }
    }
}
