// SPDX-License-Identifier: Apache-2.0

// Events, state and history. Spec: "PDUs", "Retrieving events", "Backfilling and retrieving missing events".

extension Endpoint {
    package static let getEvent: Endpoint = .get(
        "get_event", "/_matrix/federation/v1/event/{eventId}", endpointClass: .history, .event, trailingSlash: true,
        events: AnswerShape(("pdus", .events)))
    package static let getState: Endpoint = .get(
        "get_state", "/_matrix/federation/v1/state/{roomId}", endpointClass: .history, .room, trailingSlash: true,
        events: AnswerShape(("pdus", .events), ("auth_chain", .events)))
    package static let getStateIDs: Endpoint = .get(
        "get_state_ids", "/_matrix/federation/v1/state_ids/{roomId}", endpointClass: .history, .room,
        trailingSlash: true, events: AnswerShape(("pdu_ids", .identifiers), ("auth_chain_ids", .identifiers)))
    package static let eventAuth: Endpoint = .get(
        "event_auth", "/_matrix/federation/v1/event_auth/{roomId}/{eventId}", endpointClass: .history, .room,
        events: AnswerShape(("auth_chain", .events)))
    package static let backfill: Endpoint = .get(
        "backfill", "/_matrix/federation/v1/backfill/{roomId}", endpointClass: .history, .room, trailingSlash: true,
        events: AnswerShape(("pdus", .events)))
    package static let getMissingEvents: Endpoint = .post(
        "get_missing_events", "/_matrix/federation/v1/get_missing_events/{roomId}", endpointClass: .history, .room,
        upTo: smallBody, events: AnswerShape(("events", .events)))
    package static let timestampToEvent: Endpoint = .get(
        "timestamp_to_event", "/_matrix/federation/v1/timestamp_to_event/{roomId}", endpointClass: .history, .room,
        trailingSlash: true, events: AnswerShape(("event_id", .identifier)))
    package static let roomComplexity: Endpoint = .get(
        "room_complexity", "/_matrix/federation/unstable/rooms/{roomId}/complexity", endpointClass: .history, .room)
    package static let extremities: Endpoint = .get(
        "extremities_unstable", "/_matrix/federation/unstable/org.matrix.msc4370/extremities/{roomId}",
        endpointClass: .history, .room, events: AnswerShape(("prev_events", .identifiers)))

    static let historySection: [Endpoint] = [
        .getEvent, .getState, .getStateIDs, .eventAuth, .backfill, .getMissingEvents, .timestampToEvent,
        .roomComplexity, .extremities,
    ]
}
