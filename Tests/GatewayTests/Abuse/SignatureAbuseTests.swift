// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

@Suite("Abuse of signatures and names, at the whole gateway")
struct SignatureAbuseTests {
    private static let target = "/_matrix/federation/v1/query/profile?user_id=%40u%3Ahome.example"

    private func with(_ authorization: String...) -> WireRequest {
        var request = WireRequest("GET", Self.target)
        for value in authorization { request.add("Authorization", value) }
        return request
    }

    @Test("AC-01 a request signed for another server is refused, whatever its header says")
    func replay() async throws {
        try await GatewayUnderTest.running { gateway in
            let elsewhere = try TestPeer.friend.request("GET", Self.target, to: "other.example", host: "home.example")
            try await gateway.expectRefused(
                elsewhere, 401, "M_UNAUTHORIZED", "auth.destination_mismatch", claimed: "friend.example")
            let renamed = elsewhere.authorization.replacing("other.example", with: "home.example")
            try await gateway.expectRefused(
                with(renamed), 401, "M_UNAUTHORIZED", "auth.sig_invalid", claimed: "friend.example")
            try await gateway.expectPassed(try TestPeer.friend.request("GET", Self.target))
        }
    }

    @Test("AC-02 a request without destination is refused, unless the policy takes old senders")
    func missingDestination() async throws {
        let signed = try TestPeer.friend.authorization("GET", Self.target)
        let old = with(signed.replacing(#"destination="home.example","#, with: ""))
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(
                old, 401, "M_UNAUTHORIZED", "auth.destination_missing", claimed: "friend.example")
            try await gateway.expectPassed(with(signed))
        }
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text(requireDestination: false)
        } _: { gateway in
            try await gateway.expectPassed(old)
            // Our own name is what is verified all the same.
            let other = try TestPeer.friend.authorization("GET", Self.target, to: "other.example")
            try await gateway.expectRefused(
                with(other.replacing(#"destination="other.example","#, with: "")), 401, "M_UNAUTHORIZED",
                "auth.sig_invalid", claimed: "friend.example")
        }
    }

    @Test("AC-08 a signature in a second form and one by a key of small order do not count")
    func malleability() async throws {
        let good = try XMatrixHeader(try TestPeer.friend.authorization("GET", Self.target))
        // The same signature with the group's order added to its scalar.
        let order: [UInt8] = [
            0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ]
        var bytes = good.signature.bytes
        var carry = 0
        for index in 0..<32 {
            carry += Int(bytes[32 + index]) + Int(order[index])
            bytes[32 + index] = UInt8(carry & 255)
            carry >>= 8
        }
        let second = try TestPeer.friend.authorization("GET", Self.target)
            .replacing(Base64.encode(good.signature.bytes), with: Base64.encode(bytes))
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(
                with(second), 401, "M_UNAUTHORIZED", "auth.sig_invalid", claimed: "friend.example")
            try await gateway.expectPassed(try TestPeer.friend.request("GET", Self.target))
        }
        try await GatewayUnderTest.running { gateway in
            let zero = Base64.encode([1] + [UInt8](repeating: 0, count: 31))
            let document =
                #"{"old_verify_keys":{},"server_name":"friend.example","signatures":{"friend.example":{}},"#
                + #""valid_until_ts":1767312000000,"verify_keys":{"ed25519:k1":{"key":"\#(zero)"}}}"#
            gateway.source.answer { server throws(KeyFetchFault) in
                try OriginKeySource.read(Array(document.utf8), of: server, fetchedAt: KeyFixtures.start)
            }
            try await gateway.expectRefused(
                with(second), 401, "M_UNAUTHORIZED", "keys.response_invalid", claimed: "friend.example")
        }
    }

    @Test("AC-09 fields of two origins are refused; of several of one origin exactly one goes on")
    func multipleOrigins() async throws {
        try await GatewayUnderTest.running { gateway in
            let friend = try TestPeer.friend.authorization("GET", Self.target)
            let limited = try TestPeer.limited.authorization("GET", Self.target)
            for pair in [[friend, limited], [limited, friend]] {
                try await gateway.expectRefused(
                    with(pair[0], pair[1]), 400, "M_UNAUTHORIZED", "auth.multiple_origins")
            }
            let arrived = try await gateway.expectPassed(with("Bearer secret", friend, friend))
            #expect(arrived.values("authorization") == [friend])
            let reordered =
                #"X-Matrix key="ed25519:k1" , origin=friend.example,"#
                + friend.split(separator: ",").filter { $0.hasPrefix("dest") || $0.hasPrefix("sig") }
                .joined(separator: ",")
            #expect(try await gateway.expectPassed(with(reordered)).values("authorization") == [friend])
        }
    }

    @Test("AC-10 tricks of the field's grammar are refused; what is unknown in it does not go on")
    func grammar() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.authorization("GET", Self.target)
            let tricks = [
                good + #",origin="friend.example""#, good + #",ORIGIN="limited.example""#, good + ",signature=x",
                good + #",x="a,b""#, good + #",x="a\,b""#, good + ",", good + ",x", good + #",x="a"#,
                good.replacing("X-Matrix ", with: "X-Matrix\t"), good.replacing("key=", with: "key ="),
                good.replacing(#"key="ed25519:k1","#, with: ""), good + #",x="é""#,
            ]
            for trick in tricks {
                try await gateway.expectRefused(with(trick), 400, "M_UNAUTHORIZED", "auth.header_malformed")
            }
            let arrived = try await gateway.expectPassed(with(good + #",x="y""#))
            #expect(arrived.values("authorization") == [good])
        }
    }

    @Test("AC-11 another spelling of an allowed name is another server")
    func spelling() async throws {
        try await GatewayUnderTest.running { gateway in
            for name in [
                "FRIEND.example", "Friend.Example", "friend.example:8448", "friend.example:443",
                "friend.example:08448",
            ] {
                let signed = try TestPeer.friend.authorization("GET", Self.target, origin: name)
                try await gateway.expectRefused(
                    with(signed), 403, "M_FORBIDDEN", "origin.lookalike_of", claimed: name, rule: "assign.unknown")
            }
            let good = try TestPeer.friend.authorization("GET", Self.target)
            for name in ["friend.example.", " friend.example", "friend.example ", "friend.example:", "[::1", ""] {
                let signed = good.replacing("origin=\"friend.example\"", with: "origin=\"\(name)\"")
                try await gateway.expectRefused(with(signed), 400, "M_UNAUTHORIZED", "auth.header_malformed")
            }
            #expect(gateway.fetched.isEmpty)
            try await gateway.expectPassed(with(good))
        }
    }

    @Test("AC-11 a NUL in a name ends the connection, as in any field")
    func nul() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.authorization("GET", Self.target)
            try await gateway.expectRefused(
                with(good.replacing("friend.example", with: "friend\0.example")), 400, "M_UNKNOWN", "http.framing",
                closes: true)
        }
    }

