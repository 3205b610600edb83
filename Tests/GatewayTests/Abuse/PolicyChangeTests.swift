// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

@Suite("A policy that changes while requests are under way")
struct PolicyChangeTests {
    /// In which the friend may send nothing.
    private static func closed() throws -> String {
        try TestPolicy.text(serial: 8, friendMay: "[discovery, keys]")
    }

    @Test("AC-96 a request is decided wholly by the policy it began with, the next one by the next")
    func waiting() async throws {
        for closes in [true, false] {
            let texts = [try TestPolicy.text(), try Self.closed()]
            try await GatewayUnderTest.running {
                $0.policy = texts[closes ? 0 : 1]
            } _: { gateway in
                gateway.source.hold()
                let peer = try gateway.connect()
                try await peer.send(try TestPeer.friend.transaction("old").bytes)
                #expect(try await gateway.until { gateway.source.heldCount == 1 })
                try await gateway.activate(texts[closes ? 1 : 0])
                gateway.source.release()
                let first = try await peer.response()
                #expect(first?.status == (closes ? 200 : 403))
                try await peer.send(try TestPeer.friend.transaction("new").bytes)
                let second = try await peer.response()
                #expect(second?.status == (closes ? 403 : 200))
                let records = try await gateway.records()
                #expect(records.map(\.serial) == (closes ? [7, 8] : [8, 7]))
                #expect(records.map(\.decision) == (closes ? ["allow", "refuse"] : ["refuse", "allow"]))
                #expect(gateway.homeserver.requests.map(\.target).map { $0.suffix(3) } == [closes ? "old" : "new"])
            }
        }
    }

    @Test("AC-96 a request whose body is still coming is decided by the policy it began with")
    func arriving() async throws {
        try await GatewayUnderTest.running { gateway in
            let request = try TestPeer.friend.transaction()
            let peer = try gateway.connect()
            try await peer.send(Array(request.bytes.dropLast(5)))
            #expect(try await gateway.until { await gateway.underWay() == 1 })
            try await gateway.activate(try Self.closed())
            try await peer.send(Array(request.bytes.suffix(5)))
            #expect(try await peer.response()?.status == 200)
            #expect(try await gateway.records().map(\.serial) == [7])
            try await gateway.expectRefused(
                request, 403, "M_FORBIDDEN", "endpoint.refused", claimed: "friend.example",
                authenticated: "friend.example", rule: "tiers.friend.may")
        }
    }

    @Test("AC-96 while policies change under load every decision is the one of the policy its record names")
    func underLoad() async throws {
        let texts = try (0..<2).map { turn in
            try TestPolicy.text(serial: 10 + turn, friendMay: turn == 0 ? TestPolicy.all : "[discovery, keys]")
        }
        try await GatewayUnderTest.running {
            $0.policy = texts[0]
        } _: { gateway in
            let (peers, rounds) = (4, 40)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<peers {
                    let peer = try gateway.connect()
                    group.addTask {
                        for round in 0..<rounds {
                            try await peer.send(try TestPeer.friend.transaction("t\(number).\(round)").bytes)
                            let status = try await peer.response()?.status
                            #expect(status == 200 || status == 403)
                        }
                    }
                }
                for turn in 1...60 { try await gateway.activate(texts[turn % 2]) }
                try await group.waitForAll()
            }
            let records = try await gateway.records()
            #expect(records.count == peers * rounds)
            for record in records { #expect(record.decision == (record.serial == 10 ? "allow" : "refuse")) }
            let allowed = records.filter { $0.decision == "allow" }.count
            #expect(gateway.homeserver.requests.count == allowed)
        }
    }

    @Test("AC-96 two hundred policies come into force under load: no request is lost, none is decided by two of them")
    func manyPolicies() async throws {
        // What the serial allows can be told by it: sending, looking up, or both; and limits that nobody reaches.
        func text(_ serial: Int) throws -> String {
            let may = ["[send]", "[profile]", "[send, profile]"][serial % 3]
            return try TestPolicy.text(serial: serial, friendMay: may).replacing(
                "friend: {", with: "friend: { limits: { requests: 100000/s, concurrent: \(100 + serial % 2) },")
        }
        try await GatewayUnderTest.running {
            $0.policy = try text(10)
        } _: { gateway in
            let (peers, rounds) = (6, 40)
            let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 0..<peers {
                    let peer = try gateway.connect()
                    group.addTask {
                        var statuses: [Int] = []
                        for round in 0..<rounds {
                            let request =
                                round % 2 == 0
                                ? try TestPeer.friend.transaction("t\(number).\(round)")
                                : try TestPeer.friend.request(
                                    "GET", "/_matrix/federation/v1/query/profile?user_id=%40v%3Ahome.example")
                            try await peer.send(request.bytes)
                            statuses.append(try await peer.response()?.status ?? 0)
                        }
                        return statuses
                    }
                }
                for serial in 11...210 { try await gateway.activate(try text(serial)) }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(statuses.count == peers * rounds && statuses.allSatisfy { $0 == 200 || $0 == 403 })
            let records = try await gateway.records()
            #expect(records.count == peers * rounds)
            #expect(Set(records.map(\.serial)).count > 1)
            for record in records {
                let serial = try #require(record.serial)
                let isSend = record.pathTemplate?.contains("/send/") == true
                let isAllowed = serial % 3 == 2 || (serial % 3 == 0) == isSend
                #expect(record.decision == (isAllowed ? "allow" : "refuse"), "\(record.text)")
            }
            let allowed = records.count { $0.decision == "allow" }
            #expect(statuses.count { $0 == 200 } == allowed && gateway.homeserver.requests.count == allowed)
            #expect(await gateway.underWay() == 0)
        }
    }

    @Test("AC-96 a server that the next policy pins is still proved by the keys of the old one")
    func pinning() async throws {
        let pin = #"{ name: late.example, state: FI, keys: { "ed25519:k1": "\#(try KeyFixtures.key(14).base64)" } }"#
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text(more: ["{ name: late.example, state: FI }"])
        } _: { gateway in
            gateway.source.answer(
                .success(try KeyFixtures.document([("ed25519:k1", 15)], of: "late.example")))
            gateway.source.hold()
            let peer = try gateway.connect()
            // Signed by the key that only the next policy knows.
            try await peer.send(try TestPeer("late.example", key: 14).transaction().bytes)
            #expect(try await gateway.until { gateway.source.heldCount == 1 })
            try await gateway.activate(try TestPolicy.text(serial: 8, more: [pin]))
            gateway.source.release()
            #expect(try await peer.response()?.status == 401)
            #expect(try await gateway.records().map(\.serial) == [7])
            #expect(gateway.homeserver.requests.isEmpty)
            try await gateway.expectPassed(
                try TestPeer("late.example", key: 14).transaction(), by: "late.example")
        }
    }
}
