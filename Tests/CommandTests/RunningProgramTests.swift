// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing
import Transport

@Suite("What a running gateway says of its program and its keys", .enabled(if: Entente.isBuilt), .serialized)
struct RunningProgramTests {
    @Test("AC-114 the start names the SHA-256 of the very program that runs, and another program has another")
    func program() throws {
        let node = try LockdownNode()
        try node.start().stop()
        let start = try #require(try node.records().first { $0["kind"] as? String == "log.start" })
        let program = Array(try Data(contentsOf: URL(filePath: try #require(Entente.binary))))
        #expect(start["binary_sha256"] as? String == SHA256.hash(program).hex)
        #expect(SHA256.hash(program + [0]) != SHA256.hash(program))
    }

    @Test("a key is recorded when it is first used and when it is another one, and by its fingerprint alone")
    func keys() throws {
        let node = try LockdownNode()
        var gateway = try node.start()
        gateway.stop()
        gateway = try node.start()
        let identity = try CertificateAuthority(name: "two").issue(CertificateRequest(dnsNames: ["fr.example"]))
        _ = try node.files.directory.file("etc/a.pem", try identity.certificatePEM())
        _ = try node.files.directory.file("etc/a.key", try identity.keyPEM())
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        gateway.stop()
        let records = try node.records()
        let rotated = records.filter { $0["kind"] as? String == "key.rotated" }.compactMap {
            $0["key"] as? [String: Any]
        }
        let uses = rotated.compactMap { $0["use"] as? String }
        #expect(
            uses.filter { $0.hasPrefix("officer:") } == ["officer:officer-a", "officer:officer-b", "officer:officer-c"])
        #expect(uses.count { $0 == "log" } == 1)
        let tls = rotated.filter { ($0["use"] as? String)?.hasPrefix("tls:") == true }
        #expect(tls.count == 2 && tls[0]["previous"] == nil)
        #expect(tls[1]["previous"] as? String == tls[0]["sha256"] as? String)
        #expect(tls[1]["sha256"] as? String == identity.spki?.bytes.map { String(format: "%02x", $0) }.joined())
    }
}
