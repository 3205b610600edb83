// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@Suite("Abuse of signing keys, at the whole gateway")
struct KeyAbuseTests {
    private func answer(
        _ gateway: GatewayUnderTest, _ current: [(String, UInt8)], old: [(String, UInt8)] = [],
        days: Int64 = 1
    ) throws {
        let keys = try KeyFixtures.document(
            current, old: old, of: "friend.example",
            validUntil: gateway.clock.now.advanced(byMilliseconds: days * KeyFixtures.day),
            fetchedAt: gateway.clock.now)
        gateway.source.answer(.success(keys))
    }

    @Test("AC-03 a key that its server lists as old signs no requests")
    func oldKey() async throws {
        try await GatewayUnderTest.running { gateway in
            try answer(gateway, [("ed25519:k2", 12)], old: [("ed25519:k1", 1)])
            let record = try await gateway.expectRefused(
                try TestPeer.friend.transaction(), 401, "M_UNAUTHORIZED", "auth.key_old", claimed: "friend.example")
            #expect(record.status == 401)
            let renewed = TestPeer("friend.example", key: 12, id: "ed25519:k2")
            try await gateway.expectPassed(try renewed.transaction())
        }
    }

    @Test("AC-04 a key past its validity does not count when its server cannot be asked")
    func expired() async throws {
        try await GatewayUnderTest.running { gateway in
            try answer(gateway, [("ed25519:k1", 1)])
            let request = try TestPeer.friend.transaction()
            try await gateway.expectPassed(request)
            gateway.source.answer(.failure(.timeout))
            gateway.clock.advance(KeyFixtures.day + 1)
            try await gateway.expectRefused(
                request, 401, "M_UNAUTHORIZED", "auth.key_expired", claimed: "friend.example")
            gateway.clock.advance(KeyFixtures.day)
            try answer(gateway, [("ed25519:k1", 1)])
            try await gateway.expectPassed(request)
        }
    }

