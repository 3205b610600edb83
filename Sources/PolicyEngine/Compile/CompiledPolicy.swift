// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Everything a policy says, looked up and spread out into tables. Immutable after `PolicyCompiler` has made it.
final class CompiledPolicy: Sendable {
    let id: String
    let serial: Int64
    let mode: PolicyMode
    let file: String
    let sha256: Digest
    let contentHash: Digest
    let ownState: String
    let ownServers: [ServerName]
    /// What `assign` gives each state; for questions about servers that are not listed yet.
    let states: [CountryCode: StateTiers.Entry]
    /// The canonical rendering, for comparing two policies.
    let canonical: [UInt8]
    let requiresDestination: Bool
    let warnings: [Diagnostic]

    /// Tells this policy's peers from those of another.
    let token: UInt64
    /// Sorted by name, so that an index does not depend on the order of lines.
    let tiers: [CompiledTier]
    /// By tier, direction and class. The tables lie flat, so that a verdict costs one reference count.
    let endpointVerdicts: [Verdict]
    /// By tier and direction.
    let authorVerdicts: [Verdict]
    /// By tier and type; the last of each tier is for unknown types.
    let eduVerdicts: [Verdict]
    /// Sorted by name.
    let servers: [CompiledServer]
    let table: NameTable
    /// For each server.
    let admissions: [Admission]
    /// For each server, inbound then outbound.
    let authors: [Verdict]
    let lookAlikes: LookAlikes

    let unknownTier: Int
    let unknownPeerTier: Peer.Tier
    /// `assign.anonymous`, if it is written.
    let anonymousTier: Int?
    /// `assign.unknown`, if it is written.
    let unknownRule: RuleReference?
    private let unknownRefusals: UnknownRefusals

    init(_ parts: Parts) {
        id = parts.document.id
        serial = parts.document.serial
        mode = parts.document.mode
        file = parts.file
        sha256 = parts.sha256
        contentHash = parts.contentHash
        let token = parts.contentHash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.token = token
        ownState = parts.ownState
        ownServers = parts.ownServers
        states = parts.states.byState
        canonical = parts.canonical
        requiresDestination = parts.document.own?.requiresDestination ?? true
        warnings = parts.warnings
        tiers = parts.tiers
        endpointVerdicts = parts.tiers.flatMap(\.endpoints)
        authorVerdicts = parts.tiers.flatMap(\.authors)
        eduVerdicts = parts.tiers.flatMap { $0.edus + [$0.unknownEDU] }
        servers = parts.servers
        unknownTier = parts.unknownTier
        anonymousTier = parts.anonymousTier
        unknownRule = parts.unknownRule
        unknownRefusals = UnknownRefusals(
            isAdmitted: parts.tiers[parts.unknownTier].admits(isPinned: false),
            verdict: parts.tiers[parts.unknownTier].refusalOfUnknown(by: parts.unknownRule), rule: parts.unknownRule)
        unknownPeerTier = Peer.Tier(
            name: parts.tiers[parts.unknownTier].name, index: parts.unknownTier, policy: token)
        table = NameTable(parts.servers.map(\.name))
        lookAlikes = LookAlikes(parts.servers.map(\.name))
        let tiers = parts.tiers
        let file = parts.file
        admissions = parts.servers.map { server in
            let tier = tiers[server.tier]
            if let refusal = tier.refusal(isPinned: server.pins != nil) {
                return .refused(.refused(refusal.reason, by: refusal.rule ?? server.rule(inFile: file)))
            }
            return .admitted(
                Peer(
                    server: server.name, state: server.state?.text,
                    tier: Peer.Tier(name: tier.name, index: tier.index, policy: token)))
        }
        authors = parts.servers.flatMap { server in
            let tier = tiers[server.tier]
            if let refusal = tier.refusal(isPinned: server.pins != nil) {
                let verdict = Verdict.refused(.pduAuthorDenied, by: refusal.rule ?? server.rule(inFile: file))
                return [verdict, verdict]
            }
            return tier.authors
        }
    }

    /// Why a server that is not listed is refused; `nil` if it gets the tier that `assign.unknown` names.
    ///
    /// Names that look like a listed one, internationalised names and IP literals are refused whatever that tier may.
    func refusalOfUnlisted(_ claimed: ServerName) -> Verdict? {
        switch lookAlikes.judge(claimed) {
        case .spelling: unknownRefusals.lookalike
        case .homograph: unknownRefusals.homograph
        case .address: unknownRefusals.address
        case .plain: unknownRefusals.plain
        }
    }

    /// What the compiler hands over.
    struct Parts {
        let document: PolicyDocument
        let file: String
        let sha256: Digest
        let contentHash: Digest
        let ownState: String
        let ownServers: [ServerName]
        let states: StateTiers
        let canonical: [UInt8]
        var warnings: [Diagnostic]
        let tiers: [CompiledTier]
        let servers: [CompiledServer]
        let unknownTier: Int
        let anonymousTier: Int?
        let unknownRule: RuleReference?
    }
}

/// The verdicts on names that no list holds.
private struct UnknownRefusals: Sendable {
    let lookalike: Verdict
    let homograph: Verdict
    let address: Verdict
    let plain: Verdict?

    init(isAdmitted: Bool, verdict: Verdict, rule: RuleReference?) {
        lookalike = .refused(.originLookalike, by: rule)
        homograph = .refused(.originHomograph, by: rule)
        address = .refused(.originIPLiteral, by: rule)
        plain = isAdmitted ? nil : verdict
    }
}
