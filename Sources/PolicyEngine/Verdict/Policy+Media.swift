// SPDX-License-Identifier: Apache-2.0

/// What a policy says about files.
extension Policy {
    /// Decides a file that is to pass, beyond whether the tier has `media` at all. AC-77.
    package func decideMedia(_ facts: MediaFacts, with peer: Peer, _ direction: Direction = .inbound) -> Verdict {
        decideMedia(for: peer, direction) { $0.judge(facts) }
    }

    /// Decides a file when it is asked for: only whether it had to be shown before.
    ///
    /// - Parameter peer: `nil`: somebody who named no server.
    package func decideMediaRequest(isReferenced: Bool?, from peer: Peer?) -> Verdict {
        decideMedia(for: peer, .inbound) { $0.judgeReference(isReferenced) }
    }

    /// Decides a file when it comes, by its size and its type.
    package func decideFile(bytes: Int?, type: String?, for peer: Peer?) -> Verdict {
        decideMedia(for: peer, .inbound) { $0.judgeFile(bytes: bytes, type: type) }
    }

    /// What has to be looked at when a file comes; `nil`: nothing.
    package func fileBounds(for peer: Peer?) -> FileBounds? {
        guard let (rules, live, all) = mediaRules(for: peer, .inbound), all.contains(where: \.asksOfFile) else {
            return nil
        }
        let max = rules.isShadowed(.media) ? nil : live.compactMap(\.max).min { $0.value < $1.value }
        return FileBounds(maxBytes: max?.value, maxRule: max?.rule)
    }

    private func decideMedia(
        for peer: Peer?, _ direction: Direction, _ ask: (MediaRules) -> Finding?
    ) -> Verdict {
        if let peer, peer.tier.policy != compiled.token { return .foreignPeer }
        guard let (rules, live, all) = mediaRules(for: peer, direction) else { return .unopposed }
        let verdict = rules.verdict(live.judge(ask), of: .media)
        guard all.count > live.count else { return verdict }
        return verdict.trying(ShadowVerdict(rules.verdict(all.judge(ask), of: .media)))
    }

    /// The rules of a tier, and what decides of files: an exception for the pair speaks instead of the tier for the keys that
    /// it names.
    ///
    /// - Returns: `all`: with exceptions in shadow; `nil`: nothing is said of whoever names no server.
    private func mediaRules(
        for peer: Peer?, _ direction: Direction
    ) -> (tier: TierRules, live: [MediaRules], all: [MediaRules])? {
        guard let peer else {
            guard let tier = compiled.anonymousTier else { return nil }
            let rules = compiled.tiers[tier].contents.rules
            return (rules, [rules.media], [rules.media])
        }
        guard let rules = contents(of: peer)?.rules else { return nil }
        let (live, all) = compiled.rows.media(peer.pair, direction)
        return (rules, rules.media.replaced(by: live), rules.media.replaced(by: all))
    }
}

/// How large a file may be.
package struct FileBounds: Sendable {
    package let maxBytes: Int?
    package let maxRule: RuleReference?
}
