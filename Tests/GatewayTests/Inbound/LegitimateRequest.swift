// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// For each endpoint a request that a well-behaved peer could make.
struct LegitimateRequest: Sendable {
    let endpoint: Endpoint
    let target: String
    let body: String?

    var method: String { endpoint.method.rawValue }

    /// Gives nil for an endpoint that this table has forgotten.
    init?(_ endpoint: Endpoint, from origin: String, to destination: String) throws {
        guard let (target, body) = try Self.parts(endpoint, origin, destination) else { return nil }
        self.endpoint = endpoint
        self.target = target
        self.body = body
    }

    private typealias Parts = (target: String, body: String?)

    private static func parts(_ endpoint: Endpoint, _ origin: String, _ destination: String) throws -> Parts? {
        switch endpoint.subject {
        case .nothing: return nothing(endpoint, destination)
        case .transaction:
            return (
                "/_matrix/federation/v1/send/1767225600000",
                SampleEvent.transaction(from: origin, pdus: [SampleEvent.message(by: origin)])
            )
        case .event: return (fill(endpoint, ["eventId": "$e:\(origin)"]), nil)
        case .room:
            let path = fill(endpoint, ["roomId": "!r:\(origin)", "eventId": "$e:\(origin)"])
            let query =
                switch endpoint.id {
                case "get_state", "get_state_ids": "?event_id=%24e%3A\(origin)"
                case "backfill": "?v=%24e%3A\(origin)&v=%24f%3A\(origin)&limit=10"
                case "timestamp_to_event": "?ts=1767225600000&dir=b"
                default: ""
                }
            return (path + query, endpoint.requestBody == .none ? nil : #"{"earliest_events":[],"latest_events":[]}"#)
        case .membershipTemplate:
            return (fill(endpoint, ["roomId": "!r:\(destination)", "userId": "@u:\(origin)"]) + "?ver=10&ver=11", nil)
        case .membershipEvent(let membership): return try membershipEvent(endpoint, membership, origin, destination)
        case .exchangeThirdPartyInvite:
            let signed = "{\"mxid\":\"@u:\(origin)\",\"signatures\":{},\"token\":\"t\"}"
            let body = SampleEvent.object([
                "type": #""m.room.member""#, "room_id": "\"!r:\(destination)\"", "sender": "\"@v:\(destination)\"",
                "state_key": "\"@u:\(origin)\"",
                "content":
                    "{\"membership\":\"invite\",\"third_party_invite\":{\"display_name\":\"u\",\"signed\":\(signed)}}",
            ])
            return (fill(endpoint, ["roomId": "!r:\(destination)"]), body)
        case .onBind:
            let user = "\"@v:\(destination)\""
            let invite = "{\"mxid\":\(user),\"room_id\":\"!r:\(destination)\",\"signed\":{\"mxid\":\(user)}}"
            let body = #"{"address":"v@example.fr","invites":[\#(invite)],"medium":"email","mxid":\#(user)}"#
            return (fill(endpoint, [:]), body)
        case .alias: return (fill(endpoint, [:]) + "?room_alias=%23a%3A\(destination)", nil)
        case .profile: return (fill(endpoint, [:]) + "?user_id=%40v%3A\(destination)&field=displayname", nil)
        case .devices: return (fill(endpoint, ["userId": "%40v%3A\(destination)"]), nil)
        case .usersOf(.deviceKeys): return (fill(endpoint, [:]), "{\"device_keys\":{\"@v:\(destination)\":[]}}")
        case .usersOf(.oneTimeKeys):
            return (
                fill(endpoint, [:]), "{\"one_time_keys\":{\"@v:\(destination)\":{\"D\":\"signed_curve25519\"}}}"
            )
        case .accounts: return (fill(endpoint, [:]), "{\"user_ids\":[\"@v:\(destination)\"]}")
        case .media: return (fill(endpoint, ["mediaId": "aZ09_-", "serverName": destination]), nil)
        case .policyServer: return (fill(endpoint, [:]), SampleEvent.message(by: origin))
        }
    }

    private static func nothing(_ endpoint: Endpoint, _ destination: String) -> Parts? {
        switch endpoint.id {
        case "wellknown_server", "version", "key_server", "public_rooms_get": (fill(endpoint, [:]), nil)
        case "key_server_keyid": (fill(endpoint, ["keyId": "ed25519:a"]), nil)
        case "key_query_one": (fill(endpoint, ["serverName": destination]), nil)
        case "key_query_batch": (fill(endpoint, [:]), "{\"server_keys\":{\"\(destination)\":{}}}")
        case "query_generic": (fill(endpoint, ["queryType": "anything"]), nil)
        case "public_rooms_post": (fill(endpoint, [:]), #"{"limit":10}"#)
        case "openid_userinfo": (fill(endpoint, [:]) + "?access_token=abc", nil)
        default: nil
        }
    }

    private static func membershipEvent(
        _ endpoint: Endpoint, _ membership: Endpoint.Membership, _ origin: String, _ destination: String
    ) throws -> Parts {
        let isInvite = membership == .invite
        let event = SampleEvent.member(
            membership.rawValue, by: origin, of: isInvite ? "@v:\(destination)" : nil,
            ["room_id": "\"!r:\(isInvite ? origin : destination)\""])
        let path = fill(
            endpoint,
            ["roomId": "!r:\(isInvite ? origin : destination)", "eventId": try SampleEvent.id(event)])
        guard endpoint.requestBody == .inviteEnvelope else { return (path, event) }
        return (path, "{\"event\":\(event),\"invite_room_state\":[],\"room_version\":\"11\"}")
    }

    private static func fill(_ endpoint: Endpoint, _ values: [String: String]) -> String {
        values.reduce(endpoint.pathTemplate) { path, value in
            path.replacing("{\(value.key)}", with: value.value)
        }.replacing("{fileName}", with: "a.png")
    }
}
