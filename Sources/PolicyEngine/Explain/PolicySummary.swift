// SPDX-License-Identifier: Apache-2.0

/// What a policy holds, counted: the short answer of `entente check`.
package struct PolicySummary: Hashable, Sendable {
    package struct TierCount: Hashable, Sendable {
        package let name: String
        package let servers: Int
    }

    /// Servers under `servers` and `self`.
    package let servers: Int
    /// Different states among them.
    package let states: Int
    /// Servers whose keys are pinned.
    package let pinned: Int
    /// Each tier, by name.
    package let tiers: [TierCount]
    /// The tier of servers that are not listed.
    package let unknownTier: String
    /// Lists from others, by name.
    package let lists: [ListSummary]
}

extension Policy {
    /// Counts. Walks every server: not for the request path.
    package var summary: PolicySummary {
        var counts = [Int](repeating: 0, count: compiled.tiers.count)
        for server in compiled.servers where counts.indices.contains(server.tier) { counts[server.tier] += 1 }
        return PolicySummary(
            servers: compiled.servers.count, states: Set(compiled.servers.compactMap(\.state)).count,
            pinned: compiled.servers.count { $0.pins != nil },
            tiers: compiled.tiers.map { .init(name: $0.name, servers: counts[$0.index]) },
            unknownTier: compiled.tiers[compiled.unknownTier].name, lists: compiled.lists)
    }
}
