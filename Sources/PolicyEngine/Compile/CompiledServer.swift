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
        }
    }
}
