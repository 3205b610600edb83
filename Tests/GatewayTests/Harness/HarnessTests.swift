// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("The whole gateway")
struct HarnessTests {
    @Test("a signed request of an allowed server reaches the homeserver byte for byte, and one record allows it")
    func allowed() async throws {
        try await GatewayUnderTest.running { gateway in
            let request = try TestPeer.friend.transaction()
            let arrived = try await gateway.expectPassed(request, host: "home.example")
            #expect(arrived.values("authorization") == [request.authorization])
            #expect(gateway.fetched == ["friend.example"])
        }
    }

    @Test("an unknown server is refused by its claimed name, and no key is fetched")
    func unknown() async throws {
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(
                try TestPeer.stranger.transaction(), 403, "M_FORBIDDEN", "origin.unknown", claimed: "stranger.example",
                rule: "assign.unknown")
            #expect(gateway.fetched.isEmpty)
        }
    }
}
