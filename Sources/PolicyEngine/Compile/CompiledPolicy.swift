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
    let replay: WrittenRule<Answer>?
    let warnings: [Diagnostic]
    let terms: PolicyTerms
    let audit: WrittenAuditTerms
    /// What is said of everything that is left out when the policy has run out.
    let expired: Verdict
    /// Set when the policy has run out: what is left of it.
    let lapsed: OnExpiry?

    /// Tells this policy's peers from those of another.
    let token: UInt64
    /// Sorted by name, so that an index does not depend on the order of lines.
    let tiers: [CompiledTier]
    /// The tiers whose `in_room` speaks against a room, by index.
    let guardingTiers: [Int: WrittenRule<RoomEffect>]
    /// The verdicts of pairs. The tables lie flat, so that a verdict costs one reference count.
    let rows: PairRows
    let networks: CompiledNetworks
    /// Whether any server has `connect`: spares the others' requests a look-up.
    let hasConnects: Bool
    /// For each server, then each own server.
    private let pairs: [PairRows.Pair]
    /// What a server would be that somebody lists with a state that the policy names: for questions, never for requests.
    let newServers: [CountryCode: NewServer]
    /// For servers that are not listed.
    let unknownPair: PairRows.Pair
    /// By tier and type; the last of each tier is for unknown types.
    let eduVerdicts: [Verdict]
    /// Sorted by name, then patterns.
    let servers: [CompiledServer]
    let table: ServerTable
    /// For each server.
    let standings: [Standing]
    let lockdowns: [LockdownProfile]
    let lockdownsInForce: [CompiledLockdown]
    let circumstances: Circumstances
    /// The next instant at which a verdict may change by itself; `nil`: none.
    let nextChange: Timestamp?
    private let parts: Parts
    /// For comparing two policies.
    var requirements: [CompiledRequirement] { parts.requirements }
    let lookAlikes: LookAlikes
    /// By name.
    let lists: [ListSummary]

    let unknownTier: Int
    let unknownPeerTier: Peer.Tier
    /// `assign.anonymous`, if it is written.
    let anonymousTier: Int?
    /// `assign.unknown`, if it is written.
    let unknownRule: RuleReference?
    private let unknownRefusals: UnknownRefusals
    private let unknownLockdown: Verdict?

    init(_ parts: Parts, under circumstances: Circumstances) {
        self.parts = parts
        self.circumstances = circumstances
        id = parts.document.id
        serial = parts.document.serial
        mode = parts.document.mode
        file = parts.file
        sha256 = parts.sha256
        contentHash = parts.contentHash
        let terms = parts.document.terms
        let lapsed = terms.expires.flatMap { circumstances.isPast($0.value) ? terms.onExpiry : nil }
        self.lapsed = lapsed
        // Peers of the policy are none of what is left of it.
        let token = parts.contentHash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } ^ (lapsed == nil ? 0 : 1)
        self.token = token
        ownState = parts.ownState
        ownServers = parts.ownServers
        states = parts.states.byState
        canonical = parts.canonical
        replay = parts.document.own?.replay
        requiresDestination = parts.document.own?.requiresDestination ?? true
        warnings = parts.warnings
        self.terms = terms
        audit = parts.document.audit
        let expired = Verdict.refused(
            .policyExpired,
            by: terms.expires.map {
                RuleReference(id: "policy.expires", file: parts.file, place: $0.place)
            })
        self.expired = expired
        tiers = parts.tiers
        networks = parts.networks
        hasConnects = parts.servers.contains { $0.connect != nil }
        guardingTiers = Dictionary(
            parts.tiers.compactMap { tier in tier.rules.inRoom.map { (tier.index, $0) } }.filter { $1.value != .allow },
            uniquingKeysWith: { first, _ in first })
        eduVerdicts = parts.tiers.flatMap { $0.edusWithoutFolding + [$0.unknownEDU] }
        servers = parts.servers
        lists = parts.lists
        unknownTier = parts.unknownTier
        anonymousTier = parts.anonymousTier
        unknownRule = parts.unknownRule
        unknownRefusals = UnknownRefusals(
            isAdmitted: parts.tiers[parts.unknownTier].admitsUnlisted,
            verdict: parts.tiers[parts.unknownTier].refusalOfUnknown(by: parts.unknownRule), rule: parts.unknownRule)
        unknownPeerTier = Peer.Tier(
            name: parts.tiers[parts.unknownTier].name, index: parts.unknownTier, policy: token)
        let exact = parts.servers.filter { !$0.isPattern }.map(\.name)
        table = ServerTable(exact: exact, patterns: parts.servers.filter(\.isPattern).map(\.name))
        lookAlikes = LookAlikes(exact)
        lockdowns = parts.lockdowns

        let inForce = circumstances.lockdowns.compactMap { lockdown in
            parts.lockdowns.first { $0.name == lockdown.profile }?.inForce(lockdown)
        }
        lockdownsInForce = inForce
        let judge = StandingJudge(
            tiers: parts.tiers, requirements: parts.requirements, lockdowns: inForce, circumstances: circumstances,
            file: parts.file)
        let standings = parts.servers.map { server in
            Self.afterExpiry(judge.standing(of: server), of: server, lapsed, parts, expired)
        }
        self.standings = standings
        let exceptions = parts.exceptions.filter { !circumstances.isPast($0.until) }
        let concerning = ExceptionIndex(exceptions)
        var rows = PairRows(parts.tiers, exceptions, inForce)
        unknownPair = rows.row(tier: parts.unknownTier)
        pairs = parts.servers.indices.flatMap { server in
            let concerned = concerning.exceptions(of: parts.servers[server])
            return parts.ownServers.indices.map { own in
                rows.row(
                    tier: standings[server].tier, state: parts.servers[server].state,
                    exceptions: concerned.filter { exceptions[$0].own.contains(own) })
            }
        }
        newServers = NewServer.all(parts, exceptions, concerning, inForce, &rows)
        self.rows = rows
        nextChange = circumstances.now.flatMap { now in parts.dates.map(\.end).filter { $0 > now }.min() }
        unknownLockdown =
            inForce.lazy.compactMap {
                $0.refusal(of: nil, tier: parts.tiers[parts.unknownTier])
            }.first
    }

    /// The same policy under other circumstances.
    func under(_ circumstances: Circumstances) -> CompiledPolicy { CompiledPolicy(parts, under: circumstances) }

    func authorVerdict(_ pair: PairRows.Pair, _ direction: Direction) -> Verdict {
        rows.authors[Int(pair.row) * 2 + direction.index]
    }

    /// Every instant at which something that is written ends, and of which rule.
    var dates: [(end: Timestamp, rule: String)] { parts.dates }
    /// Every instant at which a verdict changes by itself, sorted.
    var instantsOfChange: [Timestamp] { Set(parts.dates.map(\.end)).sorted() }

    func dates(after first: Timestamp, by last: Timestamp) -> [String] {
        parts.dates.filter { $0.end > first && $0.end <= last }.map(\.rule).sorted()
    }

    /// The pairs of one of ours with every server: which of ours are judged alike.
    func pairs(ofOwn own: Int) -> [PairRows.Pair] { servers.indices.map { pair($0, own: own) } }

    func pair(_ server: Int, own: Int) -> PairRows.Pair { pairs[server * ownServers.count + own] }

    /// Why a server that is not listed is refused; `nil` if it gets the tier that `assign.unknown` names.
    ///
    /// Names that look like a listed one, internationalised names and IP literals are refused whatever that tier may, and
    /// are called so also under a lockdown: somebody has to look at them.
    func refusalOfUnlisted(_ claimed: ServerName) -> Verdict? {
        switch lookAlikes.judge(claimed) {
        case .spelling: unknownRefusals.lookalike
        case .homograph: unknownRefusals.homograph
        case .address: unknownRefusals.address
        case .plain: unknownRefusals.plain ?? unknownLockdown ?? (lapsed == nil ? nil : expired)
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
        let networks: CompiledNetworks
        let servers: [CompiledServer]
        let lists: [ListSummary]
        let requirements: [CompiledRequirement]
        let exceptions: [CompiledException]
        let lockdowns: [LockdownProfile]
        let unknownTier: Int
        let anonymousTier: Int?
        let unknownRule: RuleReference?

        /// Every instant at which a verdict changes by itself, and of what it is.
        var dates: [(end: Timestamp, rule: String)] {
            servers.flatMap { [$0.review, $0.keysEnd] }.compactMap(\.self).map { ($0.end, $0.rule.id) }
                + exceptions.map { ($0.until, "exceptions.\($0.id).until") }
                + (document.terms.expires.map { [($0.value, "policy.expires")] } ?? [])
        }
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
