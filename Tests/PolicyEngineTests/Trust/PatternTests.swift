// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Patterns of server names")
struct PatternTests {
    @Test(
        "a pattern means every server below its domain",
        arguments: ["a.land.example.de", "stadt-1.land.example.de", "a.b.c.land.example.de", "0.land.example.de"])
    func below(name: String) throws {
        let policy = try TrustFixture().policy()
        #expect(try policy.inbound(name, .send).isAllowed)
        #expect(try policy.peer(name).state == "DE")
    }

    @Test(
        "AC-11 AC-12 it never means the domain itself, another spelling, a port, or a name that only ends like it",
        arguments: [
            "land.example.de", "xland.example.de", "a.xland.example.de", "A.land.example.de", "a.Land.example.de",
            "a.land.example.de:8448", "a.land.example.de.", ".land.example.de", "a..land.example.de",
            "xn--strae-oqa.land.example.de", "a.xn--strae-oqa.land.example.de", "a_b.land.example.de",
            "land.example.de.evil.org", "a.land.example.de.evil.org",
        ])
    func notBelow(name: String) throws {
        let policy = try TrustFixture().policy()
        guard let server = try? ServerName(name) else { return }
        guard case .refused = policy.admit(server) else {
            Issue.record("\(name) is admitted")
            return
        }
    }

    @Test("the closest entry counts: the name itself before any pattern, the longer pattern before the shorter")
    func closest() throws {
        let text = TrustFixture(
            top: "",
            server: """
                  - { name: "*.kreis.land.example.de", state: DE, tier: eea }
                  - { name: rathaus.kreis.land.example.de, state: DE }
                """
        ).text
        let policy = try Policy.of(text)
        #expect(try policy.peer("a.land.example.de").tier.name == "eu")
        #expect(try policy.peer("a.kreis.land.example.de").tier.name == "eea")
        #expect(try policy.peer("kreis.land.example.de").tier.name == "eu")
        #expect(try policy.peer("rathaus.kreis.land.example.de").tier.name == "eu")
    }

    @Test("an author below a pattern is judged by it")
    func author() throws {
        let policy = try TrustFixture().policy()
        let peer = try policy.peer("bund.example.de")
        func verdict(_ name: String) throws -> Verdict {
            policy.decideAuthor(try ServerName(name), eventType: "m.x", deliveredBy: peer, .inbound)
        }
        #expect(try verdict("a.land.example.de").isAllowed)
        #expect(try !verdict("land.example.de").isAllowed)
    }
}
