// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a policy means, as text with one form: sorted, with inheritance and groups worked in, without places.
///
/// Two files that differ in the order of lines, comments or spelling of lists give the same bytes.
struct CanonicalPolicy {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let states: StateTiers
    let servers: [CompiledServer]
    let unknown: Int
    let anonymous: Int?

    var bytes: [UInt8] {
        var lines = ["entente 1", "policy \(document.id) \(document.serial) \(document.mode.rawValue)"]
        if let own = document.own {
            lines.append("self \(own.state?.value.text ?? "") destination=\(own.requiresDestination)")
        }
        for tier in tiers {
            for direction in Direction.allCases {
                let may = EndpointClass.inTableOrder.filter { tier.allows($0, direction) }.map(\.rawValue)
                lines.append("tier \(tier.name) \(direction.rawValue) \(may.joined(separator: ","))")
            }
            let edu = EDUType.allCases.filter { tier.allows($0) }.map(\.rawValue)
            let keys = tier.pinnedOnly == nil ? "fetched" : "pinned"
            lines.append(
                "tier \(tier.name) edu \(edu.joined(separator: ",")) keys=\(keys) author=\(tier.asAuthorRefused)")
            lines += tier.rules.canonical.map { "tier \(tier.name) \($0)" }
        }
        for (state, entry) in states.byState.sorted(by: { $0.key < $1.key }) {
            lines.append("state \(state.text) \(tiers[entry.tier].name)")
        }
        lines.append("unknown \(tiers[unknown].name)")
        lines.append("anonymous \(anonymous.map { tiers[$0].name } ?? "minimum")")
        for server in servers {
            lines.append(
                "server \(server.name.text) \(server.state?.text ?? "none") \(tiers[server.tier].name) own=\(server.isOwn)"
            )
            for (id, pin) in (server.pins ?? [:]).sorted(by: { $0.key.text < $1.key.text }) {
                let end = pin.notAfter.map { String($0.milliseconds) } ?? "none"
                lines.append("pin \(server.name.text) \(id.text) \(pin.key.base64) \(end)")
            }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }
}
