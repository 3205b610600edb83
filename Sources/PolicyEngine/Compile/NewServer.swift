// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What a server would be that somebody lists with a state, its keys pinned, all requirements fulfilled, and no tier of its
/// own. Computed beside the real ones, so that questions about states go through the same tables.
struct NewServer: Sendable {
    let tier: Int
    let refusal: Verdict?
    /// For each own server.
    let pairs: [PairRows.Pair]

    /// For every state that the policy names.
    static func all(
        _ parts: CompiledPolicy.Parts, _ exceptions: [CompiledException],
        _ index: ExceptionIndex, _ lockdowns: [CompiledLockdown], _ rows: inout PairRows
    ) -> [CountryCode: NewServer] {
        var all: [CountryCode: NewServer] = [:]
        let own = parts.document.own?.state?.value
        let named = Set(parts.states.byState.keys).union(parts.servers.compactMap(\.state)).union(
            [own].compactMap(\.self))
        for state in named.sorted() {
            let assigned = parts.states.byState[state]?.tier ?? parts.unknownTier
            let tier = state == own ? parts.tiers.first { $0.name == "own" }?.index ?? assigned : assigned
            let concerned = index.exceptions(ofState: state)
            all[state] = NewServer(
                tier: tier,
                refusal: parts.tiers[tier].refusal(isPinned: true, isTLSPinned: true)
                    ?? lockdowns.lazy.compactMap { $0.refusal(of: state, tier: parts.tiers[tier]) }.first,
                pairs: parts.ownServers.indices.map { own in
                    rows.row(
                        tier: tier, state: state, exceptions: concerned.filter { exceptions[$0].own.contains(own) })
                })
        }
        return all
    }
}
