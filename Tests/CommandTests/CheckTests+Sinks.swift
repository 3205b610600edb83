// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

extension CheckTests {
    private static let section = """
        audit:
          directory: audit
          sinks:
            - { syslog_tls: "SIEM.example:6514", chain: a.pem, key: a.key, roots: roots.pem, server_name: log.example, spki: [sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=] }

        """

    /// A policy with a syslog sink, and a node with a section for it.
    private func sinkNode(_ old: String = "\u{0}", _ new: String = "") throws -> (TemporaryDirectory, String) {
        let (directory, file) = try node {
            $0.replacing("audit: { directory: audit }\n", with: Self.section).replacing(old, with: new)
        }
        let policy =
            ExplainTests.policy + "audit: { sinks: [{ syslog_tls: \"siem.example:6514\" }], on_sink_loss: refuse }\n"
        _ = try directory.file("policy.yaml", Array(policy.utf8))
        return (directory, file)
    }

    @Test("a node that has what the policy's syslog sink needs is good, and nothing is said not to be carried out")
    func sinks() throws {
        let (directory, file) = try sinkNode()
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 0 && ended.errors.isEmpty, "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }

    @Test(
        "what a syslog sink lacks, or has wrong, is named, four parts to a line",
        arguments: [
            (
                "SIEM.example:6514", "other.example:6514",
                "`syslog_tls siem.example:6514` of `audit.sinks` has no certificate"
            ),
            ("SIEM.example:6514", "siem.example", "is not an address with a port"),
            ("key: a.key", "key: b.key", "the sink would be down"),
            ("key: a.key, ", "", "has no `key`"),
            ("roots: roots.pem", "roots: nowhere.pem", "nowhere.pem: cannot be opened"),
            ("roots: roots.pem, ", "", "has no `roots`"),
            ("sha256/47", "sha256/4", "is no hash of a public key"),
            ("server_name: log.example", "server_name: \"log.example:1\"", "`server_name` has a port"),
            ("server_name", "servername", "servername"),
            (
                "  sinks:\n",
                "  sinks:\n    - { syslog_tls: \"siem.example:6514\", chain: a.pem, key: a.key, roots: roots.pem }\n",
                "stands twice"
            ),
        ])
    func wrongSinks(_ good: String, _ bad: String, _ says: String) throws {
        let (directory, file) = try sinkNode(good, bad)
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 1)
        let line = ended.errors.split(separator: "\n").first { $0.contains(says) }
        #expect(line.map { $0.split(separator: "; ").count >= 3 } == true, "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }

    @Test("a receiver that no sink of the policy names is warned of")
    func idleReceiver() throws {
        let (directory, file) = try sinkNode()
        _ = try directory.file("policy.yaml", Array(ExplainTests.policy.utf8))
        let ended = try Entente.run(["check", "--config", file])
        #expect(ended.status == 0 && ended.errors.contains("nothing is sent there"), "\(ended.errors)")
        withExtendedLifetime(directory) {}
    }
}
