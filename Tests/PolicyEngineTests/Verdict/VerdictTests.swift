// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Verdicts")
struct VerdictTests {
    static let key = "6FqpLhuG5QjdyXjU6wU4LvYKttK/MWmwwtusJlPuqpw"
    static let text = """
        entente: 1
        policy: { id: test, serial: 7 }
        self: { state: FR, servers: [matrix.example.gouv.fr] }
        groups: { eu: [DE, IT], partners: [IS, NO], away: [CH], shut: [KP] }
        tiers:
          own: { may: [send, directory], edu: [typing] }
          eu:
            inbound: { may: [keys, join, send, profile] }
            outbound: { may: [keys, join, send, directory] }
            edu: [receipts]
          partner:
            like: eu
            inbound: { refuse: [join] }
          reader: { inbound: { may: [keys] }, outbound: { may: [keys, send] } }
          watch: { may: [] }
          blocked: { may: [], as_author: refuse }
        assign: { eu: eu, partners: partner, away: watch, shut: blocked, unknown: blocked }
        servers:
          - { name: a.example.de, state: DE }
          - { name: b.example.it, state: IT, tier: reader }
          - { name: c.example.no, state: NO, keys: { "ed25519:a_1": "\(key)", not_after: 2027-06-30 } }
          - { name: d.example.ch, state: CH }
          - { name: e.example.kp, state: KP }
        """
    let policy: Policy

    init() throws { policy = try .of(Self.text) }

    @Test("a class is allowed by the list that names it, at its place")
    func allowed() throws {
        let verdict = policy.decide(try policy.peer("a.example.de"), .join, .inbound)
        #expect(verdict.isAllowed && verdict.reason == .allowed)
        #expect(verdict.rule?.description == "tiers.eu.inbound.may (policy.yaml:8:28)")
    }

    @Test("directions are decided apart")
    func directions() throws {
        let peer = try policy.peer("a.example.de")
        #expect(policy.decide(peer, .profile, .inbound).isAllowed)
        #expect(!policy.decide(peer, .profile, .outbound).isAllowed)
        #expect(!policy.decide(peer, .directory, .inbound).isAllowed)
        #expect(policy.decide(peer, .directory, .outbound).isAllowed)
    }

    @Test("AC-74 every class that no list names is refused, for every tier", arguments: EndpointClass.allCases)
    func defaultDeny(endpointClass: EndpointClass) throws {
        let verdict = policy.decide(try policy.peer("d.example.ch"), endpointClass, .inbound)
        #expect(verdict.reason == .endpointRefused && verdict.rule?.id == "tiers.watch.may")
        #expect(!policy.decide(try policy.peer("a.example.de"), .openID, .inbound).isAllowed)
    }

    @Test("`like` inherits what is not written, and what is refused adds up")
    func like() throws {
        let peer = try policy.peer("c.example.no")
        #expect(policy.decide(peer, .send, .inbound).rule?.id == "tiers.eu.inbound.may")
        #expect(policy.decide(peer, .directory, .outbound).isAllowed)
        let refused = policy.decide(peer, .join, .inbound)
        #expect(refused.reason == .endpointRefused && refused.rule?.id == "tiers.partner.inbound.refuse")
        #expect(policy.decideEDU(.receipts, from: peer, .inbound).isAllowed)
    }

    @Test("AC-60 an author needs `send` in that direction in his own right, whoever delivers")
    func authors() throws {
        let relay = try policy.peer("a.example.de")
        func reason(_ name: String, _ direction: Direction) throws -> ReasonCode {
            policy.decideAuthor(try ServerName(name), eventType: "m.room.message", deliveredBy: relay, direction).reason
        }
        #expect(try reason("a.example.de", .inbound) == .allowed)
        #expect(try reason("c.example.no", .inbound) == .allowed)
        #expect(try reason("b.example.it", .inbound) == .pduAuthorDenied)
        #expect(try reason("b.example.it", .outbound) == .allowed)
        #expect(try reason("d.example.ch", .inbound) == .pduAuthorDenied)
        #expect(try reason("e.example.kp", .inbound) == .pduAuthorDenied)
        #expect(try reason("never.heard.example", .inbound) == .pduAuthorDenied)
        #expect(try reason("A.example.de", .inbound) == .pduAuthorDenied)
        #expect(try reason("matrix.example.gouv.fr", .outbound) == .allowed)
        let none = policy.decideAuthor(nil, eventType: "m.room.message", deliveredBy: relay, .inbound)
        #expect(none.reason == .pduMalformed)
    }

