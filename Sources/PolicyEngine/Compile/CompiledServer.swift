// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A server that the policy lists or owns, with the tier it got and why.
struct CompiledServer: Sendable {
    let name: ServerName
    let state: CountryCode?
    let tier: Int
    let pins: [KeyID: PinnedKey]?
    let isOwn: Bool
    let place: YAMLPlace
    let source: TierSource
    /// A reason of its own for being refused.
    var refusal: ReasonCode?
}

/// Why a server is in its tier.
enum TierSource: Sendable {
    /// It stands under `self`.
    case own(YAMLPlace)
    /// It is of the state under `self`.
    case ownState(YAMLPlace)
    /// Its own `tier:` says so.
    case server(YAMLPlace)
    /// Its state, or a group of its state, is assigned.
    case assigned(subject: String, place: YAMLPlace)
    /// Nothing assigns it a tier: it gets that of unknown servers.
    case unknown
    /// Lists name it: the one that decided, and all of them.
    case lists(deciding: String, place: YAMLPlace, all: [String], isContested: Bool)
}

extension CompiledServer {
    /// What put the server into its tier, as a rule.
    func rule(inFile file: String) -> RuleReference? {
        switch source {
        case .own(let place): RuleReference(id: "self.servers", file: file, place: place)
        case .ownState(let place): RuleReference(id: "self.state", file: file, place: place)
        case .server(let place): RuleReference(id: "servers.\(name.text).tier", file: file, place: place)
        case .assigned(let subject, let place): RuleReference(id: "assign.\(subject)", file: file, place: place)
        case .unknown: nil
        case .lists(let name, let place, _, _): RuleReference(id: "lists.\(name)", file: file, place: place)
        }
    }

    /// Why it is not admitted at all, given its tier.
    func refusal(in tier: CompiledTier, file: String) -> Verdict? {
        guard let refusal = tier.refusal(isPinned: pins != nil) else { return nil }
        // A list that blocks says more than the tier that it blocks with.
        if tier.isBlocked, case .lists = source {
            return .refused(self.refusal ?? refusal.reason, by: rule(inFile: file))
        }
        return .refused(refusal.reason, by: refusal.rule ?? rule(inFile: file))
    }
}
