// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Whether a policy that compiled may come into force on a node, with every reason why not.
///
/// Pure: who runs the gateway and who runs `entente activate` get the same answer for the same facts.
package struct ActivationCheck: Sendable {
    /// The signatures that lie beside a policy. Missing, empty and unreadable come to the same: nobody signed. AC-100.
    package enum Evidence: Sendable {
        case missing
        case malformed(MalformedLines)
        case read(PolicySignatures)
    }

    /// What a node knows when it is asked.
    package struct Facts: Sendable {
        package let trust: PolicyTrust
        /// The policy that was in force last; `nil` on a node that never had one.
        package let floor: PolicyFloor?
        package let now: Timestamp

        package init(trust: PolicyTrust, floor: PolicyFloor?, now: Timestamp) {
            self.trust = trust
            self.floor = floor
            self.now = now
        }
    }

    /// Who signed it, sorted; empty on a node that takes unsigned policies.
    package private(set) var signers: [OfficerName] = []
    /// Empty: it may come into force.
    package private(set) var refusals: [Diagnostic] = []
    /// What is wrong and does not keep it out.
    package private(set) var warnings: [Diagnostic] = []

    private let policy: Policy
    private let signatureFile: String
    private let meanwhile: String

    /// - Parameters:
    ///   - signatureFile: how messages call the file of signatures.
    ///   - meanwhile: what happens instead, for messages.
    package init(
        _ policy: Policy, _ evidence: Evidence, signatureFile: String, _ facts: Facts, meanwhile: String
    ) {
        self.policy = policy
        self.signatureFile = signatureFile
        self.meanwhile = meanwhile
        checkDates(facts)
        checkSerial(facts)
        checkPrevious(facts.floor)
        switch facts.trust {
        case .unsigned: checkUnsigned()
        case .officers(let quorum): checkSignatures(evidence, quorum)
        }
    }

    private mutating func checkDates(_ facts: Facts) {
        let terms = policy.compiled.terms
        if let notBefore = terms.notBefore, facts.now < notBefore.value {
            refuse(
                at: notBefore.place,
                "the policy may not be in force before \(StrictDate.text(notBefore.value)), and it is "
                    + StrictDate.text(facts.now), todo: "come back then, or set the clock if it is wrong")
        }
        // One that was in force and has expired meanwhile may stay, as what `on_expiry` leaves of it.
        if let expires = terms.expires, facts.now >= expires.value, facts.floor?.isOf(policy) != true {
            refuse(
                at: expires.place, "the policy expired at \(StrictDate.text(expires.value))",
                todo: "write a later date and a higher `serial`, and let it be signed")
        }
    }

    private mutating func checkSerial(_ facts: Facts) {
        guard let floor = facts.floor, !floor.isOf(policy), policy.serial <= floor.serial else { return }
        let what =
            policy.serial == floor.serial
            ? "serial \(policy.serial) was in force with other content (sha256 \(floor.sha256.hex))"
            : "serial \(policy.serial) is older than \(floor.serial), which was in force on this node"
        if case .unsigned = facts.trust {
            warnings.append(
                diagnostic(
                    .wholeFile, what, "it is taken all the same, as this node takes unsigned policies",
                    "raise `serial` with every change"))
        } else {
            refuse(at: .wholeFile, what, todo: "write a serial above \(floor.serial) and let it be signed")
        }
    }

    private mutating func checkPrevious(_ floor: PolicyFloor?) {
        guard let previous = policy.compiled.terms.previous, let floor, !floor.isOf(policy),
            previous.value != floor.sha256
        else { return }
        refuse(
            at: previous.place,
            "the policy follows one with sha256 \(previous.value.hex), and in force on this node was serial "
                + "\(floor.serial) with sha256 \(floor.sha256.hex)",
            todo: "activate the one in between first, or write `previous: sha256:\(floor.sha256.hex)`")
    }

    /// A quorum that nobody can check would be ignored silently.
    private mutating func checkUnsigned() {
        guard let quorum = policy.compiled.terms.quorum else { return }
        refuse(
            at: quorum.need.place, "the policy asks for a quorum and this node pins no officers",
            todo: "name `officers` and `need` in the configuration instead of `unsigned: accepted`")
    }

    private mutating func checkSignatures(_ evidence: Evidence, _ quorum: OfficerQuorum) {
        let asked = policy.compiled.terms.quorum
        if let asked { checkAsked(asked, quorum) }
        switch evidence {
        case .missing: refuseSignatures(0, "there are no signatures")
        case .malformed(let fault): refuseSignatures(fault.line, "no signature counts: \(fault.what)")
        case .read(let signatures):
            let count = quorum.count(signatures, of: policy)
            signers = count.signers
            for one in count.discounted {
                let place = YAMLPlace(line: one.line, column: 1)
                warnings.append(
                    diagnostic(place, one.why, "it does not count", one.todo, file: signatureFile))
            }
            let others = Set(signatures.entries.map(\.serial)).subtracting([policy.serial]).sorted()
            if signers.isEmpty, count.discounted.isEmpty, let other = others.last {
                refuseSignatures(0, "there are no signatures of serial \(policy.serial), only of \(other)")
                return
            }
            let counted = signers.isEmpty ? "nobody" : quotedList(signers.map(\.text), conjunction: "and")
            if signers.count < quorum.need {
                refuseSignatures(0, "\(quorum.need) officers must sign, and \(counted) did")
            }
            guard let asked, asked.need.value > quorum.need || asked.officers.count < quorum.officers.count else {
                return
            }
            let named = Set(asked.officers.map(\.value))
            if signers.count(where: named.contains) < asked.need.value {
                refuseSignatures(
                    0,
                    "the policy wants \(asked.need.value) of "
                        + "\(quotedList(named.sorted().map(\.text), conjunction: "and")) to sign, and \(counted) did")
            }
        }
    }

    /// The policy may only ask for more than the node.
    private mutating func checkAsked(_ asked: PolicyTerms.Quorum, _ quorum: OfficerQuorum) {
        if asked.need.value < quorum.need {
            refuse(
                at: asked.need.place,
                "the policy's quorum of \(asked.need.value) is below this node's, \(quorum.need)",
                todo: "write \(quorum.need) or more")
        }
        for officer in asked.officers where quorum.officers[officer.value] == nil {
            refuse(
                at: officer.place,
                "\(quoted(officer.value.text)) of the policy's quorum is not an officer of this node",
                todo:
                    "name one of \(quotedList(quorum.officers.keys.sorted().map(\.text))), or pin their key on the node"
            )
        }
    }

    // MARK: Messages

    private mutating func refuse(at place: YAMLPlace, _ what: String, todo: String) {
        refusals.append(diagnostic(place, what, meanwhile, todo))
    }

    private mutating func refuseSignatures(_ line: Int, _ what: String) {
        let place = line > 0 ? YAMLPlace(line: line, column: 1) : .wholeFile
        refusals.append(
            diagnostic(
                place, what, meanwhile, "let officers sign this very file with `entente sign`", file: signatureFile))
    }

    private func diagnostic(
        _ place: YAMLPlace, _ what: String, _ meanwhile: String, _ todo: String, file: String? = nil
    ) -> Diagnostic {
        Diagnostic(
            file: file ?? policy.compiled.file, line: place.line, column: place.column, what: what,
            meanwhile: meanwhile, todo: todo)
    }
}
