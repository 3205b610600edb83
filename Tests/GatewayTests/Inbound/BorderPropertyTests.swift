// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

@Suite("Properties of the border", .serialized)
struct BorderPropertyTests {
    @Test(
        "the homeserver sees a request exactly if an obvious evaluator lets it, and then its record is on disk already",
        arguments: 0..<32 as Range<UInt64>)
    func differential(seed: UInt64) async throws {
        var dice = SeededDice(seed: seed)
        let random = RandomBorder(using: &dice)
        let mixed: MixedTransactions = Bool.random(using: &dice) ? .withhold : .refuse
        try await Border.stand(policy: random.yaml(), mixed: mixed) { border in
            var peer = try border.connect()
            var passed = 0
            let questions = 40
            for number in 1...questions {
                let question = random.question(using: &dice)
                let name: Comment = "seed \(seed), question \(number): \(question)"
                let (bytes, body) = try random.request(question)
                let hash = body.map { SHA256.hash(Array($0.utf8)).hex }
                // What the log holds at the moment in which the homeserver sees the request.
                border.homeserver.answer { seen in
                    let record = try? border.durableRecords().last
                    let isRecorded = record?.decision == "allow" && record?.text("req_sha256") == hash
                    return isRecorded && seen.body == Array((body ?? "").utf8) ? .empty : .text(500, "no record")
                }
                try await peer.send(bytes)
                let response = try #require(try await peer.response(), name)
                if response.header("connection") == "close" { peer = try border.connect() }
                let seen = border.takeSeen()
                let expected = random.passes(question)
                guard seen.count == (expected ? 1 : 0), response.status == 200 || !expected else {
                    Issue.record("\(name): \(expected), \(seen.count), \(response.status) \(response.text)")
                    return
                }
                if expected { passed += 1 }
            }
            let records = try await border.records()
            #expect(records.count == questions, "seed \(seed)")
            #expect(records.count { $0.decision == "allow" } == passed, "seed \(seed)")
        }
    }
}
