// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Audit

@Suite("How many records are stored together")
struct GatheringPaceTests {
    /// Batches of a closed loop of so many requests, all of which come within the writer's time; how often it waited in
    /// vain.
    private func run(_ pace: inout GatheringPace, requests: Int, batches: Int) -> Int {
        var vain = 0
        for batch in 0..<batches {
            let wanted = pace.wanted(at: Int64(batch))
            let taken = min(max(wanted, 1), requests)
            if taken < wanted { vain += 1 }
            pace.took(taken, at: Int64(batch))
        }
        return vain
    }

    @Test("requests that come one at a time seldom wait, and after a pause never")
    func alone() {
        var pace = GatheringPace()
        #expect(run(&pace, requests: 1, batches: 4000) <= 4000 / GatheringPace.mostPatience + 8)
        for now in stride(from: Int64(10_000), to: 10_000_000, by: Int(GatheringPace.memory) + 1) {
            #expect(pace.wanted(at: now) == 1)
            pace.took(1, at: now)
        }
    }

    @Test("the goal grows to the number of requests that come together", arguments: [2, 5, 16, 60])
    func closedLoop(requests: Int) {
        var pace = GatheringPace()
        _ = run(&pace, requests: requests, batches: 200)
        #expect(run(&pace, requests: requests, batches: 1000) <= 1000 / GatheringPace.mostPatience + 2)
        #expect((requests...requests + max(1, requests / 4)).contains(pace.wanted(at: 999)))
    }

    @Test("it shrinks when fewer come, and never grows beyond what is worth waiting for")
    func bounds() {
        var pace = GatheringPace()
        _ = run(&pace, requests: 10_000, batches: 1000)
        #expect(pace.wanted(at: 999) == GatheringPace.mostWanted)
        _ = run(&pace, requests: 2, batches: 40)
        #expect(pace.wanted(at: 39) <= 3)
    }
}
