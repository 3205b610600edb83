// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

private let put = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"

@Suite("The server's side of a connection")
struct ServerHandlerTests {
    @Test(
        "AC-21 after a framing fault: one answer, nothing reaches the service, the rest is discarded, the end",
        arguments: SmugglingTests.framing + SmugglingTests.chunking)
    func framingFault(_ hostile: HostileRequest) throws {
        let server = try EmbeddedServer()
        try server.send(hostile.bytes + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(server.service.reached == 0)
        #expect(server.service.refusals == [hostile.refusal])
        let answer = try server.received()
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.contains("Connection: close\r\n") && answer.contains("\"M_UNKNOWN\""))
        #expect(!answer.contains(hostile.refusal.reason), "the peer is not told our reasons")
        try server.send("GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try server.received() == "")
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test(
        "each refusal is answered with its status and errcode, and the service is not reached",
        arguments: [
            ("AC-22", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405, "M_UNRECOGNIZED"),
            ("AC-22", "PUT / HTTP/1.1\r\nHost: h\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx", 417, "M_UNKNOWN"),
            ("AC-22", "GET /\r\n", 505, "M_UNKNOWN"),
            ("AC-24", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "M_INVALID_PARAM"),
            ("AC-24", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400, "M_INVALID_PARAM"),
            ("AC-24", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "M_INVALID_PARAM"),
            ("AC-27", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "M_UNRECOGNIZED"),
            ("AC-27", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "M_UNRECOGNIZED"),
            ("AC-30", "GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\n\r\n", 414, "M_TOO_LARGE"),
            ("AC-30", "GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))", 431, "M_TOO_LARGE"),
            ("AC-30", "GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 65))", 431, "M_TOO_LARGE"),
            ("AC-30", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", 413, "M_TOO_LARGE"),
            (
                "AC-33", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415,
                "M_UNKNOWN"
            ),
        ])
    func refusals(row: String, bytes: String, status: Int, errcode: String) throws {
        let server = try EmbeddedServer()
        try server.send(bytes)
        let answer = try server.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(row)")
        #expect(answer.contains("\"errcode\":\"\(errcode)\"") && answer.contains("Connection: close\r\n"))
        #expect(server.service.reached == 0 && server.service.refusals.count == 1)
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("AC-21 control: the same connection serves well-formed requests one after the other")
    func keepAlive() throws {
        let server = try EmbeddedServer()
        for _ in 0..<3 {
            try server.send(put + "hello")
            #expect(
                try server.received()
                    == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello")
        }
        #expect(server.isOpen && server.service.refusals.isEmpty)
    }

    @Test("AC-22 pipelined requests are answered in order, one exchange at a time")
    func pipelining() throws {
        let server = try EmbeddedServer()
        var waiting: [HTTPExchange] = []
        server.service.onBody = { _, exchange in waiting.append(exchange) }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + put + "helloGET /3 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(server.service.heads.count == 1)
        for number in 1...3 {
            #expect(waiting.count == number)
            waiting[number - 1].respond(200, .none, ByteBuffer(string: "\(number)"))
            #expect(try server.received() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
        }
        #expect(server.service.heads.map { $0.text($0.target) } == ["/1", "/a", "/3"])
        #expect(server.isOpen)
    }

    @Test("AC-22 HTTP/1.0 is answered and closed, also when it asks for keep-alive; what follows is not read")
    func oneZero() throws {
        let server = try EmbeddedServer()
        try server.send(
            "GET /1 HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\nHost: h\r\n\r\n")
        #expect(try server.received().contains("Connection: close\r\n"))
        #expect(server.service.heads.count == 1)
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("a request that asks for the end gets its answer and then the end, and the service hears of no loss")
    func asksForClose() throws {
        let server = try EmbeddedServer()
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\nConnection: x, close\r\n\r\n")
        #expect(try server.received() == closing(200, ""))
        #expect(!server.isOpen && server.service.closed == 0)
    }

    private func closing(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }

    @Test("AC-22 100 Continue is sent for a body that is wanted, and not for one that is refused")
    func expectContinue() throws {
        let head = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        let wanted = try EmbeddedServer()
        try wanted.send(head)
        #expect(try wanted.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try wanted.send("hello")
        #expect(try wanted.received().hasSuffix("hello"))
        #expect(wanted.isOpen)

        let refused = try EmbeddedServer()
        refused.service.plan = .discard(limit: 100)
        refused.service.onHead = { _, exchange in exchange.respond(403, .json, ByteBuffer(string: "{}")) }
        try refused.send(head)
        let answer = try refused.received()
        #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && answer.contains("Connection: close"))
        refused.advance(.seconds(1))
        #expect(!refused.isOpen)
    }

    @Test("a cheap refusal keeps the connection: its body is drained, before or after the answer")
    func discard() throws {
        let early = try EmbeddedServer()
        early.service.plan = .discard(limit: 100)
        early.service.onHead = { _, exchange in exchange.respond(403, .none, ByteBuffer(string: "no")) }
        try early.send(put + "he")
        #expect(try early.received() == "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        try early.send("llo" + put + "hello")
        #expect(try early.received() == "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        #expect(early.isOpen && early.service.bodies.isEmpty && early.service.heads.count == 2)

        let late = try EmbeddedServer()
        late.service.plan = .discard(limit: 100)
        try late.send(put + "hello" + put)
        #expect(try late.received() == "")
        late.service.exchanges.first?.respond(403, .none, ByteBuffer(string: "no"))
        #expect(try late.received() == "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        #expect(late.isOpen && late.service.heads.count == 2)
    }

    @Test("a refused body that is too long to drain costs the connection")
    func discardTooLong() throws {
        let server = try EmbeddedServer()
        server.service.plan = .discard(limit: 4)
        server.service.onHead = { _, exchange in exchange.respond(403, .none, ByteBuffer(string: "no")) }
        try server.send(put + "hello")
        #expect(try server.received().contains("Connection: close"))
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("a fault in a drained body after its answer ends the connection without a second answer")
    func faultAfterAnswer() throws {
        let server = try EmbeddedServer()
        server.service.plan = .discard(limit: 100)
        server.service.onHead = { _, exchange in exchange.respond(403, .none, ByteBuffer(string: "no")) }
        try server.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\n")
        #expect(try server.received() == "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        server.advance(.seconds(1))
        #expect(!server.isOpen)
        #expect(server.service.refusals == [.framing(.chunkExtension)])
    }

    @Test("a service may answer a refused request itself, once its record is durable")
    func refusalByService() throws {
        let server = try EmbeddedServer()
        server.service.refusalAnswer = .byService
        try server.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try server.received() == "")
        server.service.exchanges.last?.respond(400, .json, ByteBuffer(string: "{\"record\":7}"))
        let answer = try server.received()
        #expect(answer.contains("Connection: close") && answer.hasSuffix("{\"record\":7}"))
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("a service that never answers a refused request does not keep the connection")
    func refusalUnanswered() throws {
        let server = try EmbeddedServer()
        server.service.refusalAnswer = .byService
        try server.send("GET / HTTP/1.1\r\n\r\n")
        server.advance(.seconds(30))
        #expect(!server.isOpen && server.service.closed == 1)
    }

    @Test("the socket is not read while too many bytes of later requests wait")
    func backPressure() throws {
        let server = try EmbeddedServer()
        server.service.onBody = { _, _ in }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + String(repeating: "x", count: 70_000))
        let reads = ReadCounter()
        try server.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        server.channel.read()
        #expect(reads.count == 0)
        server.service.exchanges.first?.respond(200, .none, ByteBuffer())
        #expect(reads.count == 1)
    }

    @Test("a streamed answer is chunked, or framed by its length, or by the end for HTTP/1.0")
    func streams() throws {
        let server = try EmbeddedServer()
        server.service.onBody = { _, exchange in
            exchange.startStream(200, .none, length: nil)
            #expect(exchange.write(ByteBuffer(string: "hello")))
            #expect(exchange.write(ByteBuffer(string: String(repeating: "y", count: 16))))
            exchange.finish()
            exchange.finish()
        }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            try server.received()
                == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\nyyyyyyyyyyyyyyyy\r\n0\r\n\r\n"
        )
        server.service.onBody = { _, exchange in
            exchange.startStream(200, .none, length: 5)
            #expect(exchange.write(ByteBuffer(string: "hello")))
            exchange.finish()
        }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try server.received() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        #expect(server.isOpen)
    }

    @Test("what a service streams at once is flushed once, also when no end follows")
    func coalescedStream() throws {
        for ends in [true, false] {
            let server = try EmbeddedServer()
            let flushes = FlushCounter()
            try server.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
            server.service.onBody = { _, exchange in
                exchange.startStream(200, .none, length: 5)
                #expect(exchange.write(ByteBuffer(string: "he")) && exchange.write(ByteBuffer(string: "llo")))
                if ends { exchange.finish() }
            }
            try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
            server.channel.embeddedEventLoop.run()
            #expect(flushes.count == 1, "ends: \(ends)")
            #expect(try server.received() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        }
    }

    @Test("AC-43 a streamed answer that is longer or shorter than its length is cut off")
    func streamLength() throws {
        for part in ["hello!", "hell"] {
            let server = try EmbeddedServer()
            server.service.onBody = { _, exchange in
                exchange.startStream(200, .none, length: 5)
                _ = exchange.write(ByteBuffer(string: part))
                exchange.finish()
            }
            try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(!server.isOpen)
        }
    }

    @Test("a large answer goes out in slices as the peer reads it")
    func largeAnswer() throws {
        let server = try EmbeddedServer()
        let body = ByteBuffer(repeating: 0x61, count: 1_000_000)
        server.service.onBody = { _, exchange in exchange.respond(200, .none, body) }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try server.received().utf8.count == 1_000_000 + 44)
        #expect(server.isOpen)
    }

    @Test("the service hears when the peer goes away before its answer")
    func peerGone() throws {
        let server = try EmbeddedServer()
        server.service.onBody = { _, _ in }
        try server.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
        try server.channel.close().wait()
        #expect(server.service.closed == 1)
        #expect(server.service.exchanges.first?.isClosed == true)
        server.service.exchanges.first?.respond(200, .none, ByteBuffer())
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0
    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}
