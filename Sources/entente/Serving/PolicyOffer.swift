// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// A policy with the signatures beside it, each file read once: what is checked, compiled and installed are these bytes.
struct PolicyOffer: Sendable {
    let loaded: LoadedPolicy
    let evidence: ActivationCheck.Evidence
    /// What is done while it is not taken, for messages.
    let meanwhile: String

    var file: String { loaded.path }
    var bytes: [UInt8] { loaded.bytes }
    var policy: Policy { loaded.policy }
    var signatureFile: String { Self.signatureFile(of: file) }

    static func signatureFile(of policyFile: String) -> String { policyFile + ".sigs" }

    /// - Throws: `StartFailure` if the policy cannot be read or does not compile.
    ///
    /// - Parameters:
    ///   - place: where it will lie, if that is elsewhere: the lists that it names are looked for beside that.
    ///   - configuration: of the node that it is offered to.
    init(reading file: String, at place: String? = nil, for configuration: Configuration?, meanwhile: String) throws {
        self.meanwhile = meanwhile
        loaded = try PolicyFile.load(file, at: place, for: configuration, meanwhile: meanwhile)
        evidence = Self.evidence(besides: file)
    }

    /// What is wrong with it on a node, and who signed it.
    ///
    /// - Parameter floor: the policy that was in force last.
    func check(
        for configuration: Configuration, floor: PolicyFloor?, now: Timestamp = WallClock.system.now
    ) -> ActivationCheck {
        ActivationCheck(
            policy, evidence, signatureFile: signatureFile,
            ActivationCheck.Facts(trust: configuration.policy.trust, floor: floor, now: now), meanwhile: meanwhile)
    }

    /// The same, all that is wrong as messages.
    func refusals(_ check: ActivationCheck, for configuration: Configuration) -> [String] {
        let foreign = configuration.homeservers.filter { !policy.isOwn($0.serverName) }.map { homeserver in
            "\(file): `\(homeserver.serverName.text)` is not under `self.servers`; \(meanwhile); "
                + "add it to the policy or take it out of `homeservers`"
        }
        let networks = NodeNetworks(policy: policy, configuration: configuration).faults(meanwhile: meanwhile)
        let sinks = NodeSinks(policy: policy, settings: configuration.sinks).faults(
            policyFile: file, meanwhile: meanwhile)
        return foreign + networks + sinks + check.refusals.map(\.description)
    }

    /// - Throws: `StartFailure` with everything that keeps it out of force.
    func accepted(for configuration: Configuration, floor: PolicyFloor?) throws -> ActivationCheck {
        let check = check(for: configuration, floor: floor)
        let refusals = refusals(check, for: configuration)
        guard refusals.isEmpty else {
            let notes = check.warnings.map(\.description)
            throw StartFailure(description: (refusals + notes).joined(separator: "\n"))
        }
        return check
    }

    /// A file that is there and cannot be read is no missing file: that is said. It counts for as much.
    static func evidence(besides file: String) -> ActivationCheck.Evidence {
        let path = signatureFile(of: file)
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: PolicySignatures.maxBytes)
        } catch {
            if case .cannotOpen(_, let reason) = error, reason == FileBytes.noSuchFile { return .missing }
            return .malformed(MalformedLines(line: 0, what: "\(error)"))
        }
        do throws(MalformedLines) {
            return .read(try PolicySignatures(parsing: bytes))
        } catch {
            return .malformed(error)
        }
    }
}

extension FloorStore {
    /// - Throws: `StartFailure`.
    func floor(meanwhile: String) throws -> PolicyFloor? {
        do throws(Fault) {
            return try read()
        } catch {
            throw StartFailure(description: "\(error.description); \(meanwhile); \(error.todo)")
        }
    }
}
