// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Audit

@Suite("How many records are stored together")
struct GatheringPaceTests {
    @Test("records that come one at a time never wait, also after a burst that is over")
    func alone() {
        var pace = GatheringPace()
        for now in stride(from: Int64(0), to: 100_000, by: 1000) {
            #expect(pace.wanted(at: now) == 1)
            pace.took(1, at: now)
        }
        pace.took(8, at: 200_000)
        #expect(pace.wanted(at: 201_000) == 8)
        #expect(pace.wanted(at: 200_000 + GatheringPace.memory + 1) == 1, "what was is forgotten soon")
    }

    @Test("as many are wanted as came together the last time, more or fewer", arguments: [2, 5, 16, 100])
    func closedLoop(requests: Int) {
        var pace = GatheringPace()
        for count in [1, requests, requests / 2, requests, 1] {
            pace.took(count, at: 7)
            #expect(pace.wanted(at: 8) == count)
        }
    }
}
