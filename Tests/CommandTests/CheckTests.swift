// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing
import Transport

@Suite("entente check", .enabled(if: Entente.isBuilt), .serialized)
struct CheckTests {
    /// A node's files, all of them good.
    func node(_ configure: (String) -> String = { $0 }) throws -> (TemporaryDirectory, String) {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority(name: "one")
        for name in ["a", "b"] {
            let identity = try authority.issue(CertificateRequest(dnsNames: ["fr.example"]))
            _ = try directory.file("\(name).pem", try identity.certificatePEM())
            _ = try directory.file("\(name).key", try identity.keyPEM())
        }
        _ = try directory.file("roots.pem", try authority.certificate.pem())
        _ = try directory.file("policy.yaml", Array(ExplainTests.policy.utf8))
        let configuration = """
            entente: 1
            node: fr-1
            policy: { file: policy.yaml, unsigned: accepted }
            mixed: refuse
            listeners:
              - listen: 127.0.0.1:8448
                certificates: [{ chain: a.pem, key: a.key }]
            homeservers:
              - { server_name: fr.example, upstream: "http://127.0.0.1:8008" }
            federation: { roots: roots.pem }
            audit: { directory: audit }

            """
        return (directory, try directory.file("gateway.yaml", configure(configuration)))
    }

