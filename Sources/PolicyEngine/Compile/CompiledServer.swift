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
    /// It stands for every server below `name`, and not for that one.
    var isPattern = false
    var `operator`: OperatorDefinition?
    var review: Review?
    /// When its pinned keys are overdue, and what happens then.
    var keysEnd: Review?
    /// What happens when something that is required of it does not hold.
    var onOverdue = Overdue.refuse

    /// When somebody has to look at the server again, or at its keys.
    struct Review: Sendable {
        /// The first instant at which that is overdue.
        let end: Timestamp
        let overdue: Overdue
        let rule: RuleReference
    }

    /// As it is written.
    var text: String { isPattern ? "*." + name.text : name.text }
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
        case .server(let place): RuleReference(id: "servers.\(text).tier", file: file, place: place)
        case .assigned(let subject, let place): RuleReference(id: "assign.\(subject)", file: file, place: place)
        case .unknown: nil
        case .lists(let name, let place, _, _): RuleReference(id: "lists.\(name)", file: file, place: place)
        }
    }
}
