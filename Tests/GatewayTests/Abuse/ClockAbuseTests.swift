// SPDX-License-Identifier: Apache-2.0

import Audit
import MatrixFederation
import TestKit
import Testing

@testable import Gateway

@Suite("A clock that cannot be trusted, at the whole gateway")
struct ClockAbuseTests {
    @Test(
        "AC-95 while the witnesses' clocks contradict ours no key with an end counts, pins without one do, and it ends")
    func failsClosed() async throws {
        let trust = ClockTrust()
        let dated = TestPeer("dated.example", key: 6)
        let key = try KeyFixtures.key(6).base64
        let line = #"{ name: dated.example, state: FI, keys: { "ed25519:k1": "\#(key)", not_after: 2026-01-02 } }"#
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text(more: [line])
            $0.settings = { $0.clockTrust = trust }
        } _: { gateway in
            // The control.
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            try await gateway.expectPassed(try dated.transaction(), by: "dated.example")
            _ = trust.set(true)
            let fetched = gateway.fetched.count
            for peer in [TestPeer.friend, dated, .limited] {
                try await gateway.expectRefused(
                    try peer.transaction(), 503, "M_UNKNOWN", "keys.clock_doubtful", claimed: peer.name)
            }
            #expect(gateway.fetched.count == fetched, "nothing is fetched for what cannot be judged")
            try await gateway.expectPassed(try TestPeer.pinned.transaction(), by: "pinned.example")
            try await gateway.expectRefused(
                try TestPeer.stranger.transaction(), 403, "M_FORBIDDEN", "origin.unknown", claimed: "stranger.example",
                rule: "assign.unknown")
            _ = trust.set(false)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            try await gateway.expectPassed(try dated.transaction(), by: "dated.example")
        }
    }
}
