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

    @Test("AC-88 records and sums of strangers are exactly their requests, before another policy and at the stop")
    func flood() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        for _ in 0..<70 { #expect(try gateway.status(of: "/_matrix/nowhere") == 404) }
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        for _ in 0..<65 { #expect(try gateway.status(of: "/_matrix/nowhere") == 404) }
        gateway.stop()
        let records = try node.records()
        let refused = records.filter { $0["reason_code"] as? String == "endpoint.unknown" }
        let single = refused.count { $0["kind"] as? String == "request" }
        let sums = refused.filter { $0["kind"] as? String == "audit.aggregated" }.compactMap { $0["count"] as? Int }
        #expect(single + sums.reduce(0, +) == 135)
        #expect(sums.count >= 2 && single >= 120)
        let kinds = records.compactMap { $0["kind"] as? String }
        let activated = try #require(kinds.lastIndex(of: "policy.activated"))
        #expect(kinds[..<activated].contains("audit.aggregated"), "before the policy that came next")
        #expect(kinds[activated...].contains("audit.aggregated"), "before the stop")
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
