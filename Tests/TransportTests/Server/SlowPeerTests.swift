// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("AC-32 slow peers are cut off, patient ones are not")
struct SlowPeerTests {
    private let head = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"

    @Test("AC-32 a connection that says nothing closes after ten seconds, without an answer")
    func silence() throws {
        let server = try EmbeddedServer()
        server.advance(.milliseconds(9_999))
        #expect(server.isOpen)
        server.advance(.milliseconds(1))
        #expect(!server.isOpen)
        #expect(server.service.refusals.isEmpty)
    }

    @Test("AC-32 a head that drips is refused with 408 after ten seconds, however many bytes came")
    func slowHead() throws {
        let server = try EmbeddedServer()
        server.advance(.seconds(5))
        for byte in "GET / HTTP" {
            try server.send(String(byte))
            server.advance(.milliseconds(999))
        }
        #expect(server.service.refusals.isEmpty)
        server.advance(.milliseconds(10))
        #expect(server.service.refusals == [.slowHead])
        #expect(try server.received().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("AC-32 a head that is complete in time is served")
    func patientHead() throws {
        let server = try EmbeddedServer()
        try server.send("GET / HTTP/1.1\r\n")
        server.advance(.milliseconds(9_900))
        try server.send("Host: h\r\n\r\n")
        #expect(server.service.reached == 1 && server.service.refusals.isEmpty)
    }

    @Test("AC-32 a later head on a kept connection has the same ten seconds")
    func slowSecondHead() throws {
        let server = try EmbeddedServer()
        try server.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        server.advance(.seconds(50))
        try server.send("GET")
        server.advance(.milliseconds(9_999))
        #expect(server.service.refusals.isEmpty)
        server.advance(.milliseconds(1))
        #expect(server.service.refusals == [.slowHead])
    }

    @Test("AC-32 a body below 1 KiB/s after ten seconds is refused; one above it is not")
    func slowBody() throws {
        let slow = try EmbeddedServer()
        try slow.send(head)
        for _ in 0..<20 {
            try slow.send(String(repeating: "x", count: 400))
            slow.advance(.seconds(1))
        }
        #expect(slow.service.refusals == [.slowBody])
        #expect(try slow.received().hasPrefix("HTTP/1.1 408"))
        #expect(slow.service.reached == 0)

        let steady = try EmbeddedServer()
        try steady.send(head)
        for _ in 0..<40 {
            try steady.send(String(repeating: "x", count: 25_000))
            steady.advance(.seconds(1))
        }
        #expect(steady.service.refusals.isEmpty && steady.service.reached == 1)
    }

    @Test("AC-32 a request over sixty seconds in all is refused, at whatever speed")
    func slowRequest() throws {
        let server = try EmbeddedServer()
        try server.send(head)
        for _ in 0..<70 {
            try server.send(String(repeating: "x", count: 2_000))
            server.advance(.seconds(1))
        }
        #expect(server.service.refusals == [.slowRequest])
    }

    @Test("AC-32 an answer that is not read for thirty seconds ends the connection")
    func slowReader() throws {
        let server = try EmbeddedServer()
        server.service.onBody = { _, exchange in
            exchange.startStream(200, .none, length: nil)
            _ = exchange.write(ByteBuffer(string: "part"))
        }
        try server.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        server.channel.isWritable = false
        server.channel.pipeline.fireChannelWritabilityChanged()
        server.advance(.seconds(29))
        #expect(server.isOpen)
        server.advance(.seconds(1))
        #expect(!server.isOpen)
        #expect(server.service.refusals == [.slowReader] && server.service.closed == 1)
    }

    @Test("AC-32 an answer that is read again in time goes on")
    func recoveredReader() throws {
        let server = try EmbeddedServer()
        var resumed = 0
        server.service.onBody = { _, exchange in
            exchange.startStream(200, .none, length: nil)
            exchange.onWritable = { resumed += 1 }
        }
        try server.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        for _ in 0..<3 {
            server.channel.isWritable = false
            server.channel.pipeline.fireChannelWritabilityChanged()
            server.advance(.seconds(29))
            server.channel.isWritable = true
            server.channel.pipeline.fireChannelWritabilityChanged()
        }
        #expect(server.isOpen && resumed == 3)
    }

    @Test("AC-32 a kept connection rests 120 seconds, counted from its last answer")
    func idle() throws {
        let server = try EmbeddedServer()
        for _ in 0..<3 {
            try server.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            server.advance(.seconds(119))
            #expect(server.isOpen)
        }
        server.advance(.seconds(1))
        #expect(!server.isOpen && server.service.reached == 3 && server.service.refusals.isEmpty)
    }

    @Test("AC-32 a service that takes its time is not the peer's fault")
    func slowService() throws {
        let server = try EmbeddedServer()
        server.service.onBody = { _, _ in }
        try server.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        server.advance(.seconds(300))
        #expect(server.isOpen)
        server.service.exchanges.first?.respond(200, .none, ByteBuffer())
        server.advance(.seconds(119))
        #expect(server.isOpen)
        server.advance(.seconds(1))
        #expect(!server.isOpen)
    }

    @Test("AC-32 a refused peer that keeps sending is heard out within bounds")
    func linger() throws {
        let server = try EmbeddedServer()
        try server.send("GET / HTTP/1.1\r\n\r\n")
        try server.send(String(repeating: "x", count: 262_144))
        #expect(server.isOpen)
        try server.send("x")
        #expect(!server.isOpen)
    }

    @Test("AC-32 connections are counted in all and by address, an IPv6 /64 being one")
    func caps() throws {
        func address(_ text: String) throws -> HTTPConnectionCounter.Address {
            .init(try SocketAddress(ipAddress: text, port: 1))
        }
        let counter = HTTPConnectionCounter(total: 4, perAddress: 2)
        let first = try address("192.0.2.1")
        #expect(counter.admit(first))
        #expect(counter.admit(try address("::ffff:192.0.2.1")))
        #expect(!counter.admit(first))
        #expect(counter.admit(try address("2001:db8::1")))
        #expect(counter.admit(try address("2001:db8::ffff:2")))
        #expect(!counter.admit(try address("2001:db8::3")))
        #expect(!counter.admit(try address("192.0.2.2")), "four in all")
        counter.leave(first)
        #expect(counter.admit(try address("192.0.2.2")))
        #expect(try address("2001:db8:0:1::1") != address("2001:db8::1"))
    }
}
