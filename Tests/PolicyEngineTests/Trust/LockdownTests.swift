// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("AC-102 What a lockdown leaves")
struct LockdownTests {
    private static let fixture = TrustFixture(
        top: """
            lockdown:
              sever_abroad: { keep: [own], max: 72h }
              sever_state: { argument: state, max: 30d }
              read_only: { refuse: [join, invite, send], tighten_needs: 1, loosen_needs: 2, max: 24h }
            """)

    private func policy(_ profile: String, _ state: String? = nil) throws -> Policy {
        try Self.fixture.policy(
            lockdowns: [LockdownInForce(profile: profile, state: state.flatMap { CountryCode($0) })])
    }

    @Test("a profile that is prepared and not in force changes nothing")
    func notInForce() throws {
        let policy = try Self.fixture.policy()
        #expect(try policy.inbound("bund.example.de", .send).isAllowed)
        #expect(policy.lockdownProfiles.map(\.name) == ["read_only", "sever_abroad", "sever_state"])
        #expect(policy.lockdownProfiles.map(\.loosenNeeds) == [2, 2, 2])
    }

    @Test("severed from abroad, only tiers that are kept stay, whoever is listed or not")
    func abroad() throws {
        let policy = try policy("sever_abroad")
        for name in ["bund.example.de", "a.land.example.de", "oslo.example.no"] {
            let verdict = try policy.inbound(name, .keys)
            #expect(verdict.reason == .lockdown, "\(name)")
            #expect(verdict.rule?.id == "lockdown.sever_abroad")
        }
        #expect(try policy.inbound("kp.example.org", .keys).reason == .originBlocked, "blocked says more")
        #expect(try policy.inbound("dom.example.fr", .send).isAllowed)
        let open = try Policy.of(Self.fixture.text.replacing("unknown: blocked", with: "unknown: eea"))
        #expect(try open.inbound("who.example.org", .send).isAllowed)
        let locked = open.under(Circumstances(lockdowns: [LockdownInForce(profile: "sever_abroad")]))
        #expect(try locked.inbound("who.example.org", .send).reason == .lockdown)
    }

    @Test("a state severed takes its servers and nobody else's")
    func state() throws {
        let policy = try policy("sever_state", "DE")
        #expect(try policy.inbound("bund.example.de", .send).reason == .lockdown)
        #expect(try policy.inbound("a.land.example.de", .send).reason == .lockdown)
        #expect(try policy.inbound("wien.example.at", .send).isAllowed)
        let peer = try policy.peer("wien.example.at")
        let bund = try ServerName("bund.example.de")
        #expect(!policy.decideAuthor(bund, eventType: "m.x", deliveredBy: peer, .inbound).isAllowed)
    }

    @Test("read only refuses some classes to all, the own state too, authors with them")
    func readOnly() throws {
        let policy = try policy("read_only")
        for name in ["bund.example.de", "dom.example.fr"] {
            #expect(try policy.inbound(name, .join).reason == .lockdown)
            #expect(try policy.inbound(name, .history).isAllowed)
        }
        let peer = try policy.peer("wien.example.at")
        #expect(!policy.decideAuthor(peer.server, eventType: "m.x", deliveredBy: peer, .inbound).isAllowed)
    }

    @Test("several hold together")
    func several() throws {
        let policy = try Self.fixture.policy(lockdowns: [
            LockdownInForce(profile: "read_only"), LockdownInForce(profile: "sever_state", state: CountryCode("DE")),
        ])
        #expect(try policy.inbound("bund.example.de", .history).reason == .lockdown)
        #expect(try policy.inbound("wien.example.at", .join).reason == .lockdown)
        #expect(try policy.inbound("wien.example.at", .history).isAllowed)
    }

    @Test("a tier that only watches lets nothing pass and says what it would have allowed")
    func watching() throws {
        let policy = try TrustFixture(tier: "    mode: shadow").policy()
        let verdict = try policy.inbound("bund.example.de", .send)
        #expect(!verdict.isAllowed && verdict.isWatched)
        #expect(verdict.reason == .shadow)
        #expect(verdict.rule?.id == "tiers.eu.may")
        let never = try policy.inbound("bund.example.de", .media)
        #expect(!never.isAllowed && !never.isWatched)
        let peer = try policy.peer("bund.example.de")
        #expect(policy.decideEDU(.receipts, from: peer, .inbound).isWatched)
        #expect(!policy.decideAuthor(peer.server, eventType: "m.x", deliveredBy: peer, .inbound).isAllowed)
    }
}
