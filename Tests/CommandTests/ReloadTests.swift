// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("A running gateway: reloads and dates", .enabled(if: Entente.isBuilt), .serialized)
struct ReloadTests {
    private static let version = "/_matrix/federation/v1/version"
    /// Strangers may ask for the version, or may not.
    private static func policy(serial: Int, anonymous: String, _ header: String = "") -> String {
        ExplainTests.policy.replacing("serial: 3", with: "serial: \(serial)\(header)")
            .replacing("assign: {", with: "assign: { anonymous: \(anonymous),")
    }

    private static func instant(in seconds: Double) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: seconds))
    }

    @Test(
        "AC-96 SIGHUP takes the new policy whole; a broken one, and one that may not be in force yet, leave the old one"
    )
    func hangUp() throws {
        let node = try LockdownNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        _ = try node.files.directory.file("etc/policy.yaml", Self.policy(serial: 3, anonymous: "own"))
        let gateway = try node.start()
        #expect(try gateway.status(of: Self.version) != 403)
        for (text, why) in [
            (Self.policy(serial: 4, anonymous: "blockd"), "blockd"), ("entente: 1\n", "is missing"),
            (
                Self.policy(serial: 5, anonymous: "blocked", ", not_before: \(Self.instant(in: 3600))"),
                "may not be in force before"
            ),
        ] {
            _ = try node.files.directory.file("etc/policy.yaml", text)
            gateway.hangUp()
            try gateway.wait(for: "nothing was reloaded")
            #expect(try gateway.status(of: Self.version) != 403, "\(why)")
        }
        _ = try node.files.directory.file("etc/policy.yaml", Self.policy(serial: 6, anonymous: "blocked"))
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        #expect(try gateway.status(of: Self.version) == 403)
        gateway.stop()
        #expect(
            try node.kinds().filter { $0.hasPrefix("policy.") } == [
                "policy.activated", "policy.rejected", "policy.rejected", "policy.rejected", "policy.activated",
            ])
    }

    @Test("AC-101 a policy that expires while the gateway runs leaves what its `on_expiry` says, with a record")
    func expires() throws {
        let node = try LockdownNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        let header = ", expires: \(Self.instant(in: 10)), on_expiry: refuse_all"
        _ = try node.files.directory.file("etc/policy.yaml", Self.policy(serial: 3, anonymous: "own", header))
        let gateway = try node.start()
        #expect(try gateway.status(of: Self.version) != 403)
        try gateway.wait(for: "the policy has expired")
        #expect(try gateway.status(of: Self.version) == 403)
        gateway.stop()
        #expect(try node.kinds().contains("policy.expired"))
    }
}
