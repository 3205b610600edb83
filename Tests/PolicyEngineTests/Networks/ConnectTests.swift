// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("How a server is reached, and what its connections must show")
struct ConnectTests {
    private static let pin = "Z5p1tBnEd6tYqDnKJ0n2DbV6m1vHX8o1yZLbpm0cX3M="

    private func policy(_ connect: String, tier: String = "client_certificate: required") throws -> Policy {
        var fixture = TrustFixture()
        fixture.server = "    connect: \(connect)"
        fixture.tier = tier.isEmpty ? "" : "    \(tier)"
        return try fixture.policy()
    }

    private func channel(_ names: [String], key: String? = nil) throws -> ChannelFacts {
        var channel = ChannelFacts(version: .tls13, hasClientCertificate: !names.isEmpty, suite: "", group: "")
        channel.certificateNames = names
        channel.certificateKey = SHA256.hash(Array((key ?? "some").utf8))
        if key == Self.pin {
            let bytes = try #require(Base64.decode(Self.pin))
            channel.certificateKey = Digest(bytes.span)
        }
        return channel
    }

    @Test(
        "AC-16 a client certificate of another name than the origin's is refused",
        arguments: [
            ["other.example.de"], ["*.bund.example.de"], ["example.de"], ["bund.example.de.evil.example"], ["*.de"],
            ["*.example.de.evil.example"], ["*"], ["bund.example.d"], ["xbund.example.de"],
        ])
    func foreignNames(names: [String]) throws {
        let policy = try policy("{ cidrs: [192.0.2.0/24] }")
        let peer = try policy.peer("bund.example.de")
        let verdict = policy.decideChannel(try channel(names), of: peer)
        #expect(verdict.reason == .channelMismatch && verdict.rule?.id == "tiers.eu.client_certificate")
    }

    @Test("AC-16 a certificate with the origin's name, a wildcard above it, or the name that it is dialled by passes")
    func ownNames() throws {
        let policy = try policy("{ host: fed.example.net }")
        let peer = try policy.peer("bund.example.de")
        for names in [["bund.example.de"], ["x.example", "*.example.de"], ["fed.example.net"]] {
            #expect(policy.decideChannel(try channel(names), of: peer).isAllowed, "\(names)")
        }
        #expect(policy.decideChannel(try channel([]), of: peer).reason == .tlsClientCertificate)
    }

    @Test("a pinned server's client certificate must have a pinned key, also where none is required")
    func pins() throws {
        for tier in ["client_certificate: required", ""] {
            let policy = try policy("{ spki: [sha256/\(Self.pin)] }", tier: tier)
            let peer = try policy.peer("bund.example.de")
            let wrong = policy.decideChannel(try channel(["bund.example.de"]), of: peer)
            #expect(wrong.reason == .tlsPinMismatch && wrong.rule?.id == "servers.bund.example.de.connect.spki")
            #expect(policy.decideChannel(try channel(["bund.example.de"], key: Self.pin), of: peer).isAllowed)
        }
        let lax = try policy("{ spki: [sha256/\(Self.pin)] }", tier: "")
        #expect(lax.decideChannel(try channel([]), of: try lax.peer("bund.example.de")).isAllowed)
    }

    @Test("`tls.pins: required` refuses servers whose keys nobody pinned")
    func requiredPins() throws {
        let policy = try policy("{ spki: [sha256/\(Self.pin)] }", tier: "tls: { pins: required }")
        #expect(try policy.refusal("wien.example.at") == .tlsPinMismatch)
        #expect(try policy.refusal("bund.example.de") == nil)
        #expect(policy.warnings.contains { $0.what.contains("`wien.example.at` has no `connect.spki`") })
    }

    @Test("AC-111 a request from outside of a server's ranges is refused where the policy asks for that")
    func source() throws {
        let asking = try policy("{ cidrs: [192.0.2.0/24, \"2001:db8::/32\"], check_source: true }", tier: "")
        let silent = try policy("{ cidrs: [192.0.2.0/24] }", tier: "")
        var facts = try channel([])
        for (address, isInside) in [
            ("192.0.2.77", true), ("2001:db8::1", true), ("192.0.3.1", false), ("::c000:24d", false),
            ("10.0.0.1", false),
        ] {
            facts.source = AddressBits(address)
            #expect(facts.source != nil)
            let verdict = asking.decideChannel(facts, of: try asking.peer("bund.example.de"))
            #expect(verdict.isAllowed == isInside, "\(address)")
            if !isInside {
                #expect(
                    verdict.reason == .networkChanged && verdict.rule?.id == "servers.bund.example.de.connect.cidrs")
            }
            #expect(silent.decideChannel(facts, of: try silent.peer("bund.example.de")).isAllowed)
        }
        facts.source = nil
        #expect(!asking.decideChannel(facts, of: try asking.peer("bund.example.de")).isAllowed)
    }

    @Test("on a network the certificate must have been judged by that network's authorities")
    func authorities() throws {
        let policy = try Policy.of(NetworkTests.text)
        guard
            case .admitted(let hq) = policy.admit(
                try ServerName("hq.example.int"), at: try ServerName("allied.example.fr"))
        else { throw NotAdmitted(name: "hq.example.int") }
        var facts = try channel(["hq.example.int"])
        for trust in [nil, "web-root", "nato-roots"] {
            facts.trust = trust
            #expect(policy.decideChannel(facts, of: hq).reason == .tlsClientCertificate)
        }
        facts.trust = "nato-root"
        #expect(policy.decideChannel(facts, of: hq).isAllowed)
    }

    @Test("a fixed place, pins and ranges are handed to whoever dials; the place is no name to admit")
    func access() throws {
        let policy = try policy(
            "{ host: fed.example.net, port: 443, spki: [sha256/\(Self.pin)], cidrs: [192.0.2.0/24] }")
        let access = policy.access(to: try ServerName("bund.example.de"))
        #expect(access.place == DialledPlace(host: "fed.example.net", port: 443, isAddress: false))
        #expect(access.pins.count == 1 && access.ranges.map(\.text) == ["192.0.2.0/24"])
        #expect(policy.access(to: try ServerName("wien.example.at")) == ServerAccess())
        #expect(try policy.refusal("fed.example.net") == .originUnknown)
    }

    @Test("fewer pins and ranges tighten; others, more, and none at all loosen")
    func difference() throws {
        func effects(_ old: String, _ new: String) throws -> Set<PolicyDiff.Effect> {
            Set(try PolicyDiff(from: try policy(old, tier: ""), to: try policy(new, tier: "")).settings.map(\.effect))
        }
        let one = "{ cidrs: [192.0.2.0/24] }"
        let two = "{ cidrs: [192.0.2.0/24, 198.51.100.0/24] }"
        #expect(try effects(two, one) == [.tightened])
        #expect(try effects(one, two) == [.loosened])
        #expect(try effects(one, "{ cidrs: [198.51.100.0/24] }") == [.loosened])
        #expect(try effects(one, "{ cidrs: [192.0.2.0/24], spki: [sha256/\(Self.pin)] }") == [.tightened])
        #expect(try effects("{ cidrs: [192.0.2.0/24], spki: [sha256/\(Self.pin)] }", one) == [.loosened])
        #expect(try effects(one, "{ host: fed.example.net, cidrs: [192.0.2.0/24] }") == [.loosened])
        #expect(try effects(one, "{ cidrs: [192.0.2.0/24], check_source: true }") == [.tightened])
    }
}
