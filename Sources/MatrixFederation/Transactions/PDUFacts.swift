// SPDX-License-Identifier: Apache-2.0

/// What a policy has to know of one event, and what is wrong with it as far as no room version is needed to tell.
package struct PDUFacts: Sendable {
    package let node: JSONDocument.Node
    /// `room_id`; nil on the create event of a room of version 12, whose room is named by its own hash.
    package let roomID: String?
    /// `sender`; empty if it is missing.
    package let sender: String
    /// The server of `sender`; nil if that is no user identifier.
    package let authorServer: ServerName?
    /// `type`; empty if it is missing.
    package let type: String
    /// Present on state events, also when empty.
    package let stateKey: String?
    /// `event_id`, which only room versions 1 and 2 have.
    package let claimedEventID: String?
    /// Why this event cannot pass, whatever the policy says. The other events of a transaction are not concerned.
    package let fault: Fault?

    package var isStateEvent: Bool { stateKey != nil }

    package enum Fault: Hashable, Sendable {
        /// A member that is missing, of the wrong type or no identifier of its kind: `pdu.malformed`.
        case malformed(Member)
        /// Over the specification's limits: `pdu.limits`.
        case limits(Member)
        /// A number that room versions 6 and later do not have: `json.number`.
        case number
    }

    package enum Member: String, Hashable, Sendable {
        case event, type, sender, content, hashes, signatures, depth, redacts
        case roomID = "room_id"
        case stateKey = "state_key"
        case eventID = "event_id"
        case previousEvents = "prev_events"
        case authEvents = "auth_events"
        case timestamp = "origin_server_ts"
    }

    /// Bytes of an event's canonical form.
    package static let maxBytes = 65_536
    package static let maxPreviousEvents = 20
    package static let maxAuthEvents = 10
}
