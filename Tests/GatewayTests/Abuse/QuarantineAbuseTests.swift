// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@testable import Gateway

@Suite("Requests that the gateway died of, at the whole gateway")
struct QuarantineAbuseTests {
    /// A gateway that quarantines, and the directory with what it is reading.
    private func running(
        _ body: (GatewayUnderTest, RequestQuarantine, String) async throws -> Void
    ) async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "entente-slots-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let quarantine = RequestQuarantine(try ParsingSlots(in: place.path))
        try await GatewayUnderTest.running {
            $0.settings = { $0.quarantine = quarantine }
        } _: { gateway in
            try await body(gateway, quarantine, place.path)
        }
    }

    @Test("AC-106 a quarantined request is refused before it is read, whoever sends it, others pass, and its time ends")
    func refused() async throws {
        try await running { gateway, quarantine, _ in
            let poison = try TestPeer.friend.transaction()
            try await gateway.expectPassed(poison)
            let print = RequestQuarantine.fingerprint(
                method: Array(poison.method.utf8).span, target: Array(poison.target.utf8).span,
                body: SHA256.hash(poison.body))
            quarantine.refuse([print: gateway.clock.now.advanced(byMilliseconds: 1000)])
            let record = try await gateway.expectRefused(
                poison, 503, "M_UNKNOWN", "qod.quarantined", claimed: "friend.example")
            #expect(record.text.contains(#""req_sha256":"\#(SHA256.hash(poison.body).hex)""#))
            // Another header does not help; another body, verb or target is another request.
            try await gateway.expectRefused(
                poison.with { $0.add("X-Other", "1") }, 503, "M_UNKNOWN", "qod.quarantined", claimed: "friend.example")
            try await gateway.expectPassed(
                try TestPeer.friend.request("PUT", "/_matrix/federation/v1/send/t9", TestPeer.friend.transactionText()))
            gateway.clock.advance(1000)
            try await gateway.expectPassed(poison)
        }
    }

    @Test("AC-106 after each request, also of garbage and with keys to fetch, nothing is held")
    func letGo() async throws {
        try await running { gateway, _, place in
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            for body in ["", "{", "[]", "\u{0}", String(repeating: "[", count: 5000), #"{"a":1,"a":1}"#] {
                _ = try await gateway.ask(
                    try TestPeer.friend.request(
                        "PUT", "/_matrix/federation/v1/send/t1", TestPeer.friend.transactionText()
                    )
                    .with { request in
                        request.body = Array(body.utf8)
                        request.set("Content-Length", String(body.utf8.count))
                    })
            }
            _ = try await gateway.ask(try TestPeer.stranger.transaction())
            #expect(try ParsingSlots(in: place).left.isEmpty)
        }
    }
}
