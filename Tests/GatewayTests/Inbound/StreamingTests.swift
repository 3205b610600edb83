// SPDX-License-Identifier: Apache-2.0

import Audit
import Gateway
import NIOCore
import TestKit
import Testing
import Transport

@Suite("Answers that stream, and peers that leave")
struct StreamingTests {
    private static func media() throws -> WireRequest {
        try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc")
    }

    @Test("media passes in parts, whole, with and without a length", arguments: [true, false])
    func whole(hasLength: Bool) async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(.stream(parts: 64, size: 65_536, hasLength: hasLength))
            let answer = try await gateway.ask(try Self.media())
            #expect(answer.status == 200)
            #expect(answer.header("content-type")?.hasPrefix("multipart/mixed") == true)
            #expect((answer.header("content-length") == nil) == !hasLength)
            #expect(answer.body.count == 64 * 65_536 && answer.body.allSatisfy { $0 == UInt8(ascii: "m") })
            #expect(await gateway.underWay() == 0)
            #expect(gateway.homeserver.openConnections == 1, "kept for the next request")
        }
    }

    @Test("a peer that does not read holds the homeserver back, and gets the rest when it does")
    func backPressure() async throws {
        let (parts, size) = (512, 131_072)
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(.stream(parts: parts, size: size))
            let peer = try gateway.connect()
            try await peer.send(try Self.media().bytes)
            // Until nothing more moves.
            var last = -1
            #expect(
                try await gateway.until {
                    defer { last = gateway.homeserver.streamed }
                    try await Task.sleep(for: .milliseconds(40))
                    return gateway.homeserver.streamed > 0 && gateway.homeserver.streamed == last
                })
            #expect(gateway.homeserver.streamed < parts * size / 2, "most of it waits at the homeserver")
            let answer = try await peer.response()
            #expect(answer?.body.count == parts * size)
        }
    }

    @Test("a peer that leaves while its answer waits gives the homeserver's connection back")
    func leavesWaiting() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer(.stream(parts: 512, size: 131_072))
            for _ in 0..<3 {
                let peer = try gateway.connect()
                try await peer.send(try Self.media().bytes)
                var last = -1
                #expect(
                    try await gateway.until {
                        defer { last = gateway.homeserver.streamed }
                        try await Task.sleep(for: .milliseconds(20))
                        return gateway.homeserver.openConnections == 1 && gateway.homeserver.streamed == last
                    })
                try await peer.disconnect()
                #expect(try await gateway.until { gateway.homeserver.openConnections == 0 })
                #expect(try await gateway.until { await gateway.underWay() == 0 })
            }
            #expect(!gateway.captured.lines.contains { $0.hasPrefix("error") }, "the homeserver did nothing wrong")
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test(
        "a peer that leaves in a head, in a body, while keys are fetched or while the homeserver thinks leaks nothing")
    func leaves() async throws {
        try await GatewayUnderTest.running { gateway in
            let whole = try TestPeer.friend.transaction().bytes
            for part in [whole.prefix(30), whole.dropLast(7)] {
                let peer = try gateway.connect()
                try await peer.send(Array(part))
                if part.count > 30 { #expect(try await gateway.until { await gateway.underWay() == 1 }) }
                try await peer.disconnect()
                #expect(try await gateway.until { gateway.server.connectionCount == 0 })
                #expect(await gateway.underWay() == 0)
            }
            #expect(gateway.homeserver.requests.isEmpty)

            gateway.source.hold()
            let waiting = try gateway.connect()
            try await waiting.send(whole)
            #expect(try await gateway.until { gateway.source.heldCount == 1 })
            #expect(await gateway.underWay() == 1)
            try await waiting.disconnect()
            #expect(try await gateway.until { await gateway.underWay() == 0 })
            gateway.source.release()

            gateway.homeserver.answer(.held(200, Array("{}".utf8)))
            let thinking = try gateway.connect()
            try await thinking.send(whole)
            #expect(try await gateway.until { gateway.homeserver.heldCount >= 1 })
            try await thinking.disconnect()
            #expect(try await gateway.until { gateway.server.connectionCount == 0 })
            #expect(await gateway.underWay() == 0)
            gateway.homeserver.release()
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("when all is over nothing is left: connections, requests and answers keep each other alive no longer")
    func nothingLeft() async throws {
        weak var log: AuditLog?
        try await GatewayUnderTest.running {
            $0.limits.writeStall = .milliseconds(50)
        } _: { gateway in
            log = gateway.log
            let good = try TestPeer.friend.transaction()
            try await gateway.expectPassed(good)
            _ = try await gateway.ask(try TestPeer.stranger.transaction())
            _ = try await gateway.ask(try TestPeer.limited.request("GET", "/_matrix/federation/v1/event/%24e"))
            _ = try await gateway.ask(good.with { $0.add("Content-Length", "1") })
            _ = try await gateway.ask(good.with { $0.body[3] = 0 })
            gateway.homeserver.answer(.stream(parts: 512, size: 131_072))
            let stalled = try gateway.connect()
            try await stalled.send(try Self.media().bytes)
            #expect(try await gateway.until { gateway.homeserver.streamed > 0 })
            #expect(try await gateway.until { await gateway.underWay() == 0 })
            let leaving = try gateway.connect()
            let seen = gateway.homeserver.requests.count
            try await leaving.send(try Self.media().bytes)
            #expect(try await gateway.until { gateway.homeserver.requests.count > seen })
            try await leaving.disconnect()
            gateway.homeserver.answer(.disconnect)
            _ = try await gateway.ask(good)
            gateway.homeserver.answer(.held(200, []))
            let thinking = try gateway.connect()
            try await thinking.send(good.bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
        }
        for _ in 0..<1000 where log != nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(log == nil)
    }
}
