// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import MatrixFederation
internal import PolicyEngine

/// `entente activate`: puts a signed policy where the gateway reads it, if the gateway would take it.
struct Activate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install a policy for the gateway's next reload.",
        discussion: """
            Asks what the gateway asks: does the policy compile, did enough officers sign these very bytes, is its \
            serial above the last one in force, do `previous` and its dates fit. If so, puts the policy and \
            its signatures where the configuration says, each in one step; else changes nothing, prints every reason and \
            ends with 1. The gateway takes it up at SIGHUP, and asks all of it again.
            """)

    @Argument(help: "The policy, with its signatures beside it in `POLICY.sigs`.")
    var policy: String

    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config: String

    @Flag(help: "Only say whether the gateway would take it; change nothing.")
    var dryRun = false

    private static let meanwhile = "nothing was changed"

    func run() throws {
        do {
            try activate()
        } catch let error as StartFailure {
            Terminal.complain(error.description)
            throw Ending.refused
        } catch let error as ConfigurationErrors {
            Terminal.complain(error.description)
            throw Ending.refused
        } catch let error as FileBytes.Failure {
            Terminal.complain("\(error); \(Self.meanwhile); check the path and the rights of the file")
            throw Ending.refused
        } catch let error as WholeFile.Failure {
            Terminal.complain(
                "\(error.description); the policy was not installed; run this as a user who may write there")
            throw Ending.refused
        }
    }

    private func activate() throws {
        let configuration = try Configuration.load(config)
        let offer = try PolicyOffer(
            reading: policy, at: configuration.policyFile, for: configuration, meanwhile: Self.meanwhile)
        let floor = try FloorStore(directory: configuration.auditDirectory).floor(meanwhile: Self.meanwhile)
        for line in offer.description { Terminal.say(line) }
        let accepted = try offer.accepted(for: configuration, floor: floor)
        let lockdowns = try LockdownStore(directory: configuration.auditDirectory).written(meanwhile: Self.meanwhile)
        try Node.refuseUnknown(lockdowns, in: offer.policy, meanwhile: Self.meanwhile)
        for warning in offer.policy.warnings + accepted.warnings { Terminal.complain("warning: \(warning)") }
        switch configuration.policy.trust {
        case .unsigned: Terminal.say("not signed: this node takes unsigned policies")
        case .officers(let quorum):
            Terminal.say("signed by \(accepted.signers.map(\.text).joined(separator: ", ")); \(quorum.need) must sign")
        }
        switch floor {
        case .some(let floor) where floor.isOf(offer.policy): Terminal.say("it was in force last, and may be again")
        case .some(let floor): Terminal.say("follows serial \(floor.serial), sha256 \(floor.sha256.hex)")
        case .none: Terminal.say("the first policy of this node")
        }
        let place = configuration.policyFile
        let next =
            floor == nil
            ? "to put it in force: `systemctl start entente`, or `entente serve`"
            : "to put it in force: `systemctl reload entente`, or send SIGHUP to the gateway"
        if dryRun {
            Terminal.say("the gateway would take it; nothing was changed")
        } else if WholeFile.isSame(policy, place) {
            Terminal.say("\(place) is this file already")
            Terminal.say(next)
        } else {
            try install(offer, at: place, configuration)
            Terminal.say("installed as \(place)")
            Terminal.say(next)
        }
    }

    /// Signatures first, those of the policy that lies there kept: whenever the gateway reads, it finds a policy with its
    /// signatures.
    private func install(_ offer: PolicyOffer, at place: String, _ configuration: Configuration) throws {
        if case .officers = configuration.policy.trust, case .read(let offered) = offer.evidence {
            var signatures = offered
            if let installed = try? PolicyOffer(reading: place, for: nil, meanwhile: Self.meanwhile),
                case .read(let old) = installed.evidence
            {
                signatures = .union(old, installed.policy.serial, offered, offer.policy.serial)
            }
            try WholeFile.put(signatures.bytes, at: PolicyOffer.signatureFile(of: place))
        }
        try WholeFile.put(offer.bytes, at: place)
    }
}
