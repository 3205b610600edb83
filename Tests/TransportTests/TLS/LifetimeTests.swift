// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("TLS lifetimes")
struct LifetimeTests {
    let credentials: Credentials

    init() throws { credentials = try Credentials.shared.get() }

    /// Resident kilobytes of this process.
    private func residentKiB() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4
    }

    @Test("handlers go with their channels, however a connection ends")
    func handlers() throws {
        for ending in 0..<5 {
            let pair = try EmbeddedTLS(
                credentials.server(), credentials.client(), peer: ending == 4 ? .dns("c.example") : .dns("a.example"))
            weak let server = try pair.server.pipeline.syncOperations.handler(type: TLSServerHandler.self)
            weak let client = try pair.client.pipeline.syncOperations.handler(type: TLSClientHandler.self)
            switch ending {
            case 0:
                pair.pump()
                pair.finish()
            case 1: pair.loop.advanceTime(by: .seconds(10))
            case 2:
                pair.pump()
                pair.client.close(promise: nil)
                pair.server.close(promise: nil)
                pair.loop.advanceTime(by: .seconds(2))
            case 3:
                pair.client.close(promise: nil)
                pair.server.close(promise: nil)
            default:
                pair.pump()
                pair.loop.advanceTime(by: .seconds(2))
            }
            pair.loop.run()
            #expect(!pair.server.isActive && !pair.client.isActive, "ending \(ending)")
            #expect(server == nil && client == nil, "ending \(ending)")
        }
    }

    @Test("two thousand connections leave no memory behind")
    func memory() throws {
        let server = try credentials.server()
        let client = try credentials.client()
        func connections(_ count: Int) throws {
            for _ in 0..<count {
                let pair = try EmbeddedTLS(server, client)
                pair.pump()
                try #require(pair.serverSide.facts != nil)
                pair.finish()
            }
        }
        try connections(200)
        // One leaked SSL is some 10 KiB: 20 MiB and more, every time. Tests beside this one grow once, not every time.
        var growth = Int.max
        for _ in 0..<4 where growth >= 16 << 10 {
            let before = try residentKiB()
            try connections(2_000)
            growth = try residentKiB() - before
        }
        #expect(growth < 16 << 10, "KiB")
    }

    @Test("after much data under one key the next record is under a new one, which the peer follows")
    func rekeying() throws {
        let credentials = try Credentials.shared.get()
        let server = try credentials.server().connection()
        let client = try credentials.client().connection(to: .dns("a.example"), pins: [])
        client.rekeyBytes = 10
        var plaintext: ByteBuffer?
        _ = client.start()
        for _ in 0..<4 {
            for (from, to) in [(client, server), (server, client)] where from.hasOutput {
                var wire = ByteBuffer()
                from.takeOutput(into: &wire)
                #expect(to.receive(wire, into: &plaintext, allocator: ByteBufferAllocator()) == .wantsMore)
            }
        }
        try #require(server.isHandshakeComplete && client.isHandshakeComplete)
        var received: [Int] = []
        for size in [6, 6, 6] {
            var wire = ByteBuffer()
            #expect(client.seal(ByteBuffer(repeating: 1, count: size), into: &wire) == nil)
            received.append(wire.readableBytes)
            var plaintext: ByteBuffer?
            #expect(server.receive(wire, into: &plaintext, allocator: ByteBufferAllocator()) == .wantsMore)
            #expect(plaintext?.readableBytes == size)
        }
        // The key update message is 5 bytes and its record's 22.
        #expect(received == [28, 28 + 27, 28])
    }
}