    @Test("AC-04 a pinned key ends at the pin's own time, and nothing is fetched for it")
    func expiredPin() async throws {
        let key = try KeyFixtures.key(6).base64
        let line = #"{ name: dated.example, state: FI, keys: { "ed25519:k1": "\#(key)", not_after: 2026-01-02 } }"#
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text(more: [line])
        } _: { gateway in
            let dated = TestPeer("dated.example", key: 6)
            try await gateway.expectPassed(try dated.transaction(), by: "dated.example")
            gateway.clock.advance(3 * KeyFixtures.day)
            try await gateway.expectRefused(
                try dated.transaction(), 401, "M_UNAUTHORIZED", "auth.key_expired", claimed: "dated.example")
            #expect(gateway.fetched.isEmpty)
        }
    }

    @Test("AC-05 a validity of a hundred days ends after seven, and the operator is told")
    func capped() async throws {
        try await GatewayUnderTest.running { gateway in
            try answer(gateway, [("ed25519:k1", 1)], days: 100)
            let request = try TestPeer.friend.transaction()
            try await gateway.expectPassed(request)
            let server = try ServerName("friend.example")
            #expect(gateway.events.all.contains(.validityCapped(server: server)))
            gateway.source.answer(.failure(.timeout))
            gateway.clock.advance(6 * KeyFixtures.day)
            try await gateway.expectPassed(request)
            gateway.clock.advance(KeyFixtures.day + 1)
            try await gateway.expectRefused(
                request, 401, "M_UNAUTHORIZED", "auth.key_expired", claimed: "friend.example")
        }
    }

    @Test("AC-06 other bytes under a known key id raise the alarm, and what they replaced counts no longer")
    func conflict() async throws {
        try await GatewayUnderTest.running { gateway in
            try answer(gateway, [("ed25519:k1", 1)])
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            gateway.clock.advance(KeyFixtures.day + 1)
            try answer(gateway, [("ed25519:k1", 13)])
            try await gateway.expectRefused(
                try TestPeer.friend.transaction(), 401, "M_UNAUTHORIZED", "auth.sig_invalid", claimed: "friend.example")
            let (known, new) = (try KeyFixtures.key(1).fingerprint, try KeyFixtures.key(13).fingerprint)
            let alarm = KeyEvent.conflict(
                server: try ServerName("friend.example"), key: try KeyID("ed25519:k1"), known: known, new: new,
                isPinned: false)
            #expect(gateway.events.all.contains(alarm))
            try await gateway.expectPassed(try TestPeer("friend.example", key: 13).transaction())
        }
    }

    @Test("AC-06 a key id means its own server's key, a pin only its own bytes, and every other algorithm nothing")
    func confusion() async throws {
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(
                try TestPeer("friend.example", key: TestPeer.limited.number).transaction(), 401, "M_UNAUTHORIZED",
                "auth.sig_invalid", claimed: "friend.example")
            try await gateway.expectRefused(
                try TestPeer("pinned.example", key: 1).transaction(), 401, "M_UNAUTHORIZED", "auth.sig_invalid",
                claimed: "pinned.example")
            try await gateway.expectRefused(
                try TestPeer("pinned.example", key: 3, id: "ed25519:k2").transaction(), 401, "M_UNAUTHORIZED",
                "auth.key_unknown", claimed: "pinned.example")
            #expect(gateway.fetched == ["friend.example"])
            let rsa = try TestPeer.friend.transaction().with {
                $0.set("Authorization", $0.authorization.replacing("ed25519:k1", with: "rsa:1"))
            }
            try await gateway.expectRefused(rsa, 401, "M_UNAUTHORIZED", "auth.key_unknown")
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            try await gateway.expectPassed(try TestPeer.pinned.transaction(), by: "pinned.example")
            try await gateway.expectPassed(try TestPeer.limited.transaction(), by: "limited.example")
        }
    }

    @Test("AC-07 a key whose secret part is public is refused, by the built-in list and by the operator's")
    func denylisted() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.source.answer(.failure(.denylisted))
            try await gateway.expectRefused(
                try TestPeer.friend.transaction(), 401, "M_UNAUTHORIZED", "keys.denylisted", claimed: "friend.example")
        }
        try await GatewayUnderTest.running {
            $0.denied = [try KeyFixtures.key(1).fingerprint]
        } _: { gateway in
            try await gateway.expectRefused(
                try TestPeer.friend.transaction(), 401, "M_UNAUTHORIZED", "keys.denylisted", claimed: "friend.example")
            try await gateway.expectPassed(try TestPeer.limited.transaction(), by: "limited.example")
        }
    }

    @Test("AC-20 a key document that is too large, too long, of another server or unsigned proves nobody")
    func documents() async throws {
        let many = (0...64).map { ("ed25519:k\($0)", UInt8($0 + 1)) }
        let good = try KeyFixtures.body([("ed25519:k1", 1)], of: "friend.example")
        let text = String(decoding: good, as: UTF8.self)
        let unsigned = text.replacing("\"signatures\":{", with: "\"signatures\":{},\"x\":{")
        let hostile = [
            try KeyFixtures.body([("ed25519:k1", 1)], of: "friend.example", padding: 65_536),
            try KeyFixtures.body(many, of: "friend.example"),
            try KeyFixtures.body([("ed25519:k1", 1)], of: "limited.example"),
            Array(unsigned.utf8), Array("[]".utf8), [],
        ]
        for body in hostile {
            try await GatewayUnderTest.running { gateway in
                gateway.source.answer { server throws(KeyFetchFault) in
                    try OriginKeySource.read(body, of: server, fetchedAt: KeyFixtures.start)
                }
                try await gateway.expectRefused(
                    try TestPeer.friend.transaction(), 401, "M_UNAUTHORIZED", "keys.response_invalid",
                    claimed: "friend.example")
                gateway.source.answer { server throws(KeyFetchFault) in
                    try OriginKeySource.read(good, of: server, fetchedAt: KeyFixtures.start)
                }
                gateway.clock.advance(KeyFixtures.minute)
                try await gateway.expectPassed(try TestPeer.friend.transaction())
            }
        }
    }
}