    @Test("says what a good configuration and its policy hold, and writes nothing")
    func good() throws {
        let (directory, file) = try node()
        let before = try FileManager.default.contentsOfDirectory(atPath: directory.url.path).sorted()
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.text.hasPrefix("policy asked, serial 3, mode enforce: 3 servers of 3 states in 4 tiers"))
        #expect(ended.text.contains("node fr-1: 1 listener, 1 certificate, 1 homeserver"))
        #expect(ended.errors.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path).sorted() == before)
    }

    @Test(
        "names what is wrong, four parts to a line",
        arguments: [
            ("key: a.key", "key: b.key", "b.key: "),
            ("key: a.key", "key: roots.pem", "roots.pem: reading a private key"),
            ("chain: a.pem", "chain: a.key", "a.key: reading a certificate"),
            ("chain: a.pem", "chain: nowhere.pem", "nowhere.pem: cannot be opened, no such file or directory"),
            ("roots: roots.pem", "roots: a.key", "a.key: "),
            (
                "server_name: fr.example", "server_name: be.example",
                "`be.example` of `homeservers` is not under `self.servers`"
            ),
            ("roots: roots.pem", "allow_addresses: [anywhere]", "`anywhere` in `allow_addresses`"),
            ("file: policy.yaml", "file: none.yaml", "none.yaml: cannot be opened"),
            ("node: fr-1", "nod: fr-1", "gateway.yaml:2:1: "),
        ])
    func wrong(_ good: String, _ bad: String, _ says: String) throws {
        let (directory, file) = try node { $0.replacing(good, with: bad) }
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 1)
        #expect(ended.output.isEmpty)
        let line = ended.errors.split(separator: "\n").first { $0.contains(says) }
        #expect(line.map { $0.split(separator: "; ").count >= 3 } == true, "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }

    /// A policy with a closed network, and a node that has what it names.
    private func networkNode(_ old: String = "", _ new: String = "") throws -> (TemporaryDirectory, String) {
        let (directory, file) = try node {
            $0.replacing(
                "homeservers:",
                with: """
                      - { name: nato-if, listen: "127.0.0.1:8449", certificates: [{ chain: a.pem, key: a.key }], client_certificates: required }
                    resolvers: { nato-dns: { servers: [192.0.2.53], allow_addresses: [10.99.0.0/16] } }
                    trust_stores: { nato-root: roots.pem }
                    homeservers:
                    """
            ).replacing(old.isEmpty ? "\u{0}" : old, with: new)
        }
        let policy = ExplainTests.policy.replacing(
            "tiers:\n",
            with: """
                networks:
                  nato: { listener: nato-if, resolver: nato-dns, ca: nato-root, servers: [fr.example] }
                  internet: { servers: [fr.example] }
                tiers:
                  nato: { network: nato, may: [send] }

                """)
        _ = try directory.file("policy.yaml", Array(policy.utf8))
        return (directory, file)
    }

    @Test("a node that has what the policy's networks name is good")
    func networks() throws {
        let (directory, file) = try networkNode()
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 0, "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }

    @Test(
        "a network of the policy that the node lacks a part of keeps it from starting, with both places",
        arguments: [
            ("name: nato-if", "name: other-if", "the listener `nato-if`, which", "gateway.yaml:5:1"),
            ("nato-dns:", "other-dns:", "the resolver `nato-dns`, which", "gateway.yaml:9:1"),
            ("nato-root:", "other-root:", "the ca `nato-root`, which", "gateway.yaml:10:1"),
            ("servers: [192.0.2.53]", "servers: []", "a resolver has 1 to 3 name servers", "gateway.yaml:9:"),
            ("servers: [192.0.2.53]", "servers: [dns.example]", "no address of a name server", "gateway.yaml:9:"),
            ("[10.99.0.0/16]", "[10.99.0.1/16]", "is no address range", "gateway.yaml:9:"),
            ("nato-root: roots.pem", "nato-root: a.key", "a.key: ", "a.key"),
            ("name: nato-if", "name: Nato", "`Nato` cannot be such a name", "gateway.yaml:8:"),
            (
                "client_certificates: required", "client_certificates: required, client_roots: roots.pem",
                "`client_roots` of a listener with a name", "gateway.yaml:8:"
            ),
        ])
    func missingParts(_ good: String, _ bad: String, _ says: String, _ place: String) throws {
        let (directory, file) = try networkNode(good, bad)
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 1)
        let line = ended.errors.split(separator: "\n").first { $0.contains(says) }
        #expect(line?.contains(place) == true && line?.split(separator: "; ").count ?? 0 >= 3, "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }

    @Test("finds the errors of both files in one run")
    func both() throws {
        let (directory, file) = try node { $0.replacing("node: fr-1", with: "nod: fr-1") }
        _ = try directory.file(
            "policy.yaml",
            ExplainTests.policy.replacing("friends: friend", with: "friends: frend").replacing(
                "serial: 3", with: "serial: x")
        )
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 1)
        for place in ["gateway.yaml:2:1: ", "gateway.yaml:1:1: ", "policy.yaml:2:30: ", "policy.yaml:10:20: "] {
            #expect(ended.errors.contains(place), "\(place) in \(ended.errors)")
        }
        let answer = try Entente.run(["check", "--config", file, "--json"]).answer()
        #expect(answer["ok"] as? Bool == false)
        #expect((answer["errors"] as? [String])?.count == ended.errors.split(separator: "\n").count)
    }

    @Test("warns of what `mixed: withhold` loses and still ends with 0")
    func warnings() throws {
        let (directory, file) = try node { $0.replacing("mixed: refuse", with: "mixed: withhold") }
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 0)
        #expect(ended.errors.contains("warning: "))
        #expect(ended.errors.contains("`mixed` is `withhold`"))
        withExtendedLifetime(directory) {}
    }

    @Test("checks a policy alone, hostile ones too")
    func policyAlone() throws {
        let directory = try TemporaryDirectory()
        let good = try directory.file("good.yaml", ExplainTests.policy)
        #expect(try Entente.run(["check", "--policy", good]).status == 0)
        let nul = try directory.file("nul.yaml", ExplainTests.policy + "\0")
        #expect(try Entente.run(["check", "--policy", nul]).errors.contains("nul.yaml:14:1: "))
        let large = try directory.file("large.yaml", [UInt8](repeating: UInt8(ascii: "["), count: 10 << 20)).path
        #expect(try Entente.run(["check", "--policy", large]).status == 1)
        #expect(try Entente.run(["check", "--policy", good + "x"]).errors.contains("cannot be opened"))
        #expect(try Entente.run(["check"]).status == 2)
    }

    @Test("takes every policy that comes with the project")
    func shipped() throws {
        let directory = Shared.projectRoot.appending(path: "Policies")
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) where name.hasSuffix(".yaml") {
            let file = directory.appending(path: name)
            let ended = try Entente.run(["check", "--policy", file.path])
            guard try String(contentsOf: file, encoding: .utf8).contains("\nlists:") else {
                #expect(ended.status == 0, "\(name): \(ended.errors)")
                continue
            }
            // A list would have to be signed by a certificate that never ends, so none is shipped; all else is right.
            let faults = ended.errors.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
            #expect(ended.status == 1 && faults.count == 1 && faults[0].contains(": list `"), "\(name): \(faults)")
        }
    }

    @Test("the binary says its version")
    func version() throws {
        let ended = try Entente.run(["--version"])
        #expect(ended.status == 0)
        #expect(ended.text.first?.isNumber == true)
    }
}
