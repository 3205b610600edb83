// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// `entente sign`: an officer's signature beside a policy.
struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign a policy as an officer.",
        discussion: """
            Checks the policy, says what is signed, asks for the key's pass-phrase and puts the signature into the file \
            `POLICY.sigs`, a line for each officer. The signature is over the file's very bytes: changing one of them \
            makes it worthless. Signing puts nothing into force: `entente activate` does. With the configuration of a node it \
            says which of the signatures count there.
            """)

    @Argument(help: "The policy.")
    var policy: String

    @Option(help: ArgumentHelp("The officer's key, made by `entente keygen officer`.", valueName: "file"))
    var key: String

    @Option(help: "Sign under this name instead of the key's own, if the node pins the key under it.")
    var name: String?

    @Option(help: ArgumentHelp("The configuration of a node, to say which signatures count there.", valueName: "file"))
    var config: String?

    @OptionGroup var passphrase: PassphraseOptions

    private static let meanwhile = "nothing was signed"

    func run() throws {
        let node = try config.map { try Self.node($0) }
        let offer: PolicyOffer
        do {
            offer = try PolicyOffer(reading: policy, for: nil, meanwhile: Self.meanwhile)
        } catch {
            Terminal.complain("\(error)")
            throw Ending.refused
        }
        var signatures = try signatures(of: offer)
        let keyFile = try OfficerKeyFile.read(key, meanwhile: Self.meanwhile)
        guard let officer = name.map({ OfficerName($0) }) ?? keyFile.name else {
            throw ValidationError("\(quoted(name ?? "")) cannot name an officer")
        }
        for warning in offer.policy.warnings { Terminal.complain("warning: \(warning)") }
        for line in offer.description { Terminal.say(line) }
        guard let signingKey = keyFile.unlock(with: try passphrase.ofKey(key)) else {
            throw refused("\(key): does not open; \(Self.meanwhile); the pass-phrase is wrong, or the file was altered")
        }
        let message = PolicySignatures.message(of: offer.policy)
        let signature = signingKey.signature(of: message.span)
        guard keyFile.publicKey.isValid(signature: signature, of: message) else {
            throw refused("\(key): made no valid signature; \(Self.meanwhile); try another machine")
        }
        signatures.put(signature, by: officer, serial: offer.policy.serial)
        let bytes = signatures.bytes
        guard let written = try? PolicySignatures(parsing: bytes) else {
            throw refused(
                "\(offer.signatureFile): is full; \(Self.meanwhile); remove the lines of older serials from it")
        }
        do throws(WholeFile.Failure) {
            try WholeFile.put(bytes, at: offer.signatureFile)
        } catch {
            throw refused("\(error.description); \(Self.meanwhile); see to the directory and its rights")
        }
        Terminal.say("signed as \(officer.text), public key \(keyFile.publicKey.base64)")
        let names = written.of(serial: offer.policy.serial).map(\.officer).sorted()
        Terminal.say(
            "\(offer.signatureFile) has \(names.count) signature\(names.count == 1 ? "" : "s") of serial "
                + "\(offer.policy.serial): \(names.map(\.text).joined(separator: ", ")); "
                + Self.worth(of: written, offer, on: node))
    }

    /// How many of the signatures count. Without a node nobody knows: the officers' keys are pinned there.
    private static func worth(of signatures: PolicySignatures, _ offer: PolicyOffer, on node: Configuration?) -> String
    {
        guard let node else { return "which of them count, `--config` of a node says" }
        guard case .officers(let quorum) = node.policy.trust else {
            return "\(node.node) takes unsigned policies"
        }
        let count = quorum.count(signatures, of: offer.policy)
        for one in count.discounted {
            let why = Diagnostic(
                file: offer.signatureFile, line: one.line, column: 1, what: one.why, meanwhile: "it does not count",
                todo: one.todo)
            Terminal.complain("warning: \(why)")
        }
        return "\(count.signers.count) of them count\(count.signers.count == 1 ? "s" : "") on \(node.node), where "
            + "\(quorum.need) must sign"
    }

    private static func node(_ file: String) throws -> Configuration {
        do {
            return try Configuration.load(file)
        } catch let error as FileBytes.Failure {
            throw Ending.cannotRun("\(error); \(meanwhile); check the path and the rights of the file")
        } catch {
            throw Ending.cannotRun("\(error)")
        }
    }

    private func signatures(of offer: PolicyOffer) throws -> PolicySignatures {
        switch offer.evidence {
        case .missing: return PolicySignatures()
        case .read(let signatures): return signatures
        case .malformed(let fault):
            let place = fault.line > 0 ? ":\(fault.line)" : ""
            throw refused(
                "\(offer.signatureFile)\(place): \(fault.what); \(Self.meanwhile); correct the line, or remove the file"
            )
        }
    }

    private func refused(_ why: String) -> ExitCode {
        Terminal.complain(why)
        return Ending.refused
    }
}

extension PolicyOffer {
    /// What is signed or put into force, for people to compare.
    var description: [String] {
        let summary = policy.summary
        let validity = policy.validity
        var lines = [
            "policy \(policy.id), serial \(policy.serial), mode \(policy.mode.rawValue): \(summary.servers) "
                + "server\(summary.servers == 1 ? "" : "s"), \(bytes.count) bytes, \(policy.warnings.count) "
                + "warning\(policy.warnings.count == 1 ? "" : "s")",
            "sha256 \(policy.sha256.hex)",
        ]
        if let notBefore = validity.notBefore { lines.append("not before \(StrictDate.text(notBefore))") }
        if let expires = validity.expires {
            lines.append("expires \(StrictDate.text(expires)), then \(validity.onExpiry.rawValue)")
        }
        return lines
    }
}
