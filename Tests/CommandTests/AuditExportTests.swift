// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("entente audit export, and an index of a log that a gateway wrote", .enabled(if: Entente.isBuilt))
struct AuditExportTests {
    @Test(
        "each exported record is proved by its file and the log's key alone, and the live log can be indexed and shown")
    func bundle() throws {
        let node = try LockdownNode()
        let log = node.files.path("etc/audit")
        let gateway = try node.start()
        defer { gateway.stop() }
        let first = try Entente.run(["audit", "index", "--log", log, "--json"]).answer()
        #expect(first["rebuilt"] is NSNull)
        gateway.stop()
        let second = try Entente.run(["audit", "index", "--log", log, "--json"]).answer()
        let last = try #require(second["last"] as? Int)
        let before = try #require(first["last"] as? Int)
        // The log went on, and is the one that was indexed.
        #expect(second["rebuilt"] is NSNull && before >= 1 && last > before)
        let again = try Entente.run(["audit", "index", "--log", log, "--json"]).answer()
        #expect(again["added"] as? Int == 0 && again["rebuilt"] is NSNull)
        let tail = try Entente.run(["audit", "tail", "--log", log, "-n", "1"])
        #expect(tail.text.contains("log.stop"))

        let bundle = node.files.path("incident")
        let made = try Entente.run(["audit", "export", "--log", log, "--incident", bundle, "--seq", "1-\(last)"])
        #expect(made.status == 0, "\(made.errors)")
        for number in 1...last {
            let proof = try Entente.run([
                "audit", "check", "\(bundle)/proofs/\(number).tlog-proof", "--key", "\(log)/verifier-key",
            ])
            #expect(proof.status == 0 && proof.text.contains("\"seq\":\(number),"), "\(proof.errors)")
        }
        #expect(try node.files.text("\(bundle)/records.jsonl").split(separator: "\n").count == last)
        #expect(try node.files.text("\(bundle)/verifier-key") == node.files.text("\(log)/verifier-key"))
        #expect(try node.files.text("\(bundle)/README").contains("Records 1 to \(last) of"))

        // Nothing is written over, and what is not signed is not exported.
        let twice = try Entente.run(["audit", "export", "--log", log, "--incident", bundle, "--seq", "1"])
        #expect(twice.status == 2 && twice.errors.contains("not there yet"))
        let beyond = try Entente.run([
            "audit", "export", "--log", log, "--incident", bundle + "2", "--seq", "\(last + 1)",
        ])
        #expect(beyond.status == 1)
        for range in ["0", "5-2", "1-", "x", "1-20000", "1-2-3"] {
            #expect(
                try Entente.run(["audit", "export", "--log", log, "--incident", bundle + "3", "--seq", range]).status
                    == 2)
        }
    }
}
