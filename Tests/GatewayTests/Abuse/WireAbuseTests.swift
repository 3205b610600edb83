// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import Metrics
import NIOCore
import TestKit
import Testing
import Transport

@Suite("Abuse of HTTP, at the whole gateway")
struct WireAbuseTests {
    private static let target = "/_matrix/federation/v1/send/t1"
    private static let smuggled = "PUT /_matrix/federation/v1/send/smuggled HTTP/1.1\r\nHost: home.example\r\n\r\n"

    /// A signed transaction with other framing fields, and what follows it on the wire.
    private static func put(_ lines: [String], _ tail: String = "{}") throws -> [UInt8] {
        let good = try TestPeer.friend.transaction()
        let head =
            ["PUT \(target) HTTP/1.1", "Host: home.example", "Authorization: \(good.authorization)"] + lines
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + tail + smuggled).utf8)
    }

    @Test(
        "AC-21 a head that two parsers read differently ends the connection, and nothing after it is read",
        arguments: [
            ["Content-Length: 2", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 2"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding: gzip, chunked"], ["Content-Length: 2", "Content-Length: 2"],
            ["Content-Length: 2", "Content-Length: 3"], ["Content-Length:"], ["Content-Length: +2"],
            ["Content-Length: 0x2"], ["Content-Length: 2, 2"], ["X: a\r\n Content-Length: 2"],
            ["Content-Length : 2"], [": 2"], ["X: a\nContent-Length: 2"], ["X: a\rContent-Length: 2"],
        ])
    func framing(lines: [String]) async throws {
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(bytes: Self.put(lines), 400, "M_UNKNOWN", "http.framing", closes: true)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test(
        "AC-21 a chunked body that two parsers read differently ends the connection",
        arguments: [
            "2;a=b\r\n{}\r\n0\r\n\r\n", "0x2\r\n{}\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n", "2\n{}\r\n0\r\n\r\n",
            "2\r\n{}x\r\n0\r\n\r\n", "2\r\n{}\r\n0\r\nX: y\r\n\r\n", "ffffffffffffffff\r\n",
        ])
    func chunks(body: String) async throws {
        try await GatewayUnderTest.running { gateway in
            try await gateway.expectRefused(
                bytes: Self.put(["Transfer-Encoding: chunked"], body), 400, "M_UNKNOWN", "http.framing", closes: true,
                claimed: "friend.example")
        }
    }

    @Test("AC-21 control: a chunked request goes on with one framing, its length")
    func chunked() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.transaction()
            let half = good.body.count / 2
            let chunked = good.with {
                $0.remove("Content-Length")
                $0.add("Transfer-Encoding", "chunked")
                $0.body =
                    Array("\(String(half, radix: 16))\r\n".utf8) + good.body[..<half]
                    + Array("\r\n\(String(good.body.count - half, radix: 16))\r\n".utf8) + good.body[half...]
                    + Array("\r\n0\r\n\r\n".utf8)
            }
            #expect(try await gateway.ask(chunked).status == 200)
            let arrived = try #require(gateway.homeserver.requests.last)
            #expect(arrived.body == good.body)
            #expect(arrived.values("content-length") == ["\(good.body.count)"])
            #expect(arrived.values("transfer-encoding").isEmpty)
        }
    }

    @Test("AC-22 what is not plain HTTP/1.1 is refused, and the connection ends")
    func unsupported() async throws {
        try await GatewayUnderTest.running { gateway in
            let table: [(String, Int, String)] = [
                ("CONNECT home.example:443 HTTP/1.1\r\nHost: home.example\r\n\r\n", 405, "M_UNRECOGNIZED"),
                ("GET /_matrix/federation/v1/version\r\n", 505, "M_UNKNOWN"),
                ("GET / HTTP/2.0\r\nHost: home.example\r\n\r\n", 505, "M_UNKNOWN"),
                ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "M_UNKNOWN"),
            ]
            for (bytes, status, errcode) in table {
                try await gateway.expectRefused(
                    bytes: Array((bytes + Self.smuggled).utf8), status, errcode, "http.unsupported", closes: true)
            }
            let waits = try TestPeer.friend.transaction().with { $0.add("Expect", "200-ok") }
            try await gateway.expectRefused(waits, 417, "M_UNKNOWN", "http.unsupported", closes: true)
        }
    }

    @Test(
        "AC-22 Upgrade is no upgrade, and HTTP/1.0 is closed after one answer; neither reaches the homeserver as such")
    func upgrade() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.request("GET", "/_matrix/federation/v1/version")
            for change: @Sendable (inout WireRequest) -> Void in [
                {
                    $0.add("Connection", "Upgrade")
                    $0.add("Upgrade", "h2c")
                },
                {
                    $0.version = "HTTP/1.0"
                    $0.add("Connection", "keep-alive")
                },
            ] {
                let peer = try gateway.connect()
                try await peer.send(good.with(change).bytes + Array(Self.smuggled.utf8))
                #expect(try await peer.response()?.status == 200)
                #expect(try await peer.isClosedByPeer())
                let arrived = try #require(gateway.homeserver.requests.last)
                #expect(arrived.values("upgrade").isEmpty && arrived.values("connection").isEmpty)
            }
            #expect(gateway.homeserver.requests.count == 2)
            try await gateway.expectPassed(good)
        }
    }

    @Test("AC-22 100 Continue is sent for a body that is wanted, and not to a server that is refused")
    func expectation() async throws {
        try await GatewayUnderTest.running { gateway in
            func waiting(_ peer: TestPeer) throws -> (head: WireRequest, body: [UInt8]) {
                let whole = try peer.transaction()
                return (
                    whole.with {
                        $0.add("Expect", "100-continue")
                        $0.body = []
                    }, whole.body
                )
            }
            let refused = try waiting(.stranger)
            try await gateway.expectRefused(
                refused.head, 403, "M_FORBIDDEN", "origin.unknown", closes: true, claimed: "stranger.example",
                rule: "assign.unknown")
            let wanted = try waiting(.friend)
            let peer = try gateway.connect()
            try await peer.send(wanted.head.bytes)
            #expect(try await peer.response()?.status == 100)
            try await peer.send(wanted.body)
            #expect(try await peer.response()?.status == 200)
            let arrived = try #require(gateway.homeserver.requests.last)
            #expect(arrived.body == wanted.body && arrived.values("expect").isEmpty)
        }
    }

    @Test("AC-22 pipelined requests are answered in order, also when the first waits for keys")
    func pipelining() async throws {
        try await GatewayUnderTest.running { gateway in
            gateway.homeserver.answer { .text(200, "{\"target\":\"\($0.target)\"}") }
            gateway.source.hold()
            let requests = try (0..<5).map { try TestPeer.friend.transaction("p\($0)") }
            let stranger = try TestPeer.stranger.transaction()
            let peer = try gateway.connect()
            try await peer.send(requests[..<3].flatMap(\.bytes) + stranger.bytes + requests[3...].flatMap(\.bytes))
            #expect(try await gateway.until { gateway.source.heldCount == 1 })
            gateway.source.release()
            var answers: [String] = []
            for _ in 0..<6 { answers.append(try await peer.response()?.text ?? "") }
            for (index, number) in [(0, 0), (1, 1), (2, 2), (4, 3), (5, 4)] {
                #expect(answers[index] == "{\"target\":\"/_matrix/federation/v1/send/p\(number)\"}")
            }
            #expect(answers[3].contains("M_FORBIDDEN"))
            #expect(
                try await gateway.records().map(\.decision) == ["allow", "allow", "allow", "refuse", "allow", "allow"])
        }
    }

    @Test("AC-26 fields that speak for a gateway, and hop-by-hop tricks, do not reach the homeserver")
    func fields() async throws {
        let metrics = CapturedMetrics()
        try await withMetricsFactory(metrics) { try await fields(metrics) }
    }

    private func fields(_ metrics: CapturedMetrics) async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.transaction().with {
                $0.add("User-Agent", String(repeating: "u", count: 300))
                $0.add("Accept", "application/json")
                $0.add("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
            }
            let hostile = good.with {
                $0.add("Connection", "Authorization, Content-Type")
                for name in [
                    "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "X-Original-URL",
                    "X-HTTP-Method-Override", "X-Entente-Origin", "Cookie", "TE", "Proxy-Authorization", "Via",
                    "Accept-Encoding", "Range", "If-None-Match", "Keep-Alive",
                ] { $0.add(name, "1") }
            }
            for request in [good, hostile] {
                let arrived = try await gateway.expectPassed(request)
                #expect(
                    arrived.fields.map(\.name).sorted() == [
                        "Accept", "Authorization", "Content-Length", "Content-Type", "Date", "Host", "User-Agent",
                    ])
                #expect(arrived.values("user-agent").first?.count == 128)
                #expect(arrived.values("host") == ["home.example"])
                #expect(arrived.values("authorization") == [good.authorization])
                let dropped = request.fields.count == good.fields.count ? 0 : 15
                #expect(metrics.count("entente_header_fields_dropped_total") == dropped)
            }
        }
    }

    @Test("AC-27 an endpoint answers to its own verb only")
    func verbs() async throws {
        try await GatewayUnderTest.running { gateway in
            let target = "/_matrix/federation/v1/version"
            for (method, closes) in [
                ("HEAD", true), ("OPTIONS", false), ("get", true), ("TRACE", true), ("DELETE", false), ("PUT", false),
                ("POST", false), ("PATCH", false),
            ] {
                let request = WireRequest(method, target).with { $0.add("X-HTTP-Method-Override", "GET") }
                try await gateway.expectRefused(request, 405, "M_UNRECOGNIZED", "endpoint.method", closes: closes)
            }
            let override = try TestPeer.friend.request("GET", Self.target).with {
                $0.add("X-HTTP-Method-Override", "PUT")
            }
            try await gateway.expectRefused(override, 405, "M_UNRECOGNIZED", "endpoint.method")
            try await gateway.expectPassed(try TestPeer.friend.request("GET", target))
        }
    }

    @Test("AC-30 heads, targets and bodies above their limits are refused; at the limit they pass")
    func limits() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.request("GET", "/_matrix/federation/v1/version")
            let many = good.with { for index in 0..<62 { $0.add("X-\(index)", "y") } }
            try await gateway.expectPassed(many)
            try await gateway.expectRefused(
                many.with { $0.add("X-62", "y") }, 431, "M_TOO_LARGE", "http.limits", closes: true)
            let room = 16_384 - good.bytes.count - 5
            try await gateway.expectPassed(good.with { $0.add("X", String(repeating: "y", count: room)) })
            try await gateway.expectRefused(
                good.with { $0.add("X", String(repeating: "y", count: room + 1)) }, 431, "M_TOO_LARGE", "http.limits",
                closes: true)
            func long(_ count: Int) throws -> WireRequest {
                let start = "/_matrix/federation/v1/query/profile?user_id=%40u%3Ahome.example&field="
                return try TestPeer.friend.request("GET", start + String(repeating: "f", count: count - start.count))
            }
            try await gateway.expectPassed(try long(4096))
            try await gateway.expectRefused(try long(4097), 414, "M_TOO_LARGE", "http.limits", closes: true)
            let body = try TestPeer.friend.transaction().with { $0.set("Content-Length", "13107201") }
            try await gateway.expectRefused(
                body, 413, "M_TOO_LARGE", "http.limits", closes: true, claimed: "friend.example")
        }
    }

    @Test("AC-32 a head or a body that drips is refused, and recorded")
    func slow() async throws {
        try await GatewayUnderTest.running {
            $0.limits.headTime = .milliseconds(700)
            $0.limits.bodyGrace = .milliseconds(100)
            $0.limits.requestTime = .seconds(5)
        } _: { gateway in
            let good = try TestPeer.friend.transaction()
            try await gateway.expectRefused(
                bytes: Array(good.bytes.prefix(40)), 408, "M_UNKNOWN", "http.slow", closes: true)
            try await gateway.expectRefused(
                bytes: Array(good.bytes.dropLast(10)), 408, "M_UNKNOWN", "http.slow", closes: true,
                claimed: "friend.example")
            try await gateway.expectPassed(good)
        }
    }

    @Test("AC-32 a connection that says nothing, and one too many of an address, end without a word")
    func idle() async throws {
        try await GatewayUnderTest.running {
            $0.limits.headTime = .milliseconds(700)
            $0.limits.idleTime = .milliseconds(100)
            $0.limits.connectionsPerAddress = 2
        } _: { gateway in
            let silent = try gateway.connect()
            #expect(try await silent.isClosedByPeer())
            try await silent.disconnect()
            #expect(try await gateway.until { gateway.server.connectionCount == 0 })
            let first = try gateway.connect()
            try await first.send(try TestPeer.friend.transaction().bytes)
            #expect(try await first.response()?.status == 200)
            #expect(try await first.isClosedByPeer(), "a connection at rest")
            #expect(try await gateway.records().count == 1)
        }
    }

    @Test("AC-32 a peer that does not read its answer loses the connection, and the homeserver gets its own back")
    func slowReader() async throws {
        try await GatewayUnderTest.running {
            $0.limits.writeStall = .milliseconds(100)
        } _: { gateway in
            gateway.homeserver.answer(.stream(parts: 512, size: 131_072))
            let peer = try gateway.connect()
            try await peer.send(
                try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc").bytes)
            #expect(try await gateway.until { gateway.homeserver.streamed > 0 })
            #expect(try await gateway.until { gateway.homeserver.openConnections == 0 })
            // The decision stands as it was recorded; that the peer let go is a record beside it.
            #expect(try await gateway.until { try await gateway.records().count == 2 })
            #expect(try await gateway.records().map(\.reason) == ["policy.allowed", "http.slow"])
            #expect(gateway.homeserver.streamed < 512 * 131_072)
            #expect(try await gateway.until { await gateway.underWay() == 0 })
            try await peer.disconnect()
            gateway.homeserver.answer(.stream(parts: 4, size: 131_072))
            let whole = try await gateway.ask(
                try TestPeer.friend.request("GET", "/_matrix/federation/v1/media/download/abc"))
            #expect(whole.body.count == 4 * 131_072)
        }
    }

    @Test("AC-33 a compressed body is refused, one said to be as it is passes")
    func compression() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = try TestPeer.friend.transaction()
            for encoding in ["gzip", "deflate", "br", "identity, gzip", ""] {
                try await gateway.expectRefused(
                    good.with { $0.add("Content-Encoding", encoding) }, 415, "M_UNKNOWN", "http.compression",
                    closes: true)
            }
            try await gateway.expectPassed(good.with { $0.add("Content-Encoding", "identity") })
        }
    }
}
