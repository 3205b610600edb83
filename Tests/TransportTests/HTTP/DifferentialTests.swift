// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Transport

/// llhttp leaves white space at the end of a value; RFC 9110 section 5.5 does not count it.
private func field(_ name: String, _ value: String) -> String {
    var value = value[...]
    while let last = value.utf8.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
    return "\(name): \(value)"
}

/// What llhttp, through NIOHTTP1, makes of a byte stream.
private func oracle(_ bytes: [UInt8]) -> [ReadRequest] {
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
    guard (try? channel.pipeline.syncOperations.addHandler(decoder)) != nil else { return [] }
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    var requests: [ReadRequest] = []
    var current: ReadRequest?
    while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
        switch part {
        case .head(let head):
            let method = HTTPMethod.allCases.first { "\($0.text)" == head.method.rawValue }
            current = method.map {
                ReadRequest(
                    method: $0, target: head.uri, fields: head.headers.map { field($0.name, $0.value) }, body: [],
                    isKeepAlive: head.isKeepAlive)
            }
        case .body(let bytes): current?.body += Array(bytes.readableBytesView)
        case .end:
            if let current { requests.append(current) }
            current = nil
        }
    }
    return requests
}

@Suite("Against llhttp: what we accept, it accepts with the same meaning")
struct DifferentialTests {
    private static let wellFormed: [String] =
        SplittingTests.streams.prefix(4) + [
            "POST /_matrix/federation/v1/user/keys/query HTTP/1.1\r\nHost: a.example:8448\r\nUser-Agent: Synapse/1.1\r\n"
                + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\n\r\n",
        ]

    private static let seeds = wellFormed + SplittingTests.streams

    private static let snippets: [String] = [
        "\r\n", "\n", "\r", " ", "\t", ":", "0", "1", ";", ",", "\0", "\u{7F}", "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n", "Host: h\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n",
        "chunked", "HTTP/1.0", "HTTP/1.1", "GET ", "PUT ", "X: y\r\n", "a", "%", "é", "+", "-", "0x", "\r\n\r\n", "/",
        "Connection: keep-alive\r\n", "Connection: upgrade\r\nUpgrade: h2c\r\n",
    ]

    private func mutate(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let offset = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where offset < bytes.count: bytes[offset] = UInt8.random(in: 0...255, using: &random)
            case 1 where offset < bytes.count: bytes.remove(at: offset)
            case 2:
                let end = min(bytes.count, offset + Int.random(in: 0...20, using: &random))
                bytes.insert(contentsOf: Array(bytes[offset..<end]), at: offset)
            case 3:
                let end = min(bytes.count, offset + Int.random(in: 0...20, using: &random))
                bytes.removeSubrange(offset..<end)
            default:
                let snippet = Self.snippets[Int.random(in: 0..<Self.snippets.count, using: &random)]
                // Half of them at the start of a line, where they mean most.
                let line = bytes[offset...].firstIndex(of: 0x0A).map { $0 + 1 } ?? offset
                bytes.insert(contentsOf: snippet.utf8, at: Bool.random(using: &random) ? line : offset)
            }
        }
        return bytes
    }

    @Test("over mutated requests we are never laxer", arguments: [0xA11CE, 0xB0B, UInt64(20_261_121)])
    func neverLaxer(seed: UInt64) {
        var random = Seeded(seed)
        var accepted = 0
        for round in 0..<6000 {
            // Mostly from well-formed streams: of those enough survive.
            let seeds = Int.random(in: 0..<4, using: &random) == 0 ? Self.seeds : Self.wellFormed
            let start = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let bytes = mutate(Array(start.utf8), &random)
            let ours = Reading(bytes)
            guard !ours.requests.isEmpty else { continue }
            accepted += ours.requests.count
            let theirs = oracle(bytes)
            for (index, request) in ours.requests.enumerated() {
                guard index < theirs.count else {
                    Issue.record(
                        "llhttp refuses request \(index), seed \(seed) round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                    )
                    return
                }
                var theirRequest = theirs[index]
                // With us HTTP/1.0 and Upgrade end the connection after one request.
                if !request.isKeepAlive { theirRequest.isKeepAlive = false }
                guard request == theirRequest else {
                    Issue.record(
                        "seed \(seed) round \(round): \(request) is \(theirRequest) to llhttp: \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                    )
                    return
                }
            }
        }
        #expect(accepted > 1000, "the mutations leave enough requests alive to compare")
    }
}
