// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Transport

@Suite("The server on real sockets", .enabled(if: Curl.isPresent), .timeLimit(.minutes(1)))
struct HTTPLoopbackTests {
    private func file(_ bytes: Int) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "entente-\(UUID().uuidString)")
        try Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: url)
        return url
    }

    @Test("one connection serves several requests of curl")
    func keepAlive() async throws {
        let loopback = try await HTTPLoopback.start()
        let out = try await Curl.run([
            "--write-out", "%{http_code} %{num_connects};", "--data", "{\"a\":1}", "\(loopback.url)/a", "--next",
            "--silent", "--write-out", "%{http_code} %{num_connects};", "--data", "{\"b\":2}", "\(loopback.url)/b",
        ])
        #expect(out == "{\"a\":1}200 1;{\"b\":2}200 0;")
        try await loopback.server.close()
    }

    @Test("a large PUT of curl waits for 100 Continue and arrives whole")
    func expectContinue() async throws {
        let loopback = try await HTTPLoopback.start { $0.plan = .collect(limit: 4_000_000) }
        let upload = try file(3_000_000)
        defer { try? FileManager.default.removeItem(at: upload) }
        let answer = upload.appendingPathExtension("answer")
        defer { try? FileManager.default.removeItem(at: answer) }
        let out = try await Curl.run([
            "--upload-file", upload.path, "--header", "Expect: 100-continue", "--verbose", "--output", answer.path,
            "\(loopback.url)/big",
        ])
        #expect(out.contains("< HTTP/1.1 100 Continue"))
        #expect(try Data(contentsOf: answer) == Data(contentsOf: upload))
        try await loopback.server.close()
    }

    @Test("a chunked upload of curl arrives whole")
    func chunked() async throws {
        let loopback = try await HTTPLoopback.start()
        let upload = try file(300_000)
        defer { try? FileManager.default.removeItem(at: upload) }
        let answer = upload.appendingPathExtension("answer")
        defer { try? FileManager.default.removeItem(at: answer) }
        let out = try await Curl.run([
            "--request", "PUT", "--header", "Transfer-Encoding: chunked", "--data-binary", "@\(upload.path)",
            "--write-out", "%{http_code}", "--output", answer.path, "\(loopback.url)/chunks",
        ])
        #expect(out == "200")
        #expect(try Data(contentsOf: answer) == Data(contentsOf: upload))
        try await loopback.server.close()
    }

    @Test("a refused upload gets its answer although nobody reads the body")
    func refusedUpload() async throws {
        let loopback = try await HTTPLoopback.start { $0.plan = .collect(limit: 1000) }
        let upload = try file(200_000)
        defer { try? FileManager.default.removeItem(at: upload) }
        let out = try await Curl.run([
            "--upload-file", upload.path, "--header", "Expect:", "--write-out", "%{http_code}", "\(loopback.url)/big",
        ])
        #expect(out.hasSuffix("413"))
        #expect(out.contains("M_TOO_LARGE"))
        try await loopback.server.close()
    }

    @Test("the fetcher gets what the server answers")
    func fetch() async throws {
        let loopback = try await HTTPLoopback.start { service in
            service.onBody = { _, exchange in exchange.respond(200, .json, ByteBuffer(string: "{\"ok\":true}")) }
        }
        let answer = try await HTTPFetch.get(
            "/key", host: "localhost", at: try loopback.address, on: MultiThreadedEventLoopGroup.singleton.next(),
            bodyLimit: 100, timeout: .seconds(5))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "{\"ok\":true}")
        await #expect(throws: HTTPClientError.malformed(.bodyTooLarge)) {
            try await HTTPFetch.get(
                "/key", host: "localhost", at: try loopback.address,
                on: MultiThreadedEventLoopGroup.singleton.next(), bodyLimit: 5, timeout: .seconds(5))
        }
        try await loopback.server.close()
    }

    @Test("over TLS the service knows the handshake's facts, and the fetcher verifies the name")
    func overTLS() async throws {
        let credentials = try Credentials.shared.get()
        let context = try credentials.server()
        let loopback = try await HTTPLoopback.start(
            configure: { service in
                service.onBody = { _, exchange in
                    let name = exchange.connection.tls?.serverName ?? "none"
                    exchange.respond(200, .json, ByteBuffer(string: String(repeating: name, count: 30_000)))
                }
            },
            prepare: { try $0.pipeline.syncOperations.addHandler(TLSServerHandler(context, deadlines: $1)) })
        let client = try credentials.client()
        func fetch(_ name: String) async throws -> HTTPFetch.Answer {
            try await HTTPFetch.get(
                "/key", host: name, at: try loopback.address, on: MultiThreadedEventLoopGroup.singleton.next(),
                bodyLimit: 1_000_000, timeout: .seconds(5)
            ) { try $0.pipeline.syncOperations.addHandler(TLSClientHandler(client, peer: .dns(name))) }
        }
        let answer = try await fetch("a.example")
        #expect(answer.body == Array(String(repeating: "a.example", count: 30_000).utf8))
        do {
            _ = try await fetch("c.example")
            Issue.record("a name without a certificate was served")
        } catch let error as HTTPClientError {
            guard case .tls = error else {
                Issue.record("\(error)")
                return
            }
        }
        try await loopback.server.close()
    }

    @Test("AC-32 connections above the cap of one address close at once; a place given back is taken again")
    func caps() async throws {
        var limits = HTTPServerLimits()
        limits.connectionsPerAddress = 1
        let (accepted, accept) = AsyncStream.makeStream(of: Void.self)
        let loopback = try await HTTPLoopback.start(limits: limits) { service in
            service.onBody = { _, exchange in exchange.respond(200, .none, ByteBuffer(string: "ok")) }
            accept.yield()
        }
        let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try loopback.address).get()
        for await _ in accepted { break }
        #expect(try await Curl.run(["\(loopback.url)/"]).hasPrefix("curl:"))
        try await first.close()
        // The server hears of the end a little later than we.
        var answer = ""
        for _ in 0..<50 where answer != "ok" { answer = try await Curl.run(["\(loopback.url)/"]) }
        #expect(answer == "ok")
        try await loopback.server.close()
    }

    @Test("a draining server closes connections at rest and lets an answer be finished")
    func drain() async throws {
        let (began, begin) = AsyncStream.makeStream(of: NIOLoopBound<HTTPExchange>.self)
        let loopback = try await HTTPLoopback.start { service in
            service.onBody = { _, exchange in
                exchange.startStream(200, .none, length: nil)
                if let loop = exchange.eventLoop { begin.yield(NIOLoopBound(exchange, eventLoop: loop)) }
            }
        }
        let idle = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try loopback.address).get()
        async let answer = Curl.run(["\(loopback.url)/"])
        var open: NIOLoopBound<HTTPExchange>?
        for await exchange in began {
            open = exchange
            break
        }
        let exchange = try #require(open)
        try await loopback.server.drain()
        try await idle.closeFuture.get()
        try await exchange.eventLoop.submit {
            _ = exchange.value.write(ByteBuffer(string: "done"))
            exchange.value.finish()
        }.get()
        #expect(try await answer == "done")
        #expect(try await Curl.run(["\(loopback.url)/"]).hasPrefix("curl:"))
    }
}
