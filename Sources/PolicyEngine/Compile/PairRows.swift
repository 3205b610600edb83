// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The verdicts of each pair of one of our servers and another, as rows of tables. Pairs of which the policy says the same
/// share a row, so there are few.
struct PairRows: Sendable {
    /// By row, direction and class.
    private(set) var endpoints: [Verdict] = []
    /// Beside them: whether the tier decided, so that an exception for a room may decide otherwise.
    private(set) var isTiers: [Bool] = []
    /// By row and direction.
    private(set) var authors: [Verdict] = []
    /// Exceptions for some rooms only, by list.
    private(set) var conditionals: [[CompiledException]] = []
    /// By row and direction: what exceptions say of files instead of the tier, and the same with those in shadow.
    private var medias: [(live: [MediaRules], all: [MediaRules])] = []
    private var rowOf: [Key: Pair] = [:]

    struct Pair: Hashable, Sendable {
        var row: Int32
        /// Index into `conditionals`; -1: none.
        var conditional: Int32 = -1
    }

    private struct Key: Hashable {
        let tier: Int
        let exceptions: [Int]
        let lockdowns: [Int]
    }

    let exceptions: [CompiledException]
    let lockdowns: [CompiledLockdown]
    let tiers: [CompiledTier]

    init(_ tiers: [CompiledTier], _ exceptions: [CompiledException], _ lockdowns: [CompiledLockdown]) {
        self.tiers = tiers
        self.exceptions = exceptions
        self.lockdowns = lockdowns
    }

    /// The row of a tier alone, for servers that are not listed.
    mutating func row(tier: Int) -> Pair { row(tier: tier, state: nil, exceptions: []) }

    /// - Parameter exceptions: indices of those that concern the pair and are in force.
    mutating func row(tier: Int, state: CountryCode?, exceptions concerned: [Int]) -> Pair {
        let locked = lockdowns.indices.filter { lockdowns[$0].touches(state, tiers[tier]) }
        let key = Key(tier: tier, exceptions: concerned, lockdowns: locked)
        if let known = rowOf[key] { return known }
        var pair = Pair(row: Int32(authors.count / 2))
        let whole = concerned.filter { exceptions[$0].rooms == nil }.map { exceptions[$0] }
        for direction in Direction.allCases {
            for endpointClass in EndpointClass.inTableOrder {
                let decided = trying(whole) {
                    verdict(endpointClass, direction, tiers[tier], locked.map { lockdowns[$0] }, $0)
                }
                endpoints.append(decided.verdict)
                isTiers.append(decided.isTiers)
            }
            let send = endpoints[
                (Int(pair.row) * 2 + direction.index) * EndpointClass.policyCount + EndpointClass.send.policyIndex]
            authors.append(tiers[tier].rules.judgeAuthor(send))
            let media = whole.filter { !$0.media.isEmpty && $0.directions.covers(direction) }
            medias.append((media.filter { !$0.isShadowed }.map(\.media), media.map(\.media)))
        }
        let inRooms = concerned.filter { exceptions[$0].rooms != nil }.map { exceptions[$0] }
        if !inRooms.isEmpty {
            pair.conditional = Int32(conditionals.count)
            conditionals.append(inRooms)
        }
        rowOf[key] = pair
        return pair
    }

    /// What the exceptions that decide make of it, and beside that what those in shadow would.
    private func trying(
        _ exceptions: [CompiledException], _ decide: ([CompiledException]) -> (verdict: Verdict, isTiers: Bool)
    ) -> (verdict: Verdict, isTiers: Bool) {
        let live = exceptions.filter { !$0.isShadowed }
        let decided = decide(live)
        guard live.count < exceptions.count else { return decided }
        return (decided.verdict.trying(ShadowVerdict(decide(exceptions).verdict)), decided.isTiers)
    }

    /// What exceptions for a pair say of files, and the same with those in shadow.
    func media(_ pair: Pair, _ direction: Direction) -> (live: [MediaRules], all: [MediaRules]) {
        medias[Int(pair.row) * 2 + direction.index]
    }

    /// The precedence of `policy/semantics.md`: blocked, lockdown, an exception that refuses, one that allows, the tier.
    private func verdict(
        _ endpointClass: EndpointClass, _ direction: Direction, _ tier: CompiledTier, _ locked: [CompiledLockdown],
        _ exceptions: [CompiledException]
    ) -> (verdict: Verdict, isTiers: Bool) {
        let own = tier.endpoints[direction.index * EndpointClass.policyCount + endpointClass.policyIndex]
        if tier.isBlocked { return (own, false) }
        if let lockdown = locked.first(where: { $0.refuses(endpointClass) }) {
            return (.refused(.lockdown, by: lockdown.rule), false)
        }
        if let exception = exceptions.first(where: { $0.refuses(endpointClass, direction) }) {
            return (.refused(.exceptionRefused, by: exception.refuseRule), false)
        }
        if let exception = exceptions.first(where: { $0.allows(endpointClass, direction) }) {
            return (.allowed(by: exception.allowRule), false)
        }
        return (own, true)
    }

    /// A pair with exceptions for some rooms. Where the room is not known, one that refuses applies and one that allows
    /// does not.
    func verdict(
        _ pair: Pair, _ endpointClass: EndpointClass, _ direction: Direction, room: String?
    ) -> Verdict {
        let cell = (Int(pair.row) * 2 + direction.index) * EndpointClass.policyCount + endpointClass.policyIndex
        guard pair.conditional >= 0 else { return endpoints[cell] }
        return trying(conditionals[Int(pair.conditional)]) { list in
            (verdict(cell, endpointClass, direction, room: room, list), false)
        }.verdict
    }

    private func verdict(
        _ cell: Int, _ endpointClass: EndpointClass, _ direction: Direction, room: String?, _ list: [CompiledException]
    ) -> Verdict {
        func holds(_ exception: CompiledException, _ unknown: Bool) -> Bool {
            guard let room else { return unknown }
            return exception.rooms?.contains(room) ?? true
        }
        let whole = endpoints[cell]
        // A lockdown, or an exception that refuses everywhere, has spoken.
        if !whole.isAllowed, !isTiers[cell] { return whole }
        for exception in list where exception.refuses(endpointClass, direction) && holds(exception, true) {
            return .refused(.exceptionRefused, by: exception.refuseRule)
        }
        for exception in list where exception.allows(endpointClass, direction) && holds(exception, false) {
            return .allowed(by: exception.allowRule)
        }
        return whole
    }
}
