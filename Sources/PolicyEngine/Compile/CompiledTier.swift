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
    /// Index of the network on which its servers are.
    var network = 0
    /// `nil`: the Internet, because nothing else is written.
    var networkRule: RuleReference?
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

    /// By type, as long as nothing of an EDU can be taken out: that would have to be signed anew, and whole it is more than the
    /// tier wants.
    var edusWithoutFolding: [Verdict] {
        guard let fold = rules.fold.presence, fold.value != .whole, allows(.presence) else { return edus }
        var verdicts = edus
        verdicts[EDUType.presence.index] = .refused(.eduRefused, by: fold.rule)
        return verdicts
    }

    /// Why a server of this tier is not admitted at all.
    ///
    /// - Parameters:
    ///   - isPinned: whether the policy pins the server's signing keys.
    ///   - isTLSPinned: whether it pins those of its certificates.
    func refusal(isPinned: Bool, isTLSPinned: Bool) -> Verdict? {
        if isBlocked { return .refused(.originBlocked, by: rule) }
        if let pinnedOnly, !isPinned { return .refused(.keysUnavailable, by: pinnedOnly) }
        if let pins = rules.tls.pins, pins.value == .required, !isTLSPinned {
            return .refused(.tlsPinMismatch, by: pins.rule)
        }
        return nil
    }

    var admitsUnlisted: Bool { refusal(isPinned: false, isTLSPinned: false) == nil }

    /// The refusal of servers that are not listed, if this is their tier: unknown, whatever the tier is called.
    func refusalOfUnknown(by assignment: RuleReference?) -> Verdict {
        .refused(.originUnknown, by: assignment ?? (isBlocked ? nil : rule))
    }

    func allows(_ endpointClass: EndpointClass, _ direction: Direction) -> Bool {
        endpoints[direction.index * EndpointClass.policyCount + endpointClass.policyIndex].isAllowed
    }

    func allows(_ type: EDUType) -> Bool { edus[type.index].isAllowed }
}
