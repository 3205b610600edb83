// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

/// Remembers what a connection told it.
private final class Recorder: HTTPResponseReceiver {
    var events: [String] = []
    var heads: [HTTPResponseHead] = []
    var error: HTTPClientError?
    var onPart: (() -> Void)?

    func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) {
        heads.append(head)
        events.append("answered \(head.status) \(String(buffer: body))")
    }
    func began(_ head: HTTPResponseHead) { events.append("began \(head.status)") }
    func part(_ bytes: ByteBuffer) {
        events.append("part \(String(buffer: bytes))")
        onPart?()
    }
    func ended() { events.append("ended") }
    func failed(_ error: HTTPClientError) { self.error = error }
}

private final class EmbeddedClient {
    let channel = EmbeddedChannel()
    let connection = HTTPClientConnection()
    let recorder = Recorder()

    init() throws {
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    @discardableResult
    func ask(_ expectation: HTTPExpectation = HTTPExpectation(bodyLimit: 100, timeout: .seconds(10))) -> Bool {
        connection.send(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), nil, expectation, to: recorder)
    }

    func answer(_ text: String) throws {
        if channel.isActive { try channel.writeInbound(ByteBuffer(string: text)) }
    }

    func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}

@Suite("The connection to a server that we ask")
struct ClientConnectionTests {
    @Test("an answer with a length or in chunks is collected and leaves the connection reusable")
    func collects() throws {
        let client = try EmbeddedClient()
        client.ask()
        #expect(!client.connection.isReusable)
        try client.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        #expect(client.connection.isReusable)
        client.ask()
        try client.answer("HTTP/1.1 404 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")
        client.ask()
        try client.answer("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204\r\n\r\n")
        #expect(client.recorder.events == ["answered 200 hello", "answered 404 hello", "answered 204 "])
        #expect(client.connection.isReusable && client.recorder.error == nil)
    }

    @Test("how the bytes of an answer arrive does not change it")
    func splits() throws {
        let text = "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
        for cut in 0...text.utf8.count {
            let client = try EmbeddedClient()
            client.ask()
            let bytes = Array(text.utf8)
            try client.answer(String(decoding: bytes[..<cut], as: UTF8.self))
            try client.answer(String(decoding: bytes[cut...], as: UTF8.self))
            #expect(client.recorder.events == ["answered 200 hello"], "cut at \(cut)")
            #expect(client.connection.isReusable)
        }
    }

    @Test("a connection that says close, or is HTTP/1.0, is not used again")
    func closes() throws {
        for answer in [
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
        ] {
            let client = try EmbeddedClient()
            client.ask()
            try client.answer(answer)
            #expect(client.recorder.events == ["answered 200 "], "\(answer)")
            #expect(!client.connection.isReusable && !client.ask() && !client.channel.isActive)
        }
    }

