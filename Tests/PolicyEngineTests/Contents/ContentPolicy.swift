// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// A policy whose tier `eu` says something about contents, and questions about it.
struct ContentPolicy {
    static let peer = "a.example.de"
    static let partner = "b.example.no"

    let policy: Policy

    /// - Parameters:
    ///   - lines: of tier `eu`, each with what it writes about contents.
    ///   - like: of tier `partner`, which is like `eu`.
    init(_ lines: String..., like: [String] = []) throws {
        policy = try .of(Self.text(lines, like: like))
    }

    static func text(_ lines: [String], like: [String] = []) -> String {
        """
        entente: 1
        policy: { id: contents, serial: 1 }
        self: { state: FR, servers: [own.example.fr] }
        tiers:
          own: { may: [send, join, invite, media], edu: [presence, to_device, device_lists] }
          eu:
            may: [send, join, invite, media]
            edu: [presence, to_device, device_lists]
        \(lines.map { "    " + $0 }.joined(separator: "\n"))
          partner:
            like: eu
        \(like.map { "    " + $0 }.joined(separator: "\n"))
          watch: { may: [] }
        assign: { DE: eu, NL: eu, NO: partner, CH: watch, unknown: blocked }
        servers:
          - { name: a.example.de, state: DE }
          - { name: c.example.nl, state: NL }
          - { name: b.example.no, state: NO }
          - { name: d.example.ch, state: CH }

        """
    }

    func event(
        _ event: EventQuestion, by name: String = peer, _ direction: Direction = .inbound
    ) throws -> Verdict {
        var event = event
        event.author = try ServerName(name)
        if event.sender.isEmpty { event.sender = "@u:\(name)" }
        return policy.decideEvent(event, deliveredBy: try policy.peer(Self.peer), direction)
    }

    static func message(_ type: String, _ messageType: String? = nil) -> EventQuestion {
        EventQuestion(author: nil, type: type, messageType: messageType)
    }

    static func state(_ type: String, _ key: String = "") -> EventQuestion {
        EventQuestion(author: nil, type: type, stateKey: key)
    }
}
