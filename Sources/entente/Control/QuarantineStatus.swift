// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// How the node answers about requests that it died of.
struct QuarantineStatus {
    private let node: Node

    init(_ node: Node) { self.node = node }

    var json: JSONValue {
        let now = WallClock.system.now
        return .object([
            ("v", .number(1)), ("ok", .truth(true)), ("node", .text(node.configuration.node)),
            ("unsigned", .truth(node.configuration.policy.isUnsigned)),
            ("needs", .number(node.configuration.policy.isUnsigned ? 0 : QuarantineRelease.need)),
            (
                "requests",
                .list(
                    node.quarantined.entries.map { entry in
                        .object([
                            ("request", .text(entry.request.hex)), ("crashes", .number(Int(entry.crashes))),
                            ("crashed", .text(StrictDate.text(entry.last))),
                            ("until", .text(StrictDate.text(entry.until))),
                            ("refused", .truth(entry.isQuarantined && now < entry.until)),
                        ])
                    })
            ),
        ])
    }

    static func json(of check: QuarantineCheck, _ release: QuarantineRelease, _ node: Node) -> JSONValue {
        .object([
            ("v", .number(1)), ("ok", .truth(true)), ("released", .text(release.request.hex)),
            ("signed_by", .list(check.signers.map { .text($0.text) })),
            ("unsigned", .truth(node.configuration.policy.isUnsigned)),
        ])
    }
}
