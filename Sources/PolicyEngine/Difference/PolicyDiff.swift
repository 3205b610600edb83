// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What another policy decides otherwise: every request that one allows and the other refuses, gathered to lines.
///
/// Exhaustive over `PolicyAtoms` of both. What verdicts do not show (pins, the mode, requests without destination) stands
/// in ``settings``; what this comparison does not understand is reported there as loosened, never passed over.
package struct PolicyDiff: Sendable {
    package enum Effect: String, Hashable, Sendable, Comparable {
        /// Something is allowed that was refused, or may be.
        case loosened
        case tightened
        /// Nothing that a request could notice.
        case neutral

        private var rank: Int { self == .loosened ? 0 : self == .tightened ? 1 : 2 }
        package static func < (a: Effect, b: Effect) -> Bool { a.rank < b.rank }
    }

    /// Requests of one kind that changed sides.
    package struct Line: Sendable {
        package let effect: Effect
        package let direction: Direction
        package let subjects: Subjects
        /// Our servers that it concerns; empty: all of them.
        package let own: [ServerName]
        /// Classes, EDUs and events, by their texts.
        package let items: [String]
        /// The rule of the new policy; `nil` if none decides.
        package let rule: RuleReference?
        /// The rule that decided in the old policy.
        package let oldRule: RuleReference?
        package let reason: ReasonCode
        /// One of the requests; `nil` for those that name no server.
        package let example: PolicyQuestion?
    }

    /// Who is on the other side.
    package struct Subjects: Hashable, Sendable {
        /// States all of whose listed servers are meant, or that have none yet.
        package var states: [CountryCode] = []
        /// Listed servers of states of which others are judged otherwise, and of no state.
        package var servers: [ServerName] = []
        /// What no list names, in words.
        package var others: [String] = []
        /// How many listed servers there are in all.
        package var listedCount = 0
        /// States whose new servers are meant, and not all of their listed ones.
        package var newOnly: [CountryCode] = []
    }

    package struct StateChange: Hashable, Sendable {
        package let state: CountryCode
        package let old: String
        package let new: String
    }

    package struct Setting: Hashable, Sendable {
        package let effect: Effect
        package let text: String
    }

    /// Loosened first.
    package let lines: [Line]
    package let serversAdded: [ServerName]
    package let serversRemoved: [ServerName]
    package let stateChanges: [StateChange]
    /// Loosened first.
    package let settings: [Setting]
    /// As of when both policies were looked at; `nil`: no date was.
    package let time: Timestamp?
    /// How many questions were asked of both.
    package let cellCount: Int

    package var isLoosened: Bool {
        lines.contains { $0.effect == .loosened } || settings.contains { $0.effect == .loosened }
    }
    package var isTightened: Bool {
        lines.contains { $0.effect == .tightened } || settings.contains { $0.effect == .tightened }
    }

    /// More cells than are enumerated.
    package struct TooManyCells: Error {
        package let count: Int
    }
}
