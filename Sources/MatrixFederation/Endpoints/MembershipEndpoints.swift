// SPDX-License-Identifier: Apache-2.0

// Joining, knocking, inviting and leaving. Spec: "Joining rooms", "Knocking upon a room", "Inviting to a room", "Leaving rooms".
//
// The forms of version 1 that the specification has dropped are still served, so a policy on version 2 alone could be walked round.

extension Endpoint {
    package static let makeJoin: Endpoint = .get(
        "make_join", "/_matrix/federation/v1/make_join/{roomId}/{userId}", endpointClass: .join,
        .membershipTemplate(.join))
    package static let sendJoinV1: Endpoint = .put(
        "send_join_v1", "/_matrix/federation/v1/send_join/{roomId}/{eventId}", endpointClass: .join,
        .membershipEvent(.join), body: .event, upTo: largeBody, events: .joined(mayBePaired: true))
    package static let sendJoinV2: Endpoint = .put(
        "send_join_v2", "/_matrix/federation/v2/send_join/{roomId}/{eventId}", endpointClass: .join,
        .membershipEvent(.join), body: .event, upTo: largeBody, events: .joined(mayBePaired: false))
    package static let makeKnock: Endpoint = .get(
        "make_knock", "/_matrix/federation/v1/make_knock/{roomId}/{userId}", endpointClass: .knock,
        .membershipTemplate(.knock))
    package static let sendKnock: Endpoint = .put(
        "send_knock", "/_matrix/federation/v1/send_knock/{roomId}/{eventId}", endpointClass: .knock,
        .membershipEvent(.knock), body: .event, upTo: largeBody, events: .unlisted)
    package static let inviteV1: Endpoint = .put(
        "invite_v1", "/_matrix/federation/v1/invite/{roomId}/{eventId}", endpointClass: .invite,
        .membershipEvent(.invite), body: .event, upTo: largeBody,
        events: AnswerShape(("event", .event), mayBePaired: true))
    package static let inviteV2: Endpoint = .put(
        "invite_v2", "/_matrix/federation/v2/invite/{roomId}/{eventId}", endpointClass: .invite,
        .membershipEvent(.invite), body: .inviteEnvelope, upTo: largeBody, events: AnswerShape(("event", .event)))
    package static let makeLeave: Endpoint = .get(
        "make_leave", "/_matrix/federation/v1/make_leave/{roomId}/{userId}", endpointClass: .leave,
        .membershipTemplate(.leave))
    package static let sendLeaveV1: Endpoint = .put(
        "send_leave_v1", "/_matrix/federation/v1/send_leave/{roomId}/{eventId}", endpointClass: .leave,
        .membershipEvent(.leave), body: .event, upTo: largeBody, events: AnswerShape(mayBePaired: true))
    package static let sendLeaveV2: Endpoint = .put(
        "send_leave_v2", "/_matrix/federation/v2/send_leave/{roomId}/{eventId}", endpointClass: .leave,
        .membershipEvent(.leave), body: .event, upTo: largeBody, events: .unlisted)

    static let membershipSection: [Endpoint] = [
        .makeJoin, .sendJoinV1, .sendJoinV2, .makeKnock, .sendKnock, .inviteV1, .inviteV2, .makeLeave, .sendLeaveV1,
        .sendLeaveV2,
    ]
}

extension AnswerShape {
    /// A join answers with the state of the room, and with the join signed by the callee; the last name is that of homeservers
    /// of 2021.
    fileprivate static func joined(mayBePaired: Bool) -> AnswerShape {
        AnswerShape(
            ("state", .events), ("auth_chain", .events), ("event", .event), ("org.matrix.msc3083.v2.event", .event),
            mayBePaired: mayBePaired)
    }
}
