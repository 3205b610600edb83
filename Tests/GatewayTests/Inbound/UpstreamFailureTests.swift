// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import NIOCore
import TestKit
import Testing

@Suite("A homeserver that is away, slow or breaks off")
struct UpstreamFailureTests {
    private static let claim = "/_matrix/federation/v1/user/keys/claim"
    private static let claimBody = #"{"one_time_keys":{"@u:home.example":{"D":"signed_curve25519"}}}"#

    @Test("a homeserver that is not there is answered for with 502, and nothing of its trouble is told")
    func down() async throws {
        // Nobody listens on port 1; the port of a homeserver that was stopped may soon be somebody else's.
        let nowhere = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        try await GatewayUnderTest.running {
            $0.settings = { $0.upstreams = [nowhere] }
        } _: { gateway in
            let answer = try await gateway.ask(try TestPeer.friend.transaction())
            gateway.expectError(answer, 502, "M_UNKNOWN")
            #expect(try await gateway.records().map(\.decision) == ["allow"])
            #expect(gateway.captured.lines.contains { $0.hasPrefix("error") && $0.contains("homeserver") })
            #expect(await gateway.underWay() == 0)
            let outcomes = try await gateway.firstOutcomes()
            #expect(outcomes.map(\.reason) == ["upstream.failed"])
            #expect(outcomes.map(\.status) == [502])
        }
    }

