// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Exceptions for one pair")
struct ExceptionTests {
    /// An exception with the keys that every one must have.
    private static func one(
        _ changes: String, between: String = "[agent.example.fr, oslo.example.no]", id: String = "exc-1"
    ) -> String {
        """
          - id: \(id)
            between: \(between)
            \(changes)
            until: 2027-01-15
            reason: exercise
            approved_by: [officer-a]
        """
    }

    private static func fixture(_ exceptions: String...) -> TrustFixture {
        TrustFixture(top: "exceptions:\n" + exceptions.joined(separator: "\n"))
    }

    @Test("one that allows loosens for that pair, those classes and that direction alone, and ends with its day")
    func allows() throws {
        let fixture = Self.fixture(Self.one("direction: inbound\n    allow: [invite]"))
        let policy = try fixture.policy(on: "2027-01-15")
        let verdict = try policy.inbound("oslo.example.no", .invite)
        #expect(verdict.isAllowed)
        #expect(verdict.rule?.id == "exceptions.exc-1.allow")
        #expect(try !policy.inbound("oslo.example.no", .invite, .outbound).isAllowed)
        #expect(try !policy.inbound("oslo.example.no", .invite, at: "other.example.fr").isAllowed)
        #expect(try !policy.inbound("oslo.example.no", .history).isAllowed)
        #expect(try policy.inbound("oslo.example.no", .join).isAllowed, "what the tier allows stays")
        #expect(try !fixture.policy(on: "2027-01-16").inbound("oslo.example.no", .invite).isAllowed)
    }

    @Test("one that refuses tightens, and is stronger than one that allows")
    func refuses() throws {
        let policy = try Self.fixture(
            Self.one("refuse: [join]", between: "[FR, \"NO\"]", id: "exc-2"), Self.one("allow: [join, invite]")
        ).policy()
        let verdict = try policy.inbound("oslo.example.no", .join)
        #expect(verdict.reason == .exceptionRefused)
        #expect(verdict.rule?.id == "exceptions.exc-2.refuse")
        #expect(
            try !policy.inbound("oslo.example.no", .join, at: "other.example.fr").isAllowed, "for every server of ours")
        #expect(try policy.inbound("oslo.example.no", .invite).isAllowed)
    }

    @Test("one for a state concerns its servers, those below a pattern too, and no others")
    func states() throws {
        let policy = try Self.fixture(Self.one("refuse: [history]", between: "[FR, DE]")).policy()
        for name in ["bund.example.de", "a.land.example.de"] {
            #expect(try policy.inbound(name, .history).reason == .exceptionRefused)
            #expect(try policy.inbound(name, .join).isAllowed)
        }
        #expect(try policy.inbound("wien.example.at", .history).isAllowed)
        #expect(try policy.inbound("dom.example.fr", .history).isAllowed)
    }

    @Test("nothing lifts `blocked`, an overdue review or a lockdown")
    func neverLifted() throws {
        let exception = Self.one("allow: [join]", between: "[FR, DE]")
        let overdue = TrustFixture(
            top: "exceptions:\n" + exception, server: "    review_by: 2026-12-31\n    on_overdue: refuse")
        #expect(try overdue.policy(on: "2027-01-02").inbound("bund.example.de", .join).reason == .reviewOverdue)
        #expect(try overdue.policy(on: "2026-12-31").inbound("bund.example.de", .join).isAllowed)
        let locked = TrustFixture(
            top: "exceptions:\n" + exception + "\nlockdown: { still: { refuse: [join], max: 24h } }")
        let policy = try locked.policy(lockdowns: [LockdownInForce(profile: "still")])
        #expect(try policy.inbound("bund.example.de", .join).reason == .lockdown)
        #expect(try policy.inbound("bund.example.de", .send).isAllowed)
    }

    @Test("one for some rooms holds in them; where the room is not known, refusing applies and allowing does not")
    func rooms() throws {
        let room = "!a:example.org"
        let allowing = try Self.fixture(Self.one("allow: [invite]\n    rooms: [\"\(room)\"]")).policy()
        #expect(try allowing.peer("oslo.example.no").dependsOnRoom)
        #expect(try allowing.inbound("oslo.example.no", .invite, room: room).isAllowed)
        #expect(try !allowing.inbound("oslo.example.no", .invite, room: "!b:example.org").isAllowed)
        #expect(try !allowing.inbound("oslo.example.no", .invite).isAllowed)
        let refusing = try Self.fixture(Self.one("refuse: [join]\n    rooms: [\"\(room)\"]")).policy()
        #expect(try refusing.inbound("oslo.example.no", .join, room: room).reason == .exceptionRefused)
        #expect(try refusing.inbound("oslo.example.no", .join, room: "!b:example.org").isAllowed)
        #expect(try !refusing.inbound("oslo.example.no", .join).isAllowed)
        #expect(try !allowing.peer("bund.example.de").dependsOnRoom)
    }

    @Test("an author gets the right to send by an exception, and loses it")
    func authors() throws {
        let policy = try Self.fixture(
            Self.one("refuse: [send]", between: "[agent.example.fr, bund.example.de]")
        ).policy()
        func verdict(at own: String) throws -> Verdict {
            guard case .admitted(let peer) = policy.admit(try ServerName("wien.example.at"), at: try ServerName(own))
            else { throw NotAdmitted(name: own) }
            return policy.decideAuthor(
                try ServerName("bund.example.de"), eventType: "m.x", deliveredBy: peer, .inbound)
        }
        #expect(try !verdict(at: "agent.example.fr").isAllowed)
        #expect(try verdict(at: "other.example.fr").isAllowed)
    }

    @Test("their order means nothing")
    func order() throws {
        let one = Self.one("allow: [invite]")
        let other = Self.one("refuse: [join]", between: "[\"NO\", FR]", id: "exc-2")
        let (a, b) = (try Self.fixture(one, other).policy(), try Self.fixture(other, one).policy())
        #expect(a.contentHash == b.contentHash)
        #expect(a.contentHash != (try Self.fixture(one).policy().contentHash))
    }
}
