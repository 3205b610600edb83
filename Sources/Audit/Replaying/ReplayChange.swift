// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What recorded requests of one kind become under another policy.
package struct ReplayChange: Sendable {
    /// What is decided apart of a request.
    package enum Item: Hashable, Sendable {
        case request(EndpointClass)
        /// Events of transactions, by the server of their author.
        case event
        case edu(EDUKind)

        /// For people: `invite`, `event`, `EDU presence`.
        package var text: String {
            switch self {
            case .request(let endpointClass): endpointClass.rawValue
            case .event: "event"
            case .edu(let kind): "EDU \(kind.name)"
            }
        }
    }

    package struct Example: Sendable {
        package let sequence: Int
        /// RFC 3339.
        package let time: String
        /// The other server, or the author's.
        package let server: String
    }

    package let effect: PolicyDiff.Effect
    package let direction: Direction
    package let item: Item
    /// Of the other server, or of the author's.
    package let state: String?
    /// As recorded; `nil`: it was not admitted, or is an author who did not ask.
    package let oldTier: String?
    package let newTier: String?
    package let oldReason: ReasonCode
    package let oldRule: String?
    package let newReason: ReasonCode
    package let newRule: RuleReference?
    package internal(set) var requests = 0
    /// Events or EDUs; for requests as many as requests.
    package internal(set) var items = 0
    /// The first few.
    package internal(set) var examples: [Example] = []

    static let exampleLimit = 3
}

/// Why a record does not tell what the policy would say.
package enum ReplayGap: String, CaseIterable, Hashable, Sendable {
    case event = "the policy looks into these events, and a record does not hold them"
    case user = "the policy looks at users, and a record does not name them"
    case toDevice = "the policy looks into messages to devices, and a record does not hold them"
    case room = "the room decides, and the record does not tell which it is"
    case ownServer = "the server of ours is not one of the policy's"
    case omitted = "the record had no room for all of its items"
    case reason = "the record gives a reason that this version does not know"
    case name = "the record names no server that can be asked about"
}

extension ReplayGap: Comparable {
    package static func < (a: ReplayGap, b: ReplayGap) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