    @Test(
        "AC-43 answers that could be read in two ways, split, or are too large are refused",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", .framing(.contentLengthRepeated)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .framing(.twoFramings)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .framing(.transferEncodingMalformed)),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .framing(.contentLengthMalformed)),
            ("HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n", .framing(.bareLineFeed)),
            ("HTTP/1.1 200 OK\r\nX: a\rY: b\r\n\r\n", .framing(.bareCarriageReturn)),
            ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .framing(.foldedLine)),
            ("HTTP/1.1 200 OK\r\nX : a\r\n\r\n", .framing(.spaceBeforeColon)),
            ("HTTP/1.1 200 OK\r\n\r\n", .lengthMissing),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .interim),
            ("HTTP/2.0 200 OK\r\n\r\n", .version),
            ("HTTP/1.1 20 OK\r\n\r\n", .framing(.startLine)),
            ("HTTP/1.1 2000 OK\r\n\r\n", .framing(.startLine)),
            ("HTTP/1.1 999 OK\r\n\r\n", .framing(.startLine)),
            ("ICY 200 OK\r\n\r\n", .framing(.firstByte)),
            ("\r\n\r\n", .framing(.firstByte)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .bodyTooLarge),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", .bodyTooLarge),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", .framing(.trailers)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\n", .framing(.chunkExtension)),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", .contentEncoding),
            (
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 65) + "\r\n", .tooManyFields
            ),
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 40_000) + "\r\n\r\n", .headTooLarge),
            (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 9), .interim),
        ] as [(String, HTTPResponseFault)])
    func refuses(answer: String, fault: HTTPResponseFault) throws {
        let client = try EmbeddedClient()
        client.ask()
        try client.answer(answer)
        #expect(client.recorder.error == .malformed(fault))
        #expect(client.recorder.events.isEmpty && !client.channel.isActive)
    }

    @Test("AC-43 only allowed fields of an answer are passed on")
    func allowList() throws {
        let client = try EmbeddedClient()
        client.ask()
        try client.answer(
            "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\ncontent-type: application/json\r\nLocation: http://x\r\nServer: s\r\n"
                + "Content-Length: 0\r\n\r\n")
        let head = try #require(client.recorder.heads.first)
        #expect(
            String(decoding: head.lines(allowing: [.contentType]).bytes, as: UTF8.self)
                == "Content-Type: application/json\r\n")
    }

    @Test("AC-43 a value with a line break makes no line")
    func splitting() {
        var lines = HTTPFieldLines()
        let added = [lines.append("X", "a\r\nSet-Cookie: b"), lines.append("X", "a\u{0}"), lines.append("X", "a")]
        #expect(added == [false, false, true])
        #expect(String(decoding: lines.bytes, as: UTF8.self) == "X: a\r\n")
    }

    @Test("a body ends with the connection only where the asker allows it")
    func untilClose() throws {
        let client = try EmbeddedClient()
        client.ask(HTTPExpectation(bodyLimit: 100, timeout: .seconds(10), mayEndWithConnection: true))
        try client.answer("HTTP/1.1 200 OK\r\n\r\nhel")
        try client.answer("lo")
        #expect(client.recorder.events.isEmpty)
        try client.channel.close().wait()
        #expect(client.recorder.events == ["answered 200 hello"])
    }

    @Test("a connection that ends before or within an answer says which, and whether it had served before")
    func endsEarly() throws {
        let fresh = try EmbeddedClient()
        fresh.ask()
        try fresh.channel.close().wait()
        #expect(fresh.recorder.error == .closedBeforeAnswer(isReused: false))
        #expect(fresh.recorder.error?.isRetryable == false)

        let used = try EmbeddedClient()
        used.ask()
        try used.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        used.ask()
        try used.channel.close().wait()
        #expect(used.recorder.error?.isRetryable == true)

        for part in ["H", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"] {
            let cut = try EmbeddedClient()
            cut.ask()
            try cut.answer(part)
            try cut.channel.close().wait()
            #expect(cut.recorder.error == .closedInAnswer)
        }
    }

    @Test("an answer that takes longer than its timeout fails; the clock is that of the request")
    func timeout() throws {
        let client = try EmbeddedClient()
        for _ in 0..<3 {
            client.advance(.seconds(7))
            client.ask()
            client.advance(.seconds(9))
            try client.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(client.recorder.events.count == 3)
        client.ask()
        try client.answer("HTTP/1.1 200 OK\r\n")
        client.advance(.milliseconds(9_999))
        #expect(client.recorder.error == nil)
        client.advance(.milliseconds(1))
        #expect(client.recorder.error == .timeout && !client.channel.isActive)
    }

    @Test("a streamed answer comes in parts, and none comes while it is paused")
    func streams() throws {
        let client = try EmbeddedClient()
        client.recorder.onPart = { client.connection.pause() }
        client.ask(HTTPExpectation(bodyLimit: 100, timeout: .seconds(10), isStreamed: true))
        try client.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n")
        #expect(client.recorder.events == ["began 200", "part a"])
        client.advance(.seconds(60))
        #expect(client.recorder.error == nil, "a pause of ours is not the server's fault")
        client.connection.resume()
        #expect(client.recorder.events == ["began 200", "part a", "part b"])
        client.recorder.onPart = nil
        try client.answer("1\r\nc\r\n0\r\n\r\n")
        client.connection.resume()
        #expect(client.recorder.events == ["began 200", "part a", "part b", "part c", "ended"])
        #expect(client.connection.isReusable)
    }

    @Test(
        "what came before the server closed is delivered when a pause ends; cut off, it fails then",
        arguments: [true, false])
    func closesWhilePaused(isWhole: Bool) throws {
        let client = try EmbeddedClient()
        var closed = 0
        client.connection.onClosed = { closed += 1 }
        client.recorder.onPart = { client.connection.pause() }
        client.ask(HTTPExpectation(bodyLimit: 100, timeout: .seconds(10), isStreamed: true))
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        try client.answer(head + "1\r\na\r\n1\r\nb\r\n" + (isWhole ? "0\r\n\r\n" : ""))
        _ = try client.channel.finish()
        #expect(closed == 1 && !client.connection.isOpen && client.recorder.error == nil)
        #expect(client.recorder.events == ["began 200", "part a"])
        client.connection.resume()
        #expect(client.recorder.events == ["began 200", "part a", "part b"])
        client.connection.resume()
        #expect(client.recorder.events.last == (isWhole ? "ended" : "part b"))
        #expect(client.recorder.error == (isWhole ? nil : .closedInAnswer))
        client.connection.resume()
        #expect(closed == 1 && !client.ask())
    }

    @Test("a paused answer whose server has closed can be given up")
    func givenUpAfterClose() throws {
        let client = try EmbeddedClient()
        client.recorder.onPart = { client.connection.pause() }
        client.ask(HTTPExpectation(bodyLimit: 100, timeout: .seconds(10), isStreamed: true))
        try client.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n")
        _ = try client.channel.finish()
        client.connection.close()
        #expect(client.recorder.error == .cancelled)
        client.connection.resume()
        #expect(client.recorder.events == ["began 200", "part a"])
    }

    @Test("bytes that answer nothing end the connection")
    func unexpected() throws {
        let client = try EmbeddedClient()
        var closed = 0
        client.connection.onClosed = { closed += 1 }
        try client.answer("HTTP/1.1 408 Request Timeout\r\n")
        #expect(!client.channel.isActive && closed == 1 && !client.ask())
    }
}
