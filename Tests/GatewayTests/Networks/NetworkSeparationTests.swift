// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import NIOCore
import TestKit
import Testing
import Transport

/// The policy of a gateway before the Internet and a closed network.
enum NetworkPolicy {
    static func text(_ network: String = "", _ tier: String = "", friend: String = "") throws -> String {
        """
        entente: 1
        policy: { id: networks, serial: 7, mode: enforce }
        self: { state: EE, servers: [home.example, second.example] }
        networks:
          closed: { listener: closed-if, resolver: closed-dns, ca: closed-root, servers: [home.example]\(network) }
        tiers:
          own: { may: \(TestPolicy.all), edu: [typing, receipts] }
          closed: { network: closed, may: [discovery, keys, join, send]\(tier) }
          open: { may: [discovery, keys, join, send] }
          blocked: { may: [] }
        assign: { FI: closed, LV: open, unknown: blocked }
        servers:
          - { name: friend.example, state: FI\(friend) }
          - { name: limited.example, state: LV }
        """
    }
}

@Suite("Several networks, at the whole gateway")
struct NetworkSeparationTests {
    private func running(
        on listener: String?, policy: String? = nil, _ body: (GatewayUnderTest) async throws -> Void
    ) async throws {
        try await GatewayUnderTest.running {
            $0.names = ["home.example", "second.example"]
            $0.policy = try policy ?? NetworkPolicy.text()
            $0.listener = listener
        } _: {
            try await body($0)
        }
    }

    @Test("a closed network's server is refused on any other listener before its keys are asked for, and on record")
    func otherListener() async throws {
        for listener in [nil, "other-if"] {
            try await running(on: listener) { gateway in
                let record = try await gateway.expectRefused(
                    try TestPeer.friend.transaction(), 403, "M_FORBIDDEN", "network.mismatch",
                    claimed: "friend.example", rule: "tiers.closed.network")
                #expect(
                    record.explain?.hasPrefix(listener == nil ? "on a listener of the Internet" : "on listener") == true
                )
                #expect(record.text.contains(#""network":"internet""#) == (listener == nil))
                #expect(gateway.fetched.isEmpty)
            }
        }
    }

    @Test("it is let in on its network's listener, and the record names the network (positive control)")
    func ownListener() async throws {
        try await running(on: "closed-if") { gateway in
            #expect(try await gateway.ask(TestPeer.friend.transaction()).status == 200)
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "allow" && record.text.contains(#""network":"closed""#))
        }
    }

    @Test("a server of the Internet is refused on a closed network's listener, and let in on the Internet's")
    func internet() async throws {
        try await running(on: "closed-if") { gateway in
            let record = try await gateway.expectRefused(
                try TestPeer.limited.transaction(), 403, "M_FORBIDDEN", "network.mismatch", claimed: "limited.example",
                rule: "networks.closed.servers")
            #expect(record.text.contains(#""network":"closed""#))
            #expect(gateway.fetched.isEmpty)
        }
        try await running(on: nil) { gateway in
            let request = try TestPeer.limited.transaction(to: "second.example")
            #expect(try await gateway.ask(request).status == 200)
            #expect(try await gateway.records().last?.text.contains(#""network":"internet""#) == true)
        }
    }

    @Test("who names no server does not even learn the keys of a homeserver that is served elsewhere")
    func anonymous() async throws {
        for (listener, host, status) in [
            (nil, "home.example", 403), ("closed-if", "second.example", 403), ("other-if", "home.example", 403),
            ("closed-if", "home.example", 200), (nil, "second.example", 200),
        ] as [(String?, String, Int)] {
            try await running(on: listener) { gateway in
                let answer = try await gateway.ask(WireRequest("GET", "/_matrix/key/v2/server", host: host))
                #expect(answer.status == status, "\(host) on \(listener ?? "none")")
            }
        }
    }

    @Test(
        "an event by an author of another network is refused, whoever brings it, unless that network lets it be relayed"
    )
    func authors() async throws {
        let event = SampleEvent.message(by: "friend.example")
        let host = "second.example"
        func request() throws -> WireRequest {
            try TestPeer.limited.request(
                "PUT", "/_matrix/federation/v1/send/1",
                SampleEvent.transaction(from: "limited.example", pdus: [event]), to: host)
        }
        try await running(on: nil) { gateway in
            _ = try await gateway.ask(request())
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "absorbed" && record.reason == "network.author", "\(record.text)")
            #expect(gateway.homeservers.allSatisfy { $0.requests.isEmpty })
        }
        let relayed = try NetworkPolicy.text(", relayed_over: [internet]")
        try await running(on: nil, policy: relayed) { gateway in
            let answer = try await gateway.ask(request())
            #expect(answer.status == 200)
            let records = try await gateway.records()
            #expect(records.last?.decision == "allow")
        }
    }

    @Test(
        "a policy that moves a server to another network counts from the next request, and its keys are asked for anew")
    func moving() async throws {
        try await running(on: "closed-if") { gateway in
            #expect(try await gateway.ask(TestPeer.friend.transaction()).status == 200)
            #expect(gateway.fetched == ["friend.example"])
            try await gateway.activate(try NetworkPolicy.text().replacing("network: closed, ", with: ""))
            #expect(try await gateway.ask(TestPeer.friend.transaction()).status == 403)
            try await gateway.activate(try NetworkPolicy.text())
            #expect(try await gateway.ask(TestPeer.friend.transaction()).status == 200)
            #expect(gateway.fetched == ["friend.example", "friend.example"])
        }
    }
}
