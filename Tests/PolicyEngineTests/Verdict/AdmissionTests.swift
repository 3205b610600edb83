// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Admission by the claimed name")
struct AdmissionTests {
    static let text = """
        entente: 1
        policy: { id: test, serial: 7 }
        self: { state: FR, servers: [matrix.example.gouv.fr] }
        groups: { eu: [DE], away: [CH] }
        tiers:
          own: { may: [send] }
          eu: { may: [send] }
          open: { may: [discovery] }
          pinned: { may: [send], keys: pinned_only }
        assign: { eu: eu, away: blocked, unknown: UNKNOWN }
        servers:
          - { name: matrix.gouv.example.fr, state: FR }
          - { name: bund.example.de, state: DE }
          - { name: port.example.de:8448, state: DE }
          - { name: arm.example.de, state: DE }
          - { name: xn--mnchen-3ya.example.de, state: DE }
          - { name: admin.example.ch, state: CH }
          - { name: 192.0.2.7, state: DE }
          - { name: "[2001:db8::7]:8448", state: DE }
          - { name: hq.example.int, state: none, tier: pinned }
        """
    static func policy(unknown: String = "blocked") throws -> Policy {
        try .of(text.replacing("UNKNOWN", with: unknown))
    }

    @Test(
        "AC-11 another spelling of a listed name is another server, recorded as a look-alike",
        arguments: [
            "BUND.example.de", "Bund.Example.De", "bund.example.de:8448", "bund.example.de:443",
            "bund.example.de:08448",
            "port.example.de", "port.example.de:443", "port.example.de:08448", "192.0.2.7:8448", "[2001:db8::7]",
            "[2001:DB8::7]:8448",
        ])
    func spelling(name: String) throws {
        let policy = try Self.policy()
        #expect(try policy.refusal(name) == .originLookalike)
        #expect(try policy.resembled(by: ServerName(name)) != nil)
        #expect(try Self.policy(unknown: "open").refusal(name) == .originLookalike)
        #expect(try policy.refusal("bund.example.de") == nil)
        #expect(try policy.refusal("port.example.de:8448") == nil)
    }

    @Test(
        "AC-11 what is no server name at all never reaches the policy",
        arguments: [
            "bund.example.de.", " bund.example.de", "bund.example.de\0", "bund.example.de:", "bünd.example.de", "",
        ])
    func noName(text: String) {
        #expect(throws: ServerName.Malformed.self) { try ServerName(text) }
    }

    @Test(
        "AC-12 internationalised names that are not listed and imitations are homographs",
        arguments: [
            ("xn--bnd-rmc.example.de", nil), ("xn--und-dgd.example.de", "bund.example.de"),
            ("xn--bnd-8fe.example.de", "bund.example.de"),
            ("xn--bnd-yzc.example.de", "bund.example.de"),
            ("bund.examp1e.de", "bund.example.de"), ("bund.exarnple.de", "bund.example.de"),
            ("xn--rm-6kc.example.de", "arm.example.de"), ("xn--80ak6aa92e.com", nil),
            ("p0rt.example.de", "port.example.de:8448"), ("munchen.example.de", "xn--mnchen-3ya.example.de"),
            ("xn--99999999.example.de", nil), ("xn--.example.de", nil),
        ] as [(String, String?)])
    func homograph(name: String, original: String?) throws {
        let policy = try Self.policy()
        guard let name = try? ServerName(name) else { return }
        guard case .refused(let verdict) = policy.admit(name) else {
            Issue.record("\(name) is admitted")
            return
        }
        #expect(verdict.reason == .originHomograph)
        #expect(policy.resembled(by: name)?.text == original)
        #expect(try policy.refusal("xn--mnchen-3ya.example.de") == nil)
        #expect(try Self.policy(unknown: "open").refusal(name.text) == .originHomograph)
    }

    @Test(
        "AC-13 a listed name as suffix, prefix or part of another admits nobody",
        arguments: [
            "bund.example.de.evil.example", "evilbund.example.de", "evil.bund.example.de", "und.example.de",
            "example.de",
            "bund.example.dev", "bund-example.de", "de",
        ])
    func parts(name: String) throws {
        #expect(try Self.policy().refusal(name) == .originUnknown)
        #expect(try Self.policy().refusal("bund.example.de") == nil)
    }