    @Test("AC-75 EDU types that no list names and types that nobody knows are refused")
    func edus() throws {
        let peer = try policy.peer("a.example.de")
        #expect(policy.decideEDU(.receipts, from: peer, .inbound).isAllowed)
        let refused = policy.decideEDU(.presence, from: peer, .inbound)
        #expect(refused.reason == .eduRefused && refused.rule?.id == "tiers.eu.edu")
        #expect(policy.decideEDU(.unknown("org.example.new"), from: peer, .inbound).reason == .eduUnknown)
        #expect(policy.decideEDU(.unknown("typing"), from: peer, .inbound).reason == .eduUnknown)
    }

    @Test("pinned keys are those of the policy, with the day of `not_after` included")
    func pins() throws {
        let pins = try #require(policy.pinnedKeys(of: ServerName("c.example.no")))
        let pin = try #require(pins[KeyID("ed25519:a_1")])
        #expect(pins.count == 1 && pin.key.base64 == Self.key)
        #expect(pin.isValid(at: Timestamp(milliseconds: 1_814_399_999_999)))
        #expect(!pin.isValid(at: Timestamp(milliseconds: 1_814_400_000_000)))
        #expect(try policy.pinnedKeys(of: ServerName("a.example.de")) == nil)
        #expect(try policy.pinnedKeys(of: ServerName("never.heard.example")) == nil)
    }

    @Test("AC-96 a policy that is held does not change when another is compiled")
    func snapshot() throws {
        let held = policy
        let peer = try held.peer("a.example.de")
        let next = try Policy.of(
            Self.text.replacing("serial: 7", with: "serial: 8").replacing("eu: eu", with: "eu: watch")
                .replacing(", tier: reader", with: ""))
        #expect(next.serial == 8 && held.serial == 7)
        #expect(!next.decide(try next.peer("a.example.de"), .send, .inbound).isAllowed)
        for _ in 0..<100 {
            #expect(held.decide(peer, .send, .inbound).isAllowed)
            #expect(held.decideAuthor(peer.server, eventType: "m", deliveredBy: peer, .inbound).isAllowed)
        }
    }

    @Test("AC-96 a peer that one policy admitted is refused by another, whatever that one would say")
    func foreignPeer() throws {
        let peer = try policy.peer("a.example.de")
        let next = try Policy.of(Self.text.replacing("serial: 7", with: "serial: 8"))
        for verdict in [
            next.decide(peer, .send, .inbound), next.decideEDU(.receipts, from: peer, .inbound),
            next.decideAuthor(peer.server, eventType: "m", deliveredBy: peer, .inbound),
        ] {
            #expect(!verdict.isAllowed && verdict.reason == .policyUnavailable)
        }
        #expect(next.decide(try next.peer("a.example.de"), .send, .inbound).isAllowed)
    }

    @Test("AC-97 the digest is of the very bytes that were compiled")
    func digest() throws {
        var bytes = Array(Self.text.utf8)
        let policy = try Policy.compile(bytes, fileName: "policy.yaml")
        let before = SHA256.hash(bytes)
        bytes[0] = 0x23
        #expect(policy.sha256 == before)
        #expect(policy.sha256 != SHA256.hash(bytes))
    }

    @Test("the mode is the file's, and the verdicts are the same in both")
    func mode() throws {
        let shadow = try Policy.of(Self.text.replacing("serial: 7", with: "serial: 7, mode: shadow"))
        #expect(shadow.mode == .shadow && policy.mode == .enforce)
        #expect(!shadow.decide(try shadow.peer("d.example.ch"), .send, .inbound).isAllowed)
    }
}
