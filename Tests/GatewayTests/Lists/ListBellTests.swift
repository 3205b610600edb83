// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@Suite("When lists are looked at again")
struct ListBellTests {
    @Test("each minute; five seconds after the last look once somebody asked; a thousand askers make one look")
    func pace() {
        let start = ContinuousClock.now
        var pace = ListPace(now: start)
        var looks: [Int] = []
        for second in 1...200 {
            let isRung = (61...100).contains(second) || second == 123
            if pace.isTime(now: start + .seconds(second), isRung: isRung, isDue: second == 190) { looks.append(second) }
        }
        #expect(looks == [60, 65, 70, 75, 80, 85, 90, 95, 100, 123, 183, 190])
    }

    @Test("the bell is answered once, however often it was rung")
    func bell() {
        let bell = ListBell()
        #expect(!bell.answer())
        for _ in 0..<1000 { bell.ring() }
        #expect(bell.answer())
        #expect(!bell.answer())
    }

    @Test("a server that nobody lists rings and is refused; its next request is decided by the list that is there then")
    func stranger() async throws {
        let bell = ListBell()
        let text = try TestPolicy.text() + "\nlists:\n  some: { file: l.txt, form: text, tier: friend, state: FI }\n"
        func policy(_ list: String) throws -> PolicyInForce {
            PolicyInForce(
                try Policy.compile(
                    Array(text.utf8), fileName: "policy.yaml",
                    lists: ["some": .read(try ServerList(text: Array(list.utf8)), isStale: false)]))
        }
        try await GatewayUnderTest.running {
            $0.settings = { $0.whenUnlisted = { bell.ring() } }
        } _: { gateway in
            gateway.gateway.activate(try policy("other.example\n"))
            try await gateway.expectRefused(
                try TestPeer.stranger.transaction("a"), 403, "M_FORBIDDEN", "origin.unknown",
                claimed: "stranger.example",
                rule: "assign.unknown")
            #expect(bell.answer())
            try await gateway.expectRefused(
                try TestPeer.blocked.transaction("b"), 403, "M_FORBIDDEN", "origin.blocked", claimed: "blocked.example",
                rule: "assign.away")
            try await gateway.expectPassed(try TestPeer.friend.transaction("c"))
            #expect(!bell.answer(), "only who is in no list rings")
            gateway.gateway.activate(try policy("other.example\nstranger.example\n"))
            try await gateway.expectPassed(try TestPeer.stranger.transaction("d"), by: "stranger.example")
            #expect(!bell.answer())
        }
    }
}
