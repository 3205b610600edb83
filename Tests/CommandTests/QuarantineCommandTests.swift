// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("entente quarantine", .enabled(if: Entente.isBuilt), .serialized)
struct QuarantineCommandTests {
    private static let version = "/_matrix/federation/v1/version"
    private static let key = "/_matrix/key/v2/server"
    private static let poison = SHA256.hash(Array("GET \(version)\n".utf8))

    /// As if the gateway had died while it read the request: its hash stands in a slot, and nobody let go of it.
    private func die(_ node: LockdownNode, _ gateway: RunningGateway) throws {
        gateway.killNine()
        let url = URL(filePath: node.files.path("etc/audit/requests.parsing"))
        var slots = try Data(contentsOf: url)
        #expect(slots.allSatisfy { $0 == 0 } || slots[0] == 0, "nothing is held between requests")
        slots[0] = 1
        slots.replaceSubrange(32..<64, with: Self.poison.bytes)
        try slots.write(to: url)
    }

    private func quarantine(
        _ node: LockdownNode, _ arguments: String..., by officers: String...
    ) throws -> Entente.Ended {
        let keys = officers.flatMap { ["--officer-key", node.files.path("\($0).key")] }
        return try Entente.run(
            ["quarantine"] + arguments + (arguments[0] == "sign" ? [] : ["--config", node.files.configuration]) + keys
                + (keys.isEmpty ? [] : ["--passphrase-file", node.files.path("pass")]))
    }

    @Test(
        "AC-106, AC-107 a gateway that dies twice of one request refuses that one and serves others; two officers let it in, one cannot"
    )
    func twice() throws {
        let node = try LockdownNode()
        var gateway = try node.start()
        let (before, other) = (try gateway.status(of: Self.version), try gateway.status(of: Self.key))
        #expect(before != 503)
        #expect(try quarantine(node, "list").text.contains("has died of no request"))
        try die(node, gateway)
        gateway = try node.start()
        #expect(try gateway.status(of: Self.version) == before, "once may be chance")
        #expect(try quarantine(node, "list").text.contains("suspected \(Self.poison.hex): 1 crash, last before 20"))
        try die(node, gateway)
        gateway = try node.start()
        #expect(try gateway.status(of: Self.version) == 503)
        #expect(try gateway.status(of: Self.key) == other, "others are served")
        #expect(try quarantine(node, "list").text.contains("REFUSED \(Self.poison.hex): 2 crashes"))
        gateway.stop()
        gateway = try node.start()
        #expect(try gateway.status(of: Self.version) == 503, "an orderly stop does not let it in")

        let hash = Self.poison.hex
        for ended in [
            try quarantine(node, "release", hash), try quarantine(node, "release", hash, by: "officer-a"),
            try quarantine(node, "release", hash, by: "officer-a", "officer-a"),
        ] {
            #expect(ended.status == 1 && ended.errors.contains("2 officers must sign"), "\(ended.errors)")
        }
        #expect(try quarantine(node, "release", SHA256.hash([5]).hex, by: "officer-a", "officer-b").status == 1)
        #expect(try gateway.status(of: Self.version) == 503)
        // From two places: one makes and signs it, the other signs the file, anyone hands it in.
        let file = node.files.path("release.act")
        let made = try quarantine(node, "release", hash, "--act", file, by: "officer-a")
        #expect(made.text.contains("1 more officer must sign"), "\(made.text)\(made.errors)")
        #expect(try quarantine(node, "sign", file, by: "officer-b").status == 0)
        let done = try quarantine(node, "submit", file)
        #expect(done.status == 0 && done.text.contains("signed by officer-a, officer-b"), "\(done.errors)")
        #expect(try gateway.status(of: Self.version) == before)
        #expect(try quarantine(node, "submit", file).status == 1, "once")
        gateway.stop()

        let records = try node.records()
        let kinds = records.compactMap { $0["kind"] as? String }.filter { $0.contains("q") && $0 != "request" }
        #expect(
            kinds.filter { !$0.hasPrefix("admin.") } == [
                "qod.suspected", "qod.quarantined", "quarantine.refused", "quarantine.refused", "quarantine.refused",
                "quarantine.released", "quarantine.refused",
            ])
        #expect(kinds.contains("admin.quarantine"))
        let released = records.first { $0["kind"] as? String == "quarantine.released" }
        #expect(released?["signed_by"] as? [String] == ["officer-a", "officer-b"])
        #expect(released?["request"] as? String == hash)
        let refused = records.filter { $0["reason_code"] as? String == "qod.quarantined" }
        #expect(!refused.isEmpty && refused.allSatisfy { $0["decision"] as? String == "refuse" })
    }
}