    @Test("AC-14 a server that is not listed is refused by its claimed name alone")
    func unknown() throws {
        let policy = try Self.policy()
        guard case .refused(let verdict) = policy.admit(try ServerName("never.heard.example")) else {
            Issue.record("admitted")
            return
        }
        #expect(verdict.reason == .originUnknown)
        #expect(verdict.rule?.id == "assign.unknown")
        #expect(try policy.refusal("admin.example.ch") == .originBlocked)
        #expect(try policy.peer("bund.example.de").state == "DE")
    }

    @Test(
        "AC-51 an IP literal is refused unless it is listed as such",
        arguments: [
            "198.51.100.1", "198.51.100.1:8448", "[2001:db8::1]", "[::1]:8448", "127.0.0.1",
        ])
    func addresses(name: String) throws {
        #expect(try Self.policy().refusal(name) == .originIPLiteral)
        #expect(try Self.policy(unknown: "open").refusal(name) == .originIPLiteral)
        #expect(try Self.policy().refusal("192.0.2.7") == nil)
        #expect(try Self.policy().refusal("[2001:db8::7]:8448") == nil)
    }

    @Test("AC-98 a plain `NO` is Norway wherever a state is wanted", arguments: ["NO", "\"NO\"", "'NO'"])
    func norway(code: String) throws {
        let text = Self.text.replacing("[DE]", with: "[DE, \(code)]").replacing("UNKNOWN", with: "blocked")
            .replacing("bund.example.de, state: DE", with: "bund.example.de, state: \(code)")
        #expect(try Policy.of(text).peer("bund.example.de").state == "NO")
        let own = text.replacing("state: FR", with: "state: \(code)")
        #expect(try Policy.of(own).ownState == "NO")
    }

    @Test("unknown servers get the tier that `assign.unknown` names, and nothing more")
    func unknownTier() throws {
        let policy = try Self.policy(unknown: "open")
        let peer = try policy.peer("never.heard.example")
        #expect(peer.state == nil && peer.tier.name == "open")
        #expect(policy.decide(peer, .discovery, .inbound).isAllowed)
        #expect(policy.decide(peer, .send, .inbound).reason == .endpointRefused)
        let author = policy.decideAuthor(peer.server, eventType: "m.room.message", deliveredBy: peer, .inbound)
        #expect(author.reason == .pduAuthorDenied)
    }

    @Test("without `assign.unknown` unknown servers are blocked")
    func unknownByDefault() throws {
        let policy = try Policy.of(Self.text.replacing(", unknown: UNKNOWN", with: ""))
        #expect(try policy.refusal("never.heard.example") == .originUnknown)
        #expect(try policy.refusal("bund.example.de") == nil)
    }

    @Test("a server without pinned keys in a tier of `pinned_only` is refused, as peer and as author")
    func pinnedOnly() throws {
        let policy = try Self.policy()
        #expect(try policy.refusal("hq.example.int") == .keysUnavailable)
        #expect(policy.warnings.contains { $0.what.contains("hq.example.int") })
        let peer = try policy.peer("bund.example.de")
        let verdict = policy.decideAuthor(try ServerName("hq.example.int"), eventType: "m", deliveredBy: peer, .inbound)
        #expect(verdict.reason == .pduAuthorDenied)
        #expect(verdict.rule?.id == "tiers.pinned.keys")
    }

    @Test("own servers and servers of the own state are in tier `own`")
    func own() throws {
        let policy = try Self.policy()
        #expect(try policy.peer("matrix.example.gouv.fr").tier.name == "own")
        #expect(try policy.peer("matrix.gouv.example.fr").tier.name == "own")
        #expect(policy.isOwn(try ServerName("matrix.example.gouv.fr")))
        #expect(!policy.isOwn(try ServerName("matrix.gouv.example.fr")))
        #expect(!policy.isOwn(try ServerName("matrix.example.gouv.fr:8448")))
    }
}
