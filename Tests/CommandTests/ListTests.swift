// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing
import Transport

@Suite("Lists from others: check and explain", .enabled(if: Entente.isBuilt), .serialized)
struct ListTests {
    private static let policy = """
        entente: 1
        policy: { id: health, serial: 3 }
        self: { state: DE, servers: [own.example] }
        tiers:
          own: { may: [discovery, keys, join, send] }
          health: { may: [keys, join, send] }
        assign: { unknown: blocked }
        lists:
          bad: { file: bad.txt, form: text, tier: blocked, state: none }
          ti:
            file: lists/ti.jws
            form: jws
            roots: lists/roots.pem
            signer: { subject: "CN=lists.health.example" }
            max_age: 24h
            tier: health
            state: DE

        """

    private func folder(_ names: [String]) throws -> (TemporaryDirectory, String, ListPublisher) {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: "lists"), withIntermediateDirectories: true)
        let publisher = try ListPublisher()
        _ = try directory.file("lists/ti.jws", try publisher.list(names, version: 41))
        _ = try directory.file("lists/roots.pem", try publisher.roots())
        _ = try directory.file("bad.txt", "bad.example # since May\n")
        return (directory, try directory.file("policy.yaml", Self.policy), publisher)
    }

    @Test("check says of each list how many servers it names, its version, its signer and its end")
    func check() throws {
        let (directory, policy, _) = try folder(["a.example", "b.example"])
        let ended = try Entente.run(["check", "--policy", policy])
        #expect(ended.status == 0, "\(ended.errors)")
        let lines = ended.text.split(separator: "\n")
        #expect(lines.contains("list bad: 1 server into tier blocked, has no end"))
        let prefix =
            "list ti: 2 servers into tier health, version 41, signed by `CN=lists.health.example`, counts until 20"
        #expect(lines.contains { $0.hasPrefix(prefix) }, "\(ended.text)")
        let answer = try Entente.run(["check", "--policy", policy, "--json"]).answer()
        let lists = try #require((answer["policy"] as? [String: Any])?["lists"] as? [[String: Any]])
        #expect(lists.map { $0["name"] as? String } == ["bad", "ti"])
        #expect(lists[1]["version"] as? Int == 41)
        #expect(lists[1]["signer"] as? String == "CN=lists.health.example")
        _ = directory
    }

    @Test("check names a broken list at its place in the policy, in four parts")
    func broken() throws {
        let (directory, policy, _) = try folder(["a.example"])
        _ = try directory.file("lists/ti.jws", try ListPublisher().list(["a.example"]))
        _ = try directory.file("bad.txt", "bad.example\nBAD.example\n")
        let ended = try Entente.run(["check", "--policy", policy])
        #expect(ended.status == 1)
        let lines = ended.errors.split(separator: "\n")
        #expect(
            lines.contains {
                $0.contains(
                    "policy.yaml:9:16: list `bad`: line 2 has `BAD.example`, which has upper-case letters; the policy would "
                        + "not be used; write one server name a line")
            }, "\(ended.errors)")
        #expect(
            lines.contains {
                $0.contains("policy.yaml:11:11: list `ti`: the certificate of its signer is not accepted")
            }, "\(ended.errors)")
        #expect(lines.count == 2)
        try FileManager.default.removeItem(at: directory.url.appending(path: "bad.txt"))
        #expect(try Entente.run(["check", "--policy", policy]).errors.contains("is not there"))
    }

    @Test("explain says which list put a server into its tier, and which one blocks it")
    func explain() throws {
        let (directory, policy, _) = try folder(["a.example", "bad.example"])
        func ask(_ server: String) throws -> Entente.Ended {
            try Entente.run(["explain", "--policy", policy, "--from", server, "--class", "send"])
        }
        let good = try ask("a.example")
        #expect(good.status == 0, "\(good.errors)")
        #expect(good.text.contains("`a.example` is in tier `health`: list `ti` at "))
        #expect(good.text.contains("policy.yaml:10:3, version 41"))
        let bad = try ask("bad.example")
        #expect(bad.status == 1)
        #expect(bad.text.contains("refused (origin.blocked) by lists.bad"), "\(bad.text)")
        #expect(try ask("c.example").text.contains("`c.example` is not listed"))
        _ = directory
    }

    @Test("an old version is refused by check as it would be by the gateway, by the floor beside the audit log")
    func floor() throws {
        let (directory, _, _) = try folder(["a.example"])
        let authority = try CertificateAuthority(name: "one")
        let identity = try authority.issue(CertificateRequest(dnsNames: ["own.example"]))
        _ = try directory.file("a.pem", try identity.certificatePEM())
        _ = try directory.file("a.key", try identity.keyPEM())
        let configuration = try directory.file(
            "gateway.yaml",
            """
            entente: 1
            node: de-1
            policy: { file: policy.yaml, unsigned: accepted }
            mixed: refuse
            listeners: [{ listen: "127.0.0.1:8448", certificates: [{ chain: a.pem, key: a.key }] }]
            homeservers: [{ server_name: own.example, upstream: "http://127.0.0.1:8008" }]
            audit: { directory: . }

            """)
        #expect(try Entente.run(["check", "--config", configuration]).status == 0)
        _ = try directory.file("list.ti.floor", "42 \(String(repeating: "a", count: 64))\n")
        let ended = try Entente.run(["check", "--config", configuration])
        #expect(ended.status == 1)
        #expect(ended.errors.contains("its version 41 is older than 42, which was in force"), "\(ended.errors)")
    }
}
