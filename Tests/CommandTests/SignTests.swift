// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente keygen officer, sign and activate", .enabled(if: Entente.isBuilt), .serialized)
struct SignTests {
    @Test("AC-100 a policy is installed with two officers' signatures, and with fewer nothing is changed")
    func fromKeyToPlace() throws {
        let node = try SigningNode()
        let unsigned = try node.activate()
        #expect(unsigned.status == 1 && unsigned.errors.contains("policy.yaml.sigs: there are no signatures"))
        let first = try node.sign("officer-a")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.text.contains("policy asked, serial 3, mode enforce: 3 servers"))
        #expect(first.text.contains("signed as officer-a, public key "))
        #expect(try node.activate().errors.contains("2 officers must sign, and `officer-a` did; nothing was changed"))
        try node.sign("officer-a")
        #expect(try node.activate().status == 1, "the same officer again is one officer")
        #expect(!node.exists(node.installed) && !node.exists(node.installed + ".sigs"))
        try node.sign("officer-c")
        let dry = try node.activate(["--dry-run"])
        #expect(dry.status == 0 && !node.exists(node.installed))
        let ended = try node.activate()
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.text.contains("signed by officer-a, officer-c; 2 must sign"))
        #expect(ended.text.contains("`systemctl start entente`"))
        #expect(try node.text(node.installed) == node.text(node.policy))
        #expect(try node.text(node.installed + ".sigs") == node.text(node.policy + ".sigs"))
        #expect(try Entente.run(["check", "--config", node.configuration]).status == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: node.path("etc")).sorted()
        #expect(left == ["a.key", "a.pem", "gateway.yaml", "policy.yaml", "policy.yaml.sigs"])
    }

    @Test(
        "AC-97 one byte changed after signing, or a signature altered, and neither command nor gateway takes the policy"
    )
    func altered() throws {
        let node = try SigningNode()
        for officer in ["officer-a", "officer-b"] { try node.sign(officer) }
        #expect(try node.activate().status == 0)
        let (policy, signatures) = (try node.text(node.installed), try node.text(node.installed + ".sigs"))
        for (text, signed) in [
            (policy + "\n", signatures), (policy, signatures.replacing("officer-b", with: "officer-c")), (policy, ""),
            (policy, signatures + "officer\n"),
        ] {
            _ = try node.directory.file("etc/policy.yaml", text)
            _ = try node.directory.file("etc/policy.yaml.sigs", signed)
            let served = try Entente.run(["serve", "--config", node.configuration])
            #expect(served.status == 1 && served.errors.contains("the gateway does not start"), "\(served.errors)")
            #expect(try Entente.run(["check", "--config", node.configuration]).status == 1)
            #expect(!node.exists(node.path("etc/audit/policy.floor")), "nothing was put in force")
        }
    }

    @Test("AC-99 the gateway does not start with an older policy, however well it is signed")
    func rollback() throws {
        let node = try SigningNode()
        for officer in ["officer-a", "officer-b"] { try node.sign(officer) }
        try FileManager.default.createDirectory(atPath: node.path("etc/audit"), withIntermediateDirectories: true)
        let hash = String(repeating: "ab", count: 32)
        _ = try node.directory.file("etc/audit/policy.floor", "policy asked serial 4 sha256 \(hash)\n")
        let refused = try node.activate()
        #expect(refused.status == 1 && refused.errors.contains("serial 3 is older than 4"), "\(refused.errors)")
        for file in ["policy.yaml", "policy.yaml.sigs"] {
            _ = try node.directory.file("etc/\(file)", try node.text(node.path(file)))
        }
        let served = try Entente.run(["serve", "--config", node.configuration])
        #expect(served.status == 1 && served.errors.contains("serial 3 is older than 4"), "\(served.errors)")
        _ = try node.directory.file("etc/audit/policy.floor", "policy asked serial 2 sha256 \(hash)\n")
        #expect(try node.activate().text.contains("follows serial 2, sha256 \(hash)"))
        _ = try node.directory.file("etc/audit/policy.floor", "no floor\n")
        #expect(try node.activate().errors.contains("policy.floor: it is not what was written there"))
    }

    @Test("the signatures of the installed policy stay until the next one is in its place")
    func oneAfterTheOther() throws {
        let node = try SigningNode()
        for officer in ["officer-a", "officer-b"] { try node.sign(officer) }
        #expect(try node.activate().status == 0)
        try node.write(serial: 4)
        for officer in ["officer-b", "officer-c"] { try node.sign(officer) }
        #expect(try node.activate().status == 0)
        let lines = try node.text(node.installed + ".sigs").split(separator: "\n").map {
            $0.split(separator: " ")[..<4].joined(separator: " ")
        }
        #expect(
            lines == [
                "officer officer-a serial 3", "officer officer-b serial 3", "officer officer-b serial 4",
                "officer officer-c serial 4",
            ])
    }

    @Test("AC-100 with a node's configuration it says how many signatures count there, and why others do not")
    func worth() throws {
        let node = try SigningNode()
        let more = ["--config", node.configuration]
        #expect(
            try node.sign("officer-a").text.contains("has 1 signature of serial 3: officer-a; which of them count,"))
        let two = try node.sign("officer-b", more)
        #expect(
            two.status == 0 && two.text.contains("officer-a, officer-b; 2 of them count on fr-1, where 2 must sign"))
        #expect(!two.errors.contains("does not count"))
        // The policy is another one now: what was signed before is worth nothing.
        _ = try node.directory.file("policy.yaml", try node.text(node.policy) + "# more\n")
        let worthless = try node.sign("officer-b", more)
        #expect(worthless.text.contains("has 2 signatures of serial 3: officer-a, officer-b; 1 of them counts on fr-1"))
        #expect(worthless.errors.contains("policy.yaml.sigs:1:1: the signature of `officer-a` is not over these bytes"))
        // A stranger's signature, and an officer's name over another's key.
        let stranger = try node.sign("officer-c", ["--name", "mallory"] + more)
        #expect(stranger.status == 0 && stranger.text.contains("1 of them counts"), "\(stranger.text)")
        #expect(stranger.errors.contains("`mallory` is not an officer of this node; it does not count"))
        let posing = try node.sign("officer-c", ["--name", "officer-a"] + more)
        #expect(
            posing.text.contains("1 of them counts on fr-1") && posing.errors.contains("the signature of `officer-a`"))
        #expect(try node.activate().errors.contains("2 officers must sign, and `officer-b` did"))
        // What is no configuration: nothing is signed.
        let before = try node.text(node.policy + ".sigs")
        #expect(try node.sign("officer-c", ["--config", node.path("nowhere")]).status != 0)
        #expect(try node.text(node.policy + ".sigs") == before)
        let open = try SigningNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        #expect(
            try open.sign("officer-a", ["--config", open.configuration]).text.contains("fr-1 takes unsigned policies"))
    }

    @Test("a broken policy is not signed, nor one whose signatures cannot be read")
    func broken() throws {
        let node = try SigningNode()
        _ = try node.directory.file("policy.yaml", ExplainTests.policy.replacing("tiers:", with: "teirs:"))
        let ended = try node.sign("officer-a")
        #expect(ended.status == 1 && ended.errors.contains("; nothing was signed; "))
        #expect(!node.exists(node.policy + ".sigs"))
        try node.write(serial: 3)
        _ = try node.directory.file("policy.yaml.sigs", "nonsense\n")
        #expect(try node.sign("officer-a").errors.contains("policy.yaml.sigs:1: no `officer NAME"))
        try FileManager.default.removeItem(atPath: node.policy + ".sigs")
        #expect(try node.sign("officer-a").status == 0)
    }

    @Test("a wrong pass-phrase, an altered key and a pass-phrase that others can read sign nothing")
    func keys() throws {
        let node = try SigningNode()
        _ = try node.directory.file("pass", "another pass-phrase\n")
        #expect(try node.sign("officer-a").errors.contains("officer-a.key: does not open; nothing was signed"))
        _ = try node.directory.file("pass", SigningNode.passphrase)
        try node.protect("pass", 0o640)
        #expect(try node.sign("officer-a").errors.contains("others than its owner can read it"))
        try node.protect("pass")
        let key = try node.text(node.path("officer-a.key"))
        _ = try node.directory.file("officer-a.key", key.replacing("name officer-a", with: "name officer-b"))
        #expect(try node.sign("officer-a").status == 1)
        _ = try node.directory.file("officer-a.key", key.replacing("operations 3", with: "operations 99"))
        #expect(try node.sign("officer-a").errors.contains("officer-a.key:4: not 1 to 10 operations"))
        #expect(!node.exists(node.policy + ".sigs"))
        _ = try node.directory.file("officer-a.key", key)
        #expect(try node.sign("officer-a").status == 0)
    }

    @Test("a key is made for its owner only, never over another, and holds no secret in the open")
    func keygen() throws {
        let node = try SigningNode()
        let attributes = try FileManager.default.attributesOfItem(atPath: node.path("officer-a.key"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let again = ["keygen", "officer", "--out", node.path("officer-a.key"), "--passphrase-file", node.path("pass")]
        let before = try node.text(node.path("officer-a.key"))
        #expect(try Entente.run(again).status == 1)
        #expect(try node.text(node.path("officer-a.key")) == before)
        _ = try node.directory.file("pass", "short\n")
        let short = ["keygen", "officer", "--out", node.path("d.key"), "--passphrase-file", node.path("pass")]
        #expect(try Entente.run(short).errors.contains("less than 12 characters"))
        let named = ["keygen", "officer", "--out", node.path("Nobody!"), "--passphrase-file", node.path("pass")]
        #expect(try Entente.run(named).status == 2)
        #expect(!node.exists(node.path("d.key")) && !node.exists(node.path("Nobody!")))
    }

    @Test(
        "AC-100 a configuration names officers in one clear form, or says that policies are unsigned",
        arguments: [
            ("{ file: policy.yaml }", "names no officers"),
            ("{ file: policy.yaml, officers: { KEYS } }", "has `officers` and no `need`"),
            ("{ file: policy.yaml, officers: { KEYS }, need: 1 }", "lets one officer alone change the policy"),
            ("{ file: policy.yaml, officers: { KEYS }, need: 4 }", "`policy.need` is 4 and only 3 officers are named"),
            ("{ file: policy.yaml, officers: { KEYS }, need: 2, unsigned: accepted }", "says both"),
            ("{ file: policy.yaml, need: 2 }", "names no officers"),
            ("{ file: policy.yaml, unsigned: yes }", "unknown value `yes`"),
            (
                "{ file: policy.yaml, officers: { a: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, KEYS }, need: 2 }",
                "no public Ed25519 key"
            ),
            ("{ file: policy.yaml, officers: { Officer: x, KEYS }, need: 2 }", "cannot name an officer"),
        ])
    func configuration(_ policy: String, _ says: String) throws {
        let node = try SigningNode(policy: policy)
        let ended = try node.activate()
        #expect(ended.status == 1 && ended.errors.contains(says), "\(ended.errors)")
        #expect(!node.exists(node.installed))
    }

    @Test("AC-101 a policy that has expired, or is not to begin yet, is not installed")
    func dates() throws {
        let node = try SigningNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        for (header, says) in [
            ("expires: 2020-01-01", "the policy expired at 2020-01-02T00:00:00Z"),
            ("not_before: 9999-01-01", "may not be in force before 9999-01-01T00:00:00Z"),
            ("quorum: { need: 2, of: [a, b] }", "asks for a quorum and this node pins no officers"),
        ] {
            try node.write(serial: 3, header)
            let ended = try node.activate()
            #expect(ended.status == 1 && ended.errors.contains(says), "\(ended.errors)")
        }
        try node.write(serial: 3, "not_before: 2020-01-01, expires: 9998-01-01")
        #expect(try node.activate().status == 0)
    }
}