    @Test("a homeserver that takes too long is answered for with 504, and its late answer reaches nobody")
    func slow() async throws {
        try await GatewayUnderTest.running {
            $0.settings = { $0.upstreamTime = .seconds(1) }
        } _: { gateway in
            gateway.homeserver.answer(.held(200, Array(#"{"late":true}"#.utf8)))
            let peer = try gateway.connect()
            try await peer.send(try TestPeer.friend.transaction("t1").bytes)
            gateway.expectError(try #require(try await peer.response()), 504, "M_UNKNOWN")
            gateway.homeserver.answer(.empty)
            gateway.homeserver.release()
            try await peer.send(try TestPeer.friend.transaction("t2").bytes)
            #expect(try await peer.response()?.text == "{}")
            #expect(gateway.homeserver.requests.map(\.connection) == [1, 2])
        }
    }

    @Test("an answer that breaks off is 502, or an end the peer notices once it has begun")
    func brokenOff() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(.cutOff(1000))
            gateway.expectError(try await gateway.ask(try TestPeer.friend.transaction()), 502, "M_UNKNOWN")
            // Too long to be held whole, so it is under way when it breaks off.
            gateway.homeserver.answer(.cutOff(1_000_000))
            let peer = try gateway.connect()
            try await peer.send(try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc").bytes)
            // 502 when the end comes before anything was passed on.
            let answer = try? await peer.response()
            #expect(answer == nil || answer?.status == 502)
            #expect(await gateway.underWay() == 0)
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("a kept connection that turns out stale is replaced once by a new one, whatever else is at rest")
    func stale() async throws {
        try await GatewayUnderTest.running { gateway in
            // Two connections come to rest.
            gateway.homeserver.answer(.held(200, Array("{}".utf8)))
            async let first = gateway.ask(try TestPeer.friend.transaction("t1"))
            async let second = gateway.ask(try TestPeer.friend.transaction("t2"))
            #expect(try await gateway.until { gateway.homeserver.heldCount == 2 })
            gateway.homeserver.release()
            #expect(try await [first.status, second.status] == [200, 200])
            // Both are closed by the homeserver when they are used again.
            gateway.homeserver.answer { $0.turn > 1 ? .disconnect : .empty }
            let answer = try await gateway.ask(try TestPeer.friend.transaction("t3"))
            #expect(answer.status == 200)
            let seen = gateway.homeserver.requests.filter { $0.target.hasSuffix("t3") }
            #expect(seen.count == 2, "once on the stale one, once more")
            #expect(seen.first?.body == seen.last?.body)
            #expect(try await gateway.records().count == 3, "one record, however often it is sent")
        }
    }

    @Test("a homeserver that closes on a new connection too is not asked a third time")
    func alwaysClosing() async throws {
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            gateway.homeserver.answer(.disconnect)
            gateway.expectError(try await gateway.ask(try TestPeer.friend.transaction()), 502, "M_UNKNOWN")
            #expect(gateway.homeserver.requests.count == 3)
            gateway.expectError(try await gateway.ask(try TestPeer.friend.transaction()), 502, "M_UNKNOWN")
            #expect(gateway.homeserver.requests.count == 4, "a new connection that is closed is no stale one")
        }
    }

    @Test("keys are claimed once, also when the connection turns out stale")
    func claims() async throws {
        try await GatewayUnderTest.running { gateway in
            let claim = try TestPeer.friend.request("POST", Self.claim, Self.claimBody)
            try await gateway.expectPassed(claim)
            gateway.homeserver.answer { $0.turn > 1 ? .disconnect : .empty }
            gateway.expectError(try await gateway.ask(claim), 502, "M_UNKNOWN")
            #expect(gateway.homeserver.requests.count == 2)
        }
    }

    @Test("who waits too long for a free connection gets 504, and the homeserver hears nothing of it")
    func waitingTooLong() async throws {
        try await GatewayUnderTest.running {
            $0.settings = {
                $0.upstreamConnections = 1
                $0.upstreamTime = .seconds(1)
            }
        } _: { gateway in
            // One peer that does not read keeps the only connection.
            gateway.homeserver.answer(.stream(parts: 512, size: 131_072))
            let busy = try gateway.connect()
            try await busy.send(try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc").bytes)
            #expect(try await gateway.until { gateway.homeserver.streamed > 0 })
            gateway.homeserver.answer(.empty)
            gateway.expectError(try await gateway.ask(try TestPeer.friend.transaction("late")), 504, "M_UNKNOWN")
            #expect(gateway.homeserver.requests.count == 1)
            try await busy.disconnect()
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("requests above the number of connections wait their turn; who leaves the line takes no place in it")
    func waiting() async throws {
        try await GatewayUnderTest.running {
            $0.settings = { $0.upstreamConnections = 1 }
        } _: { gateway in
            gateway.homeserver.answer(.held(200, Array("{}".utf8)))
            let busy = try gateway.connect()
            try await busy.send(try TestPeer.friend.transaction("busy").bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
            let leaving = try gateway.connect()
            try await leaving.send(try TestPeer.friend.transaction("gone").bytes)
            #expect(try await gateway.until { try await gateway.records().count == 2 })
            try await leaving.disconnect()
            #expect(try await gateway.until { await gateway.underWay() == 1 })
            let next = try gateway.connect()
            try await next.send(try TestPeer.friend.transaction("next").bytes)
            #expect(try await gateway.until { try await gateway.records().count == 3 })
            gateway.homeserver.answer(.empty)
            gateway.homeserver.release()
            for peer in [busy, next] { #expect(try await peer.response()?.status == 200) }
            #expect(gateway.homeserver.requests.map(\.target).map { $0.suffix(4) } == ["busy", "next"])
            #expect(gateway.homeserver.connections == 1)
            let outcomes = try await gateway.firstOutcomes()
            #expect(outcomes.map(\.reason) == ["peer.left"], "\(outcomes.map(\.text))")
            #expect(outcomes.first?.text.contains(#""of_seq":3"#) == true, "\(outcomes.map(\.text))")
        }
    }

    @Test("what the homeserver says of itself stays behind: only the fields of the list pass")
    func answerFields() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(
                .whole(
                    404, Array(#"{"errcode":"M_NOT_FOUND"}"#.utf8),
                    [
                        .init("Server", "Synapse/1.2.3"), .init("Content-Type", "application/json"),
                        .init("X-Secret", "1"), .init("Set-Cookie", "a=b"), .init("Retry-After", "7"),
                        .init("Access-Control-Allow-Origin", "*"),
                    ]))
            let answer = try await gateway.ask(try TestPeer.friend.request("GET", "/_matrix/federation/v1/version"))
            #expect(answer.status == 404 && answer.text == #"{"errcode":"M_NOT_FOUND"}"#)
            #expect(
                answer.headers.map { $0.name.lowercased() }.sorted() == [
                    "content-length", "content-type", "retry-after",
                ])
        }
    }
}
