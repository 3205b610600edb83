// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import TestKit
import Testing

@testable import Gateway

@Suite("Floods of refusals, at the whole gateway")
struct FloodAbuseTests {
    private func sums(_ gateway: GatewayUnderTest) throws -> [[String: Any]] {
        try TrailRecord.all(in: gateway.directory).filter { $0.kind == "audit.aggregated" }.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.text.utf8)) as? [String: Any]
        }
    }

    @Test(
        "AC-88 a stranger's flood gets the same answers and one exact sum; servers that prove who they are keep their records"
    )
    func flood() async throws {
        try await GatewayUnderTest.running {
            $0.settings = { $0.singleRefusals = 3 }
        } _: { gateway in
            let peer = try gateway.connect()
            var answers: Set<String> = []
            for _ in 0..<20 {
                try await peer.send(try TestPeer.stranger.transaction().bytes)
                let answer = try #require(try await peer.response())
                answers.insert("\(answer.status) \(answer.headers) \(answer.text)")
            }
            #expect(answers.count == 1, "who floods cannot tell")
            // Admitted servers: refused by the policy after proof, each with a record; and what passes.
            for _ in 0..<6 {
                #expect(
                    try await gateway.ask(
                        try TestPeer.limited.request("GET", "/_matrix/federation/v1/media/download/abc")
                    ).status == 404)
            }
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            #expect(try sums(gateway).isEmpty, "the minute is not over")
            try await gateway.gateway.recordRefusalSums(all: false)
            #expect(try sums(gateway).isEmpty)
            gateway.ticks.advance(61_000)
            try await gateway.gateway.recordRefusalSums(all: false)
            let sum = try #require(try sums(gateway).first)
            #expect(try sums(gateway).count == 1)
            #expect(sum["count"] as? Int == 17 && sum["reason_code"] as? String == "origin.unknown")
            #expect(sum["source"] as? String == "127.0.0.0/24" && sum["decision"] as? String == "refuse")
            #expect((sum["origin"] as? [String: Any])?["claimed"] as? String == TestPeer.stranger.name)
            let records = try await gateway.records()
            #expect(records.count { $0.reason == "origin.unknown" } == 3)
            #expect(
                records.count { $0.authenticated == TestPeer.limited.name } == 6,
                "no refusal that was signed is counted away")
            #expect(gateway.homeserver.requests.count == 1)
        }
    }

    @Test(
        "AC-88 what was counted is on record before the log ends and before another policy, and is not lost while it cannot be"
    )
    func flushed() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
            $0.settings = { $0.singleRefusals = 1 }
        } _: { gateway in
            for _ in 0..<5 { #expect(try await gateway.ask(try TestPeer.stranger.transaction()).status == 403) }
            try await gateway.untilRecorded()
            store.fail(true)
            #expect(try await gateway.ask(try TestPeer.friend.transaction()).status == 503)
            #expect(try await gateway.ask(try TestPeer.stranger.transaction()).status == 503, "not counted away either")
            await #expect(throws: (any Error).self) { try await gateway.gateway.recordRefusalSums(all: true) }
            store.fail(false)
            #expect(try await gateway.until { gateway.log.status.isAvailable })
            try await gateway.gateway.recordRefusalSums(all: true)
            let found = store.records.filter {
                $0.contains("audit.aggregated")
            }
            #expect(found.count == 1 && found.first?.contains(#""count":4"#) == true)
        }
    }
}
