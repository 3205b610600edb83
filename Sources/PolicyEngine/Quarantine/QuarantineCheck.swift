// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Whether a node takes a release, with every reason why not. Pure. AC-107.
package struct QuarantineCheck: Sendable {
    /// Officers of this node whose signature is over this very release, sorted, each once.
    package private(set) var signers: [OfficerName] = []
    /// Four-part messages. Empty: the node takes it.
    package private(set) var refusals: [String] = []
    /// What is in force when it is taken; `nil`: it is not.
    package private(set) var result: QuarantineRegister?

    package init(
        _ release: QuarantineRelease, _ register: QuarantineRegister, node: String, trust: PolicyTrust, now: Timestamp
    ) {
        func refuse(_ what: String, _ todo: String) {
            refusals.append("quarantine release: \(what); the request stays refused; \(todo)")
        }
        if release.node != node {
            refuse("it is for node \(quoted(release.node)), and this is \(quoted(node))", "hand it in there")
        }
        if release.handInBefore <= now {
            refuse(
                "it had to be handed in before \(StrictDate.text(release.handInBefore))",
                "make a new one and let it be signed")
        } else if release.handInBefore > now.advanced(bySeconds: LockdownAct.longestTerm.components.seconds) {
            refuse(
                "it could be handed in until \(StrictDate.text(release.handInBefore)), more than 7 days from now",
                "make a new one; check the clock of the machine that made it")
        }
        if let entry = register.entry(of: release.request), entry.isQuarantined {
            if entry.last != release.crashed {
                refuse(
                    "the gateway died of that request again, last before \(StrictDate.text(entry.last))",
                    "make a new one and let it be signed")
            }
        } else {
            refuse("no such request is in quarantine", "see `entente quarantine list`: there is nothing to release")
        }
        if case .officers(let quorum) = trust {
            let (signers, discounted) = quorum.signers(of: release)
            self.signers = signers
            if signers.count < QuarantineRelease.need {
                let who = signers.isEmpty ? "nobody" : quotedList(signers.map(\.text), conjunction: "and")
                refuse(
                    "\(QuarantineRelease.need) officers must sign, and \(who) did",
                    "let more sign: here, each with an `--officer-key`, or elsewhere: write the release with "
                        + "`--act FILE`, and there `entente quarantine sign FILE --officer-key KEY`")
                for one in discounted { refuse(one.why, one.todo) }
            }
        }
        if refusals.isEmpty { result = register.removing(release.request) }
    }
}
