// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Routing as the reference homeserver routes, or stricter", .enabled(if: Shared.isPresent))
struct RoutingVectorTests {
    /// The reference's handlers and the endpoints they are.
    static let handlers: [String: Set<String>] = [
        "FederationSendServlet": ["send"], "FederationEventServlet": ["get_event"],
        "FederationStateV1Servlet": ["get_state"], "FederationStateIdsServlet": ["get_state_ids"],
        "FederationBackfillServlet": ["backfill"], "FederationTimestampLookupServlet": ["timestamp_to_event"],
        "FederationQueryServlet": ["query_directory", "query_profile", "query_generic"],
        "FederationMakeJoinServlet": ["make_join"], "FederationMakeLeaveServlet": ["make_leave"],
        "FederationMakeKnockServlet": ["make_knock"], "FederationV1SendJoinServlet": ["send_join_v1"],
        "FederationV2SendJoinServlet": ["send_join_v2"], "FederationV1SendLeaveServlet": ["send_leave_v1"],
        "FederationV2SendLeaveServlet": ["send_leave_v2"], "FederationV1SendKnockServlet": ["send_knock"],
        "FederationV1InviteServlet": ["invite_v1"], "FederationV2InviteServlet": ["invite_v2"],
        "FederationThirdPartyInviteExchangeServlet": ["exchange_third_party_invite"],
        "On3pidBindServlet": ["onbind_3pid_post"], "FederationEventAuthServlet": ["event_auth"],
        "FederationGetMissingEventsServlet": ["get_missing_events"],
        "PublicRoomList": ["public_rooms_get", "public_rooms_post"],
        "FederationRoomHierarchyServlet": ["hierarchy"], "FederationUserDevicesQueryServlet": ["user_devices"],
        "FederationClientKeysQueryServlet": ["user_keys_query"],
        "FederationClientKeysClaimServlet": ["user_keys_claim"],
        "FederationUnstableClientKeysClaimServlet": ["keys_claim_unstable"],
        "OpenIdUserInfo": ["openid_userinfo"], "FederationVersionServlet": ["version"],
        "FederationMediaDownloadServlet": ["media_download"],
        "FederationMediaThumbnailServlet": ["media_thumbnail"], "RoomComplexityServlet": ["room_complexity"],
        "FederationAccountStatusServlet": ["account_status_unstable_served"],
        "FederationUnstableGetExtremitiesServlet": ["extremities_unstable"],
        "LocalKey": ["key_server", "key_server_keyid"], "RemoteKey": ["key_query_one", "key_query_batch"],
    ]

    /// Targets that the reference serves and the gateway refuses, each with the rule.
    static let stricter: [String: String] = [
        "route-002": "a parameter is never empty", "route-017": "a parameter is never empty",
        "route-027": "a parameter is never empty", "route-010": "HEAD is a wrong verb",
        "route-013": "double encoding", "route-014": "a control character", "route-015": "not UTF-8",
        "route-089": "a pair without `=` is read in two ways", "route-098": "a removed form of the notary's path",
    ]

    /// Targets that the table knows for other homeservers although the reference does not serve them.
    static let servedElsewhere: [String: String] = [
        "route-049": "onbind_3pid", "route-059": "hierarchy_unstable", "route-076": "account_status_unstable",
    ]

    @Test("chooses the handler that the reference chooses, or refuses by a named rule")
    func agrees() throws {
        let vectors = try Shared.vectors("routing")
        #expect(vectors.count == 103)
        for vector in vectors {
            let id = try #require(vector["id"] as? String)
            let method = try #require(vector["method"] as? String)
            let target = try #require(vector["target"] as? String)
            let reference = try #require(vector["synapse"] as? [String: Any])
            let match = try? Routing.match(method, target)
            guard let handler = reference["handler"] as? String else {
                if case .endpoint(let endpoint, _) = match { #expect(Self.servedElsewhere[id] == endpoint.id, "\(id)") }
                continue
            }
            guard case .endpoint(let endpoint, let parameters) = match else {
                #expect(Self.stricter[id] != nil, "\(id) \(target) is refused without a rule")
                continue
            }
            #expect(Self.stricter[id] == nil, "\(id) should be refused")
            #expect(Self.handlers[handler]?.contains(endpoint.id) == true, "\(id): \(handler) is \(endpoint.id)")
            let needsSignature = reference["requires_x_matrix"] as? Bool
            #expect((endpoint.authentication == .xMatrix) == needsSignature, "\(id)")
            let expected = (reference["path_parameters"] as? [String: Any] ?? [:]).values
                .compactMap { $0 as? String }.filter { !$0.isEmpty }
            let parsed = try Routing.target(target)
            var read = PathParameters.Name.allCases.compactMap { parameters.text($0, in: parsed) }
            if handler == "FederationQueryServlet" && read.isEmpty { read = [parsed.decodedSegment(4)] }
            #expect(Set(read) == Set(expected), "\(id)")
        }
    }

    @Test("answers 404 and 405 where the reference does, so that peers fall back alike")
    func statuses() throws {
        // Refused before routing, or by the stricter rule on trailing slashes.
        let others = [
            "route-079": 400, "route-080": 400, "route-081": 400, "route-082": 400, "route-086": 400,
            "route-088": 400, "route-090": 400, "route-101": 404,
        ]
        for vector in try Shared.vectors("routing") {
            let id = try #require(vector["id"] as? String)
            let reference = try #require(vector["synapse"] as? [String: Any])
            guard let status = reference["status"] as? Int, Self.servedElsewhere[id] == nil else { continue }
            let method = try #require(vector["method"] as? String)
            let target = try #require(vector["target"] as? String)
            #expect(Routing.status(method, target) == others[id] ?? status, "\(id) \(method) \(target)")
        }
    }
}
