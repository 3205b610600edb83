// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// A policy of FR with servers of DE, NO and KP, into which tests write what they are about.
struct TrustFixture {
    /// More lines at the top level.
    var top = ""
    /// More keys of tier `eu`.
    var tier = ""
    /// More keys of the server `bund.example.de`.
    var server = ""

    var text: String {
        """
        entente: 1
        policy: { id: trust, serial: 1, mode: enforce }
        self: { state: FR, servers: [agent.example.fr, other.example.fr] }
        groups: { eu27: [DE, FR, AT], partners: ["NO"], closed: [KP] }
        tiers:
          own: { may: [discovery, keys, join, invite, knock, leave, send, history, profile, directory, devices, e2e_keys, media] }
          eu:
            may: [discovery, keys, join, invite, leave, send, history]
            edu: [receipts]
        \(tier)
          eea: { may: [keys, join, send] }
          blocked: { may: [] }
        assign: { eu27: eu, partners: eea, closed: blocked, unknown: blocked }
        servers:
          - name: bund.example.de
            state: DE
        \(server)
          - { name: "*.land.example.de", state: DE }
          - { name: wien.example.at, state: AT, operator: { owner_country: AT, hosting_country: AT } }
          - { name: oslo.example.no, state: "NO" }
          - { name: kp.example.org, state: KP }
          - { name: dom.example.fr, state: FR }
        \(top)
        """
    }

    /// - Parameter day: as `2027-01-31`, at noon; `nil`: undated.
    func policy(on day: String? = nil, lockdowns: [LockdownInForce] = []) throws -> Policy {
        let now = try day.map { try Self.instant("\($0)T12:00:00Z") }
        return try Policy.of(text).under(Circumstances(now: now, lockdowns: lockdowns))
    }

    static func instant(_ text: String) throws -> Timestamp {
        guard let instant = StrictDate.end(text) else { throw NotAdmitted(name: text) }
        return instant
    }

    static let agent = "agent.example.fr"
}

extension Policy {
    /// The verdict on a request of a class from `server` to one of our servers.
    func inbound(
        _ server: String, _ endpointClass: EndpointClass, at own: String = TrustFixture.agent, room: String? = nil,
        _ direction: Direction = .inbound
    ) throws -> Verdict {
        switch admit(try ServerName(server), at: try ServerName(own)) {
        case .refused(let verdict): verdict
        case .admitted(let peer): decide(peer, endpointClass, direction, room: room)
        }
    }
}
