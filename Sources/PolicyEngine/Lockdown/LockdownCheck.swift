// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Whether a node takes an act, with every reason why not. Pure. AC-102.
package struct LockdownCheck: Sendable {
    /// What a node knows when it is handed an act.
    package struct Facts: Sendable {
        package let node: String
        package let policy: Policy
        package let trust: PolicyTrust
        package let now: Timestamp

        package init(node: String, policy: Policy, trust: PolicyTrust, now: Timestamp) {
            self.node = node
            self.policy = policy
            self.trust = trust
            self.now = now
        }
    }

    package struct Refusal: Hashable, Sendable {
        package let what: String
        package let todo: String
    }

    /// Officers of this node whose signature is over this very act, sorted, each once.
    package private(set) var signers: [OfficerName] = []
    /// Signatures that do not count, and why.
    package private(set) var discounted: [OfficerQuorum.Discounted] = []
    /// Empty: the node takes it.
    package private(set) var refusals: [Refusal] = []
    /// What is in force when it is taken; `nil`: it is not.
    package private(set) var result: LockdownRegister?
    /// The lockdown that it is about, as it is from then on, or was until then.
    package private(set) var entry: LockdownRegister.Entry?

    private let act: LockdownAct
    private let register: LockdownRegister
    private let facts: Facts

    package init(_ act: LockdownAct, _ register: LockdownRegister, _ facts: Facts) {
        self.act = act
        self.register = register
        self.facts = facts
        checkDocument()
        let profile = facts.policy.lockdownProfiles.first { $0.name == act.lockdown.profile }
        if let profile { checkSignatures(profile) } else { refuseProfile() }
        switch act.change {
        case .on(let number, let seconds): checkOn(number, seconds, profile)
        case .off(let lifts): checkOff(lifts)
        }
        if !refusals.isEmpty { result = nil }
    }

    private mutating func refuse(_ what: String, _ todo: String) { refusals.append(Refusal(what: what, todo: todo)) }

    private mutating func checkDocument() {
        if act.node != facts.node {
            refuse(
                "the act is for node \(quoted(act.node)), and this is \(quoted(facts.node))",
                "hand it in there, or make one for this node")
        }
        if act.handInBefore <= facts.now {
            refuse(
                "the act had to be handed in before \(StrictDate.text(act.handInBefore))",
                "make a new one and let it be signed")
        } else if act.handInBefore > facts.now.advanced(bySeconds: LockdownAct.longestTerm.components.seconds) {
            refuse(
                "the act could be handed in until \(StrictDate.text(act.handInBefore)), more than 7 days from now",
                "make a new one; check the clock of the machine that made it")
        }
    }

    private mutating func refuseProfile() {
        refusals.append(
            .unknownProfile(act.lockdown.profile, among: facts.policy.lockdownProfiles.map(\.name)))
    }

    private mutating func checkOn(_ number: Int64, _ seconds: Int64, _ profile: LockdownProfile?) {
        if number != register.next {
            refuse(
                "the act has number \(number), and the next one of this node is \(register.next): it was handed in before, "
                    + "or another came first", "see `entente lockdown status`; if it is still wanted, make a new one")
        }
        guard let profile else { return }
        if profile.takesState, act.lockdown.state == nil {
            refuse("\(quoted(profile.name)) has to be told a state", "add its code, as `\(profile.name) RU`")
        } else if !profile.takesState, act.lockdown.state != nil {
            refuse("\(quoted(profile.name)) takes no argument", "leave it out")
        }
        if seconds > profile.longest.components.seconds {
            refuse(
                "\(seconds) s is longer than \(quoted(profile.name)) may last, `max` is \(profile.longest.components.seconds) s",
                "make one that is shorter; it can be put in force again before it ends")
        }
        let entry = LockdownRegister.Entry(
            lockdown: act.lockdown, number: number, since: facts.now.wholeSeconds,
            until: facts.now.wholeSeconds.advanced(bySeconds: seconds))
        if let before = register.entry(of: act.lockdown), before.until > entry.until {
            refuse(
                "it is in force until \(StrictDate.text(before.until)) already; to end it earlier is to loosen it",
                "use `entente lockdown off`")
        }
        if register.entries.count >= LockdownRegister.maxEntries, register.entry(of: act.lockdown) == nil {
            refuse("\(LockdownRegister.maxEntries) lockdowns are in force", "end one of them first")
        }
        self.entry = entry
        result = register.adding(entry)
    }

    private mutating func checkOff(_ lifts: Int64) {
        guard let entry = register.entry(of: act.lockdown) else {
            return refuse(
                "\(quoted(act.lockdown.text)) is not in force", "see `entente lockdown status`: there is nothing to end"
            )
        }
        if entry.number != lifts {
            refuse(
                "the act ends number \(lifts), and number \(entry.number) is in force: it was put in force anew",
                "make a new one and let it be signed")
        }
        self.entry = entry
        result = register.removing([act.lockdown])
    }

    // MARK: Signatures

    private mutating func checkSignatures(_ profile: LockdownProfile) {
        guard case .officers(let quorum) = facts.trust else { return }
        (signers, discounted) = quorum.signers(of: act)
        let need = profile.needs(act.change)
        guard signers.count < need else { return }
        let who = signers.isEmpty ? "nobody" : quotedList(signers.map(\.text), conjunction: "and")
        refuse(
            "\(need) officer\(need == 1 ? "" : "s") must sign to switch \(quoted(profile.name)) \(act.change.word), "
                + "and \(who) did",
            quorum.officers.count < need
                ? "the node names only \(quorum.officers.count) officers: name more in `policy.officers`, restart"
                : "let \(need - signers.count) more sign: here, each with an `--officer-key`, or elsewhere: "
                    + "write the act with `--act FILE`, and there `entente lockdown sign FILE --officer-key KEY`")
    }
}

extension LockdownProfile {
    package func needs(_ change: LockdownAct.Change) -> Int {
        switch change {
        case .on: tightenNeeds
        case .off: loosenNeeds
        }
    }
}
