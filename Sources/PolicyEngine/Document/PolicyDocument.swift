// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A value and where it was written.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let place: YAMLPlace
}

/// A policy as it is written, key for key, before anything is looked up. What could not be read is left out: it has been
/// reported, and what remains is checked all the same.
struct PolicyDocument: Sendable {
    var id = ""
    var serial: Int64 = 0
    var mode = PolicyMode.enforce
    var terms = PolicyTerms()
    var own: OwnDefinition?
    var groups: [GroupDefinition] = []
    var tiers: [TierDefinition] = []
    /// `nil` if there is no `tiers`, which is an error of its own.
    var tiersPlace: YAMLPlace?
    var networks: [NetworkDefinition] = []
    var assignments: [Assignment] = []
    /// `assign.unknown`: the tier of servers that are not listed.
    var unknown: Located<String>?
    /// `assign.anonymous`: the tier of requests that name no server.
    var anonymous: Located<String>?
    var servers: [ServerDefinition] = []
    /// `assert`: what is proved of the rest.
    var assertions: [Assertion] = []
    var lists: [ListDefinition] = []
    var requirements: [RequirementDefinition] = []
    var exceptions: [ExceptionDefinition] = []
    var lockdowns: [LockdownDefinition] = []
    /// What is written under `audit`.
    var audit = WrittenAuditTerms()
}

/// Whether verdicts are carried out, or only recorded.
package enum PolicyMode: String, CaseIterable, Hashable, Sendable {
    case enforce
    case shadow
}

/// `self`: the state that this gateway guards.
struct OwnDefinition: Sendable {
    let state: Located<CountryCode>?
    let servers: [Located<ServerName>]
    let requiresDestination: Bool
    /// What becomes of a request whose very bytes came before.
    let replay: WrittenRule<Answer>?
}

/// One entry of `groups`: a set of states.
struct GroupDefinition: Sendable {
    let name: String
    let place: YAMLPlace
    let states: [Located<CountryCode>]
}

/// One entry of `tiers`, without what `like` adds.
struct TierDefinition: Sendable {
    let name: String
    let place: YAMLPlace
    var like: Located<String>?
    var inbound = DirectionDefinition()
    var outbound = DirectionDefinition()
    var edu: ClassList<EDUType>?
    /// `keys: pinned_only`.
    var pinnedOnly: YAMLPlace?
    /// What it says about contents.
    var rules = TierRules()
    /// Where servers of this tier go whose review is overdue.
    var downgradeTo: Located<String>?
    /// `nil`: that of the tier that it is like, else the Internet.
    var network: Located<String>?
    /// `mode: shadow`: what the tier may is recorded, and nothing of it passes.
    var isShadowed = false

    init(name: String, place: YAMLPlace) {
        self.name = name
        self.place = place
    }
}

/// What a tier says of one direction.
struct DirectionDefinition: Sendable {
    var may: ClassList<EndpointClass>?
    var refuse: ClassList<EndpointClass>?
}

/// A written list of classes: the rule that a verdict names.
struct ClassList<Element: Hashable & Sendable>: Sendable {
    /// The keys that lead to it, for example `tiers.eu.inbound.may`.
    let id: String
    let place: YAMLPlace
    let elements: [Located<Element>]

    func first(_ element: Element) -> Located<Element>? { elements.first { $0.value == element } }
}

/// One entry of `assign`: the states of a group, or one state, get a tier.
struct Assignment: Sendable {
    let subject: String
    let place: YAMLPlace
    let tier: Located<String>
}

/// One entry of `servers`.
struct ServerDefinition: Sendable {
    let name: Located<ServerName>
    /// `none` is an international organisation.
    let state: CountryCode?
    let statePlace: YAMLPlace
    let organisation: String?
    let tier: Located<String>?
    let pins: [KeyID: PinnedKey]?
    let keysPlace: YAMLPlace
    /// The name stands for every server below it: `*.` was written before it.
    let isPattern: Bool
    let `operator`: OperatorDefinition?
    /// The first instant at which its review is overdue.
    let reviewBy: Located<Timestamp>?
    /// `nil`: not written, which means `refuse`.
    let onOverdue: Located<Overdue>?
    let connect: ConnectDefinition?
    let connectPlace: YAMLPlace
}

/// One entry of `lists`: servers that somebody else names, and the tier that they get.
struct ListDefinition: Sendable {
    let source: ListSource
    let place: YAMLPlace
    let filePlace: YAMLPlace
    let tier: Located<String>
    /// `none` is an international organisation, or nobody in particular.
    let state: CountryCode?
    let statePlace: YAMLPlace
}