    @Test("AC-12 names that look like an allowed one are refused: in Unicode as no name, in punycode as a homograph")
    func homograph() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.authorization("GET", Self.target)
            try await gateway.expectRefused(
                with(good.replacing("friend.example", with: "friénd.example")), 400, "M_UNAUTHORIZED",
                "auth.header_malformed")
            for name in ["xn--frind-csa.example", "friend.examp1e", "xn--80ak6aa92e.com"] {
                let signed = try TestPeer.friend.authorization("GET", Self.target, origin: name)
                try await gateway.expectRefused(
                    with(signed), 403, "M_FORBIDDEN", "origin.homograph", claimed: name, rule: "assign.unknown")
            }
            #expect(gateway.fetched.isEmpty)
            try await gateway.expectPassed(with(good))
        }
    }

    @Test("AC-13 an allowed name as suffix, prefix or part of another admits nobody")
    func parts() async throws {
        try await GatewayUnderTest.running { gateway in
            for name in [
                "friend.example.evil.test", "evilfriend.example", "evil.friend.example", "riend.example", "example",
                "friend-example",
            ] {
                let signed = try TestPeer.friend.authorization("GET", Self.target, origin: name)
                try await gateway.expectRefused(
                    with(signed), 403, "M_FORBIDDEN", "origin.unknown", claimed: name, rule: "assign.unknown")
            }
            try await gateway.expectPassed(try TestPeer.friend.request("GET", Self.target))
        }
    }

    @Test("AC-14 a server that is not listed causes no fetch, and is answered before its body comes")
    func unknown() async throws {
        try await GatewayUnderTest.running { gateway in
            let whole = try TestPeer.stranger.transaction()
            let headOnly = whole.with {
                $0.set("Content-Length", "900000")
                $0.body = []
            }
            for request in [whole, headOnly] {
                try await gateway.expectRefused(
                    request, 403, "M_FORBIDDEN", "origin.unknown", claimed: "stranger.example", rule: "assign.unknown")
            }
            try await gateway.expectRefused(
                try TestPeer.blocked.transaction(), 403, "M_FORBIDDEN", "origin.blocked", claimed: "blocked.example",
                rule: "assign.away")
            #expect(gateway.fetched.isEmpty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            #expect(gateway.fetched == ["friend.example"])
        }
    }
}
