// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("How long well-known answers are kept")
struct WellKnownCacheTests {
    static let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test("follows cache headers as the reference does, without its jitter", .enabled(if: Shared.isPresent))
    func vectors() throws {
        let file = try JSONSerialization.jsonObject(with: Shared.bytes("spec/vectors/discovery.json")) as? [String: Any]
        let vectors = try #require(file?["cache_vectors"] as? [[String: Any]])
        #expect(vectors.count == 17)
        for vector in vectors {
            let headers = try #require(vector["headers"] as? [[String]])
            let seconds = WellKnownLifetime.seconds(
                cacheControl: headers.filter { $0[0] == "cache-control" }.map { $0[1] },
                expires: headers.first { $0[0] == "expires" }?[1], now: Self.now)
            let expected = vector["synapse_effective_s"] as? Double ?? 86_400
            #expect(Double(seconds) == expected, "\(vector["id"] ?? "")")
        }
    }

    @Test(
        "never overflows on absurd periods",
        arguments: [
            "max-age=9223372036854775807", "max-age=99999999999999999999", "max-age=-9223372036854775808", "=", ",",
        ])
    func absurd(field: String) {
        let seconds = WellKnownLifetime.seconds(cacheControl: [field], expires: nil, now: Self.now)
        #expect((WellKnownLifetime.minSeconds...WellKnownLifetime.maxSeconds).contains(seconds))
        #expect(
            WellKnownLifetime.seconds(cacheControl: [], expires: "Fri, 31 Dec 9999 23:59:60 GMT", now: Self.now)
                == 172_800)
    }

    @Test("asks again when an answer has died, and offers the last one meanwhile")
    func lives() throws {
        var cache = WellKnownCache()
        let delegated = try ServerName("fed.example")
        #expect(cache.lookUp("a.example", now: Self.now) == .ask(last: nil))
        cache.answered("a.example", delegated, keepFor: 1_000, now: Self.now)
        func after(_ seconds: Int64) -> WellKnownCache.Lookup {
            cache.lookUp("a.example", now: Self.now.advanced(byMilliseconds: seconds * 1_000))
        }
        #expect(after(799) == .fresh(delegated))
        #expect(after(800) == .refresh(delegated))
        #expect(after(1_000) == .ask(last: delegated))
        #expect(after(1_000 + 7_200) == .ask(last: nil))
    }

    @Test("keeps a valid answer through failures for two hours past its life, with growing pauses")
    func failures() throws {
        var cache = WellKnownCache()
        let delegated = try ServerName("fed.example")
        cache.answered("a.example", delegated, keepFor: 300, now: Self.now)
        var now = Self.now.advanced(byMilliseconds: 300_000)
        var pauses = 0
        while case .ask(let last) = cache.lookUp("a.example", now: now), last != nil {
            cache.failed("a.example", now: now)
            #expect(cache.lookUp("a.example", now: now) == .fresh(delegated))
            while case .fresh = cache.lookUp("a.example", now: now) { now = now.advanced(byMilliseconds: 10_000) }
            pauses += 1
        }
        #expect((4...8).contains(pauses))
        #expect(now.milliseconds - Self.now.milliseconds <= (300 + 7_200 + 10) * 1_000)
        cache.failed("a.example", now: now)
        #expect(cache.lookUp("a.example", now: now) == .fresh(nil))
    }

    @Test("remembers no more hosts than it may, dropping the one that dies first")
    func bounded() throws {
        var cache = WellKnownCache(capacity: 3)
        for index in 0..<10 {
            cache.answered(
                "h\(index).example", try ServerName("fed.example"), keepFor: 1_000 + Int64(index), now: Self.now)
        }
        #expect(cache.count == 3)
        #expect(cache.lookUp("h9.example", now: Self.now) == .fresh(try ServerName("fed.example")))
        #expect(cache.lookUp("h0.example", now: Self.now) == .ask(last: nil))
    }
}
