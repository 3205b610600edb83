// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A tier with what `like` adds, and a verdict for everything that can be asked of it.
struct CompiledTier: Sendable {
    let name: String
    let index: Int
    let isBlocked: Bool
    /// `keys: pinned_only`, its own or inherited.
    let pinnedOnly: RuleReference?
    /// The tier itself, for verdicts that no list in it explains.
    let rule: RuleReference?
    /// Where the tier is written; `nil` for a `blocked` that is not.
    let place: YAMLPlace?
    /// Where its servers go whose review is overdue.
    var downgradeTo: Int?
    /// What it may is recorded, and nothing of it passes.
    let isShadowed: Bool
    /// The tier that it is like.
    let base: String?

    /// By direction, then class.
    let endpoints: [Verdict]
    /// By direction: may servers of this tier write events?
    let authors: [Verdict]
    /// By type.
    let edus: [Verdict]
    let unknownEDU: Verdict
    /// What it says about contents, with what `like` adds.
    let contents: TierContents

    var rules: TierRules { contents.rules }

    /// Why a server of this tier is not admitted at all.
    func refusal(isPinned: Bool) -> Verdict? {
        if isBlocked { return .refused(.originBlocked, by: rule) }
        if let pinnedOnly, !isPinned { return .refused(.keysUnavailable, by: pinnedOnly) }
        return nil
    }

    func admits(isPinned: Bool) -> Bool { refusal(isPinned: isPinned) == nil }

    /// The refusal of servers that are not listed, if this is their tier: unknown, whatever the tier is called.
    func refusalOfUnknown(by assignment: RuleReference?) -> Verdict {
        .refused(.originUnknown, by: assignment ?? (isBlocked ? nil : rule))
    }

    func allows(_ endpointClass: EndpointClass, _ direction: Direction) -> Bool {
        endpoints[direction.index * EndpointClass.policyCount + endpointClass.policyIndex].isAllowed
    }

    func allows(_ type: EDUType) -> Bool { edus[type.index].isAllowed }
}
