// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// A small generator whose seed is printed when a property fails (splitmix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("How bytes arrive does not change what they mean")
struct SplittingTests {
    static let streams: [String] =
        [
            "GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
            "PUT /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nAuthorization: X-Matrix a=\"b\"\r\n\r\nhello",
            "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPUT /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: h\r\n\r\n",
        ] + (SmugglingTests.framing + SmugglingTests.chunking).map(\.bytes)

    @Test("one byte at a time gives the same requests and the same refusal", arguments: streams)
    func byteAtATime(_ stream: String) {
        let bytes = Array(stream.utf8)
        #expect(Reading(bytes) == Reading(bytes.indices.map { bytes[$0...$0] }))
    }

    @Test("any split in two or three gives the same requests and the same refusal", arguments: streams)
    func anySplit(_ stream: String) {
        let bytes = Array(stream.utf8)
        let whole = Reading(bytes)
        for cut in bytes.indices {
            #expect(Reading([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
        let seed: UInt64 = 0x5EED
        var random = Seeded(seed)
        for _ in 0..<50 {
            let first = Int.random(in: 0...bytes.count, using: &random)
            let second = Int.random(in: first...bytes.count, using: &random)
            let reading = Reading([bytes[..<first], bytes[first..<second], bytes[second...]])
            #expect(reading == whole, "cuts at \(first) and \(second), seed \(seed)")
        }
    }
}
