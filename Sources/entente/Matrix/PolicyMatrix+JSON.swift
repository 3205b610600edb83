// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension PolicyMatrix {
    /// One object: the policy, and for each row its cells by direction and column.
    func json(of policy: Policy, date: String) -> JSONValue {
        .object([
            (
                "policy",
                .object([
                    ("id", .text(policy.id)), ("serial", .number(Int(policy.serial))),
                    ("mode", .text(policy.mode.rawValue)),
                    ("sha256", .text(policy.sha256.hex)), ("own_state", .text(policy.ownState)),
                ])
            ),
            ("generated", .text(date)), ("at", .optional(policy.lookedAt.map(StrictDate.text))),
            ("ended_keys", .list(policy.serversWithEndedKeys.map { .text($0.text) })),
            ("lockdowns", .list(policy.lockdownsInForce.map { .text($0.text) })),
            (
                "rows",
                .list(
                    rows.map { row in
                        let (kind, name): (String, String) =
                            switch row.subject {
                            case .state(let code): ("state", code.text)
                            case .organisation(let server): ("organisation", server.text)
                            case .unlisted: ("unlisted", "")
                            }
                        return .object([
                            (kind, .text(name)), ("tiers", .list(row.tiers.map { .text($0) })),
                            ("servers", .list(row.servers.map { .text($0.text) })), ("inbound", cells(row.inbound)),
                            ("outbound", cells(row.outbound)),
                        ])
                    })
            ),
        ])
    }

    private func cells(_ cells: [Cell]) -> JSONValue {
        func part(_ range: Range<Int>) -> JSONValue {
            .object(
                range.map { index in
                    let name = if case .edu(let kind) = columns[index] { kind.name } else { columns[index].text }
                    return (name, .text(cells[index].rawValue))
                })
        }
        return .object([("class", part(0..<classCount)), ("edu", part(classCount..<columns.count))])
    }
}
