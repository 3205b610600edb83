// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Exceptions for some rooms, on requests that name one")
struct RoomExceptionTests {
    private static func exception(_ change: String) -> String {
        """

        exceptions:
          - { id: exc-1, between: [EE, friend.example], \(change), rooms: ["!a:home.example"], until: 2099-01-01, reason: r, approved_by: [a] }
        """
    }

    private static func request(_ room: String) throws -> WireRequest {
        try TestPeer.friend.request("GET", "/_matrix/federation/v1/state_ids/\(room)?event_id=%24e%3Ahome.example")
    }

    @Test("one that allows opens its room and no other; one that refuses shuts its room alone")
    func rooms() async throws {
        let open = try TestPolicy.text(friendMay: "[keys, send]") + Self.exception("allow: [history]")
        try await GatewayUnderTest.running {
            $0.policy = open
        } _: { gateway in
            try await gateway.expectPassed(try Self.request("!a:home.example"))
            try await gateway.expectRefused(
                try Self.request("!b:home.example"), 403, "M_FORBIDDEN", "endpoint.refused", claimed: "friend.example",
                authenticated: "friend.example", rule: "tiers.friend.may")
        }
        let shut = try TestPolicy.text() + Self.exception("refuse: [history]")
        try await GatewayUnderTest.running {
            $0.policy = shut
        } _: { gateway in
            try await gateway.expectPassed(try Self.request("!b:home.example"))
            try await gateway.expectRefused(
                try Self.request("!a:home.example"), 403, "M_FORBIDDEN", "exception.refused", claimed: "friend.example",
                authenticated: "friend.example", rule: "exceptions.exc-1.refuse")
        }
    }

    @Test("a request that is refused for its room names the room in its record, so that it can be asked again")
    func recordNamesRoom() async throws {
        let shut = try TestPolicy.text() + Self.exception("refuse: [history]")
        try await GatewayUnderTest.running {
            $0.policy = shut
        } _: { gateway in
            let record = try await gateway.expectRefused(
                try Self.request("!a:home.example"), 403, "M_FORBIDDEN", "exception.refused", claimed: "friend.example",
                authenticated: "friend.example", rule: "exceptions.exc-1.refuse")
            #expect(record.text.contains(#""room":""#))
        }
    }
}
