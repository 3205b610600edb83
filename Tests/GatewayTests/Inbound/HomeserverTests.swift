// SPDX-License-Identifier: Apache-2.0

import Gateway
import TestKit
import Testing

@Suite("Several homeservers, discovery and draining")
struct HomeserverTests {
    @Test("two homeservers behind one gateway are told apart by name, in the signature as in the Host")
    func twoHomeservers() async throws {
        try await GatewayUnderTest.running {
            $0.names = ["home.example", "second.example"]
        } _: { gateway in
            for (index, name) in ["home.example", "second.example"].enumerated() {
                try await gateway.expectPassed(
                    try TestPeer.friend.transaction(to: name), at: index, host: name)
                #expect(try await gateway.records().last?.destination == name)
                try await gateway.expectPassed(
                    try TestPeer.friend.transaction(to: name).with { $0.set("Host", name + ":8448") }, at: index,
                    host: name)
            }
            // Signed for one of ours and sent to the other.
            let crossed = try TestPeer.friend.transaction(to: "second.example").with { $0.set("Host", "home.example") }
            try await gateway.expectRefused(
                crossed, 401, "M_UNAUTHORIZED", "auth.destination_mismatch", claimed: "friend.example")
            for host in [
                "third.example", "127.0.0.1", "HOME.example", "home.example:80", "home.example.", "xhome.example",
            ] {
                try await gateway.expectRefused(
                    try TestPeer.friend.transaction().with { $0.set("Host", host) }, 421, "M_UNKNOWN",
                    "tls.sni_host_mismatch")
            }
        }
    }

    @Test("media that the policy refuses is not found, as only that reaches a user; every other class is forbidden")
    func refusedMedia() async throws {
        try await GatewayUnderTest.running { gateway in
            for kind in ["download", "thumbnail"] {
                try await gateway.expectRefused(
                    try TestPeer.limited.request("GET", "/_matrix/federation/v1/media/\(kind)/abc"), 404,
                    "M_NOT_FOUND", "endpoint.refused", claimed: "limited.example", authenticated: "limited.example",
                    rule: "tiers.some.may")
            }
            try await gateway.expectRefused(
                try TestPeer.limited.request("GET", "/_matrix/federation/v1/query/profile?user_id=%40u%3Ahome.example"),
                403, "M_FORBIDDEN", "endpoint.refused", claimed: "limited.example",
                authenticated: "limited.example", rule: "tiers.some.may")
            try await gateway.expectPassed(
                try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc"))
        }
    }

    @Test("well-known is served for a homeserver that has one configured; nothing reaches the homeserver")
    func wellKnown() async throws {
        try await GatewayUnderTest.running {
            $0.wellKnown = "fed.home.example:443"
            $0.policy = try TestPolicy.text().replacing("unknown: blocked", with: "unknown: open")
                .replacing("tiers:\n", with: "tiers:\n  open: { may: [discovery] }\n")
        } _: { gateway in
            let answer = try await gateway.ask(WireRequest("GET", "/.well-known/matrix/server"))
            #expect(answer.status == 200 && answer.text == #"{"m.server":"fed.home.example:443"}"#)
            #expect(gateway.homeserver.requests.isEmpty)
            #expect(try await gateway.records().map(\.decision) == ["allow"])
        }
    }

    @Test("a gateway that drains finishes what is under way and answers what is new with 503")
    func draining() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(.held(200, Array("{}".utf8)))
            let early = try gateway.connect()
            try await early.send(try TestPeer.friend.transaction("t1").bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
            let late = try gateway.connect()
            gateway.gateway.drain()
            _ = await gateway.underWay()
            try await late.send(try TestPeer.friend.transaction("t2").bytes)
            let refused = try #require(try await late.response())
            gateway.expectError(refused, 503, "M_UNKNOWN")
            #expect(refused.header("retry-after") == "10")
            gateway.homeserver.release()
            #expect(try await early.response()?.status == 200)
            #expect(gateway.homeserver.requests.count == 1)
            #expect(try await gateway.records().map(\.reason) == ["policy.allowed", "gateway.draining"])
        }
    }

    @Test("above the number of requests a loop takes at a time more are answered 503, and places come back")
    func overload() async throws {
        try await GatewayUnderTest.running {
            $0.settings = { $0.maxRequests = 2 }
        } _: { gateway in
            gateway.homeserver.answer(.held(200, Array("{}".utf8)))
            let busy = try (0..<2).map { _ in try gateway.connect() }
            for peer in busy { try await peer.send(try TestPeer.friend.transaction().bytes) }
            #expect(try await gateway.until { gateway.homeserver.heldCount == 2 })
            let answer = try await gateway.ask(try TestPeer.friend.transaction())
            gateway.expectError(answer, 503, "M_UNKNOWN")
            #expect(answer.header("retry-after") == "5")
            #expect(try await gateway.records().last?.reason == "limit.overload")
            gateway.homeserver.release()
            for peer in busy { #expect(try await peer.response()?.status == 200) }
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }
}
