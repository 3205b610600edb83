// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import PolicyEngine

/// The policy that most tests of the whole gateway run under.
enum TestPolicy {
    static let all =
        "[discovery, keys, join, invite, knock, leave, send, history, profile, directory, devices, e2e_keys, media]"

    /// - Parameters:
    ///   - own: the homeservers behind the gateway.
    ///   - more: further lines under `servers`.
    static func text(
        own: [String] = ["home.example", "second.example"], serial: Int = 7, mode: String = "enforce",
        requireDestination: Bool = true, friendMay: String = all, more: [String] = []
    ) throws -> String {
        """
        entente: 1
        policy: { id: tests, serial: \(serial), mode: \(mode) }
        self: { state: EE, servers: [\(own.joined(separator: ", "))], require_destination: \(requireDestination) }
        groups: { friends: [FI], some: [LV], away: [CH] }
        tiers:
          own: { may: \(all), edu: [typing, receipts] }
          friend: { may: \(friendMay), edu: [typing, receipts, presence, to_device, device_lists, signing_keys] }
          some: { may: [discovery, keys, send], edu: [] }
        assign: { friends: friend, some: some, away: blocked, unknown: blocked }
        servers:
          - { name: friend.example, state: FI }
          - { name: limited.example, state: LV }
          - { name: pinned.example, state: FI, keys: { "ed25519:k1": "\(try KeyFixtures.key(3).base64)" } }
          - { name: blocked.example, state: CH }
        \(more.map { "  - " + $0 }.joined(separator: "\n"))
        """
    }

    static func inForce(_ text: String) throws -> PolicyInForce {
        PolicyInForce(try Policy.compile(Array(text.utf8), fileName: "policy.yaml"))
    }
}
