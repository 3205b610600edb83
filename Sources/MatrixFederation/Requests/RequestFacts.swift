// SPDX-License-Identifier: Apache-2.0

/// What a request other than a transaction is about, after everything in it that has to agree was compared.
///
/// Each identifier that appears twice is equal, and each user, alias or event belongs to the server that it has to belong to,
/// as far as the request alone shows. The same in both directions: `origin` calls, `destination` is called.
package struct RequestFacts: Sendable {
    /// The room that the request names.
    package internal(set) var room: String?
    /// The event that the path or the query names; of several (`v` of backfill) the first.
    package internal(set) var event: String?
    /// On whose behalf.
    package internal(set) var actor: UserID?
    /// Who is acted on or asked about; nil where that may be many.
    package internal(set) var target: UserID?
    /// How many users are asked about.
    package internal(set) var targetCount = 0
    /// The alias asked for.
    package internal(set) var alias: RoomAlias?
    package internal(set) var mediaID: String?
    /// The room's version, where the request says it. Any string: it may be unknown.
    package internal(set) var roomVersion: String?
    /// The event in the body of `send_*`, `invite` and `policy_sign`. Its node is one of the body's.
    package internal(set) var pdu: PDUFacts?
    /// The state events that come with an invite, full or stripped; an array of the body.
    package internal(set) var inviteState: JSONDocument.Node?

    /// - Parameters:
    ///   - body: the body as read; nil exactly where the endpoint has none.
    ///   - origin: who sends the request and has proved it; nil where the endpoint asks for no proof and none was given.
    ///   - destination: who it is for.
    package init(
        _ endpoint: Endpoint, _ parameters: PathParameters, _ target: RequestTarget, body: JSONDocument?,
        origin: ServerName?, destination: ServerName
    ) throws(Fault) {
        let reader = RequestReader(
            endpoint: endpoint, parameters: parameters, target: target, origin: origin, destination: destination)
        try reader.read(body, into: &self)
    }

    /// Why a request is refused whatever the policy says.
    package enum Fault: Error, Hashable, Sendable {
        /// An identifier in the path or the query is missing or none of its kind.
        case identifier
        /// A media ID outside of `[A-Za-z0-9_-]{1,255}` (AC-78).
        case mediaIdentifier
        /// The body is missing, no object, or lacks what its endpoint needs.
        case body
        /// A number that canonical JSON does not have.
        case number
        /// What is wrong with the event in the body.
        case event(PDUFacts.Fault)
        /// Two places that have to name one thing name two (AC-56).
        case mismatch
        /// The acting user is not of the origin.
        case foreignActor
        /// An invite's sender is not of the origin (AC-57).
        case relayedInvite
        /// What is asked about does not belong to the destination.
        case foreignTarget
        /// The state that comes with an invite (AC-59).
        case inviteState

        /// HTTP status of the answer.
        package var status: Int {
            switch self {
            case .foreignActor, .relayedInvite: 403
            default: 400
            }
        }

        /// Matrix error code of the answer.
        package var errcode: String {
            switch self {
            case .foreignActor, .relayedInvite: "M_FORBIDDEN"
            case .body, .number, .event, .inviteState: "M_BAD_JSON"
            case .identifier, .mediaIdentifier, .mismatch, .foreignTarget: "M_INVALID_PARAM"
            }
        }
    }
}
