// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// How the node answers: what is prepared, what is in force, whose signatures it asks for.
struct ControlStatus {
    private let node: Node

    init(_ node: Node) { self.node = node }

    var json: JSONValue {
        let (policy, register) = node.inForce.withLock { ($0.policy.policy, $0.lockdowns) }
        let officers: [String] =
            switch node.configuration.policy.trust {
            case .unsigned: []
            case .officers(let quorum): quorum.officers.keys.sorted().map(\.text)
            }
        return .object([
            ("v", .number(1)), ("ok", .truth(true)), ("node", .text(node.configuration.node)),
            ("build", .text(Build.version)),
            (
                "policy",
                .object([
                    ("id", .text(policy.id)), ("serial", .number(Int(policy.serial))),
                    ("sha256", .text(policy.sha256.hex)),
                ])
            ),
            ("unsigned", .truth(node.configuration.policy.isUnsigned)),
            ("officers", .list(officers.map { .text($0) })), ("next", .number(Int(register.next))),
            ("in_force", .list(register.entries.map(Self.json(of:)))),
            ("prepared", .list(policy.lockdownProfiles.map(Self.json(of:)))),
        ])
    }

    static func json(of outcome: Node.LockdownOutcome, _ act: LockdownAct, _ node: Node) -> JSONValue {
        .object([
            ("v", .number(1)), ("ok", .truth(true)), ("done", .text(act.change.word)),
            ("lockdown", outcome.check.entry.map(json(of:)) ?? .nothing),
            ("signed_by", .list(outcome.check.signers.map { .text($0.text) })),
            ("unsigned", .truth(node.configuration.policy.isUnsigned)),
            ("warnings", .list(warnings(on: outcome, node).map { .text($0) })),
        ])
    }

    private static func warnings(on outcome: Node.LockdownOutcome, _ node: Node) -> [String] {
        outcome.check.discounted.map { "\($0.why); it does not count; \($0.todo)" }
            + (node.policyInForce.policy.mode == .shadow
                ? [
                    "the policy is in shadow mode: what a lockdown refuses is recorded, and passes; activate one in mode `enforce`"
                ] : [])
    }

    private static func json(of entry: LockdownRegister.Entry) -> JSONValue {
        .object([
            ("name", .text(entry.lockdown.profile)), ("argument", .text(entry.lockdown.argumentWord)),
            ("number", .number(Int(entry.number))), ("since", .text(StrictDate.text(entry.since))),
            ("until", .text(StrictDate.text(entry.until))),
        ])
    }

    private static func json(of profile: LockdownProfile) -> JSONValue {
        .object([
            ("name", .text(profile.name)), ("argument", .text(profile.takesState ? "state" : "none")),
            ("meaning", .text(profile.meaning)), ("tighten_needs", .number(profile.tightenNeeds)),
            ("loosen_needs", .number(profile.loosenNeeds)),
            ("max_seconds", .number(Int(profile.longest.components.seconds))),
        ])
    }
}
