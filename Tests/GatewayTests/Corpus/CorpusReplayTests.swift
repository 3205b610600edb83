// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Recorded traffic of real homeservers", .serialized, .enabled(if: Shared.isPresent))
struct CorpusReplayTests {
    /// What became of the requests of one replay.
    struct Count: Equatable, CustomStringConvertible {
        var asked = 0
        var passed = 0
        var unauthenticated = 0
        var blocked = 0
        /// Transactions of an allowed server with events of a blocked one.
        var relayed = 0

        var description: String {
            "\(asked) requests: \(passed) passed, \(unauthenticated) unauthenticated, \(blocked) blocked, "
                + "\(relayed) not passed on for the events they relay"
        }
    }

    @Test(
        "passes byte for byte where every state may everything; only what its homeserver took for forged is refused",
        arguments: RecordedTraffic.directories)
    func allAllowed(directory: String) async throws {
        let traffic = try RecordedTraffic(directory)
        #expect(traffic.exchanges.count == traffic.indexed)
        var count = Count()
        for server in traffic.servers {
            try await replay(traffic, to: server, blocking: [], &count)
        }
        print("\(directory): \(count)")
        #expect(count.asked == traffic.indexed)
        #expect(count.blocked == 0 && count.relayed == 0)
        #expect(count.unauthenticated == (directory == "wellknown" ? 2 : 0))
    }

    @Test(
        "of a blocked state is refused whole and reaches no homeserver, and that of the others passes",
        arguments: RecordedTraffic.directories)
    func oneBlocked(directory: String) async throws {
        let traffic = try RecordedTraffic(directory)
        var count = Count()
        for server in traffic.servers {
            for other in traffic.servers where other.name != server.name {
                try await replay(traffic, to: server, blocking: [other.state], &count)
            }
        }
        // One recorded transaction brings an event of a third server: the author counts, whoever delivers it (AC-60).
        #expect(count.relayed == (directory == "wellknown" ? 1 : 0))
        print("\(directory), each other state blocked in turn: \(count)")
        #expect(count.blocked > 0 && count.passed > 0)
    }

    /// Sends each request of `server` through a gateway before it, and compares what both sides see.
    private func replay(
        _ traffic: RecordedTraffic, to server: RecordedTraffic.Server, blocking: Set<String>, _ count: inout Count
    ) async throws {
        let exchanges = traffic.exchanges(of: server)
        guard !exchanges.isEmpty else { return }
        let states = Dictionary(uniqueKeysWithValues: traffic.servers.map { ($0.name, $0.state) })
        var replayed = Count()
        try await Border.stand(
            policy: Self.policy(traffic, own: server, blocking: blocking), before: server.name,
            hosts: Array(server.hosts)
        ) { border in
            var peer = try border.connect()
            for exchange in exchanges {
                let name: Comment = "\(traffic.directory) \(exchange.id): \(exchange.method) \(exchange.target)"
                let answer = try #require(exchange.response, name)
                border.homeserver.answer(
                    .whole(
                        answer.status ?? 0, answer.bytes,
                        [FakeHomeserver.Field("Content-Type", answer.header("content-type") ?? "")]))
                try await peer.send(exchange.requestBytes)
                let response = try #require(try await peer.response(), name)
                if response.header("connection") == "close" { peer = try border.connect() }
                let seen = border.takeSeen()
                replayed.asked += 1
                let isBlocked = exchange.origin.flatMap { states[$0] }.map(blocking.contains) ?? false
                if isBlocked || answer.status == 401 {
                    #expect(response.status == (isBlocked ? 403 : 401), name)
                    #expect(seen.isEmpty, name)
                    if isBlocked { replayed.blocked += 1 } else { replayed.unauthenticated += 1 }
                    continue
                }
                if try exchange.authors.contains(where: { states[$0].map(blocking.contains) ?? false }) {
                    #expect(response.status == 200 && response.text.contains("not passed on"), name)
                    #expect(seen.isEmpty, name)
                    replayed.relayed += 1
                    continue
                }
                replayed.passed += 1
                #expect(response.status == answer.status, "\(name): \(response.text)")
                #expect(response.body == answer.bytes, name)
                #expect(response.header("content-type") == answer.header("content-type"), name)
                #expect(seen.count == 1, name)
                let passed = try #require(seen.first, name)
                #expect(passed.method == exchange.method && passed.target == exchange.target, name)
                #expect(passed.body == exchange.request.bytes, name)
                #expect(passed.values("host") == [server.name], name)
                try expectSameCredentials(passed, exchange, name)
            }
            try await expectRecords(of: border, replayed)
        }
        count.asked += replayed.asked
        count.passed += replayed.passed
        count.unauthenticated += replayed.unauthenticated
        count.blocked += replayed.blocked
        count.relayed += replayed.relayed
    }

    /// The homeserver verifies once more what it is given: written anew, the credentials have to say the same.
    private func expectSameCredentials(
        _ passed: FakeHomeserver.Request, _ exchange: RecordedExchange, _ name: Comment
    ) throws {
        let recorded = try [exchange.request.header("authorization")].compactMap {
            try $0.map { try XMatrixHeader($0) }
        }
        let given = try passed.values("authorization").map { try XMatrixHeader($0) }
        #expect(recorded == given, name)
    }

    private func expectRecords(of border: Border, _ count: Count) async throws {
        let records = try await border.records()
        #expect(records.count == count.asked)
        #expect(records.count { $0.decision == "allow" && $0.reason == "policy.allowed" } == count.passed)
        #expect(records.count { $0.decision == "refuse" && $0.reason == "origin.blocked" } == count.blocked)
        #expect(records.count { $0.decision == "absorbed" || $0.decision == "withheld" } == count.relayed)
        #expect(records.count { $0.reason?.hasPrefix("auth.") ?? false } == count.unauthenticated)
    }

    private static func policy(
        _ traffic: RecordedTraffic, own: RecordedTraffic.Server, blocking: Set<String>
    ) -> String {
        let others = traffic.servers.filter { $0.name != own.name }.map { server in
            let keys = server.keys.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
            return "  - { name: \"\(server.name)\", state: \(server.state), keys: { \(keys.joined(separator: ", ")) } }"
        }
        let assign = traffic.servers.filter { $0.name != own.name }.map {
            "\($0.state): \(blocking.contains($0.state) ? "blocked" : "partner")"
        }
        return """
            entente: 1
            policy: { id: corpus, serial: 1 }
            self: { state: \(own.state), servers: ["\(own.name)"] }
            tiers:
              own: { may: [send] }
              partner: { may: \(BorderPolicy.everything), edu: \(BorderPolicy.everyEDU) }
              strangers: { inbound: { may: [discovery, keys, openid] } }
            assign: { \(assign.joined(separator: ", ")), anonymous: strangers }
            servers:
            \(others.joined(separator: "\n"))
            """
    }
}
