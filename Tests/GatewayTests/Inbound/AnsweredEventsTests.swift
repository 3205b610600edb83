// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Gateway
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

/// What answers of the homeserver carry to a peer is on record before it passes.
@Suite("Events in answers")
struct AnsweredEventsTests {
    static let own = "home.example"

    static func event(_ number: Int, _ bytes: Int = 0) -> String {
        SampleEvent.message(
            by: own, "text \(number)" + String(repeating: "x", count: bytes), ["depth": String(number + 1)])
    }

    /// Of so many events that it takes several records.
    static var longAnswer: [UInt8] {
        Array("{\"pdus\":[\((0..<1200).map { event($0) }.joined(separator: ","))]}".utf8)
    }

    static func request(_ endpoint: Endpoint, by peer: TestPeer = .friend) throws -> WireRequest {
        let sample = try #require(try LegitimateRequest(endpoint, from: peer.name, to: own))
        return try peer.request(sample.method, sample.target, sample.body)
    }

    struct Outcome: Decodable {
        struct Counts: Decodable {
            var events: Int?
            var ids: Int?
        }
        struct HTTP: Decodable {
            var status: Int?
            var errcode: String?
            var bytesOut: Int?
        }
        struct Media: Decodable {
            var type: String?
            var bytes: Int
        }
        var ofSeq: UInt64
        var answered: Counts?
        var events: [String]?
        var eventsNamed: [String]?
        var http: HTTP
        var media: Media?
        var reasonCode: String?
    }

    /// The outcomes on record, once there are so many: not all are waited for.
    static func outcomes(_ gateway: GatewayUnderTest, atLeast count: Int = 0) async throws -> [Outcome] {
        try await gateway.untilRecorded()
        var found: [Outcome] = []
        _ = try await gateway.until {
            found = try all(gateway)
            return found.count >= count
        }
        try #require(found.count >= count)
        return found
    }

    private static func all(_ gateway: GatewayUnderTest) throws -> [Outcome] {
        try TrailRecord.all(in: gateway.directory).filter { $0.kind == "outcome" }.map {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Outcome.self, from: Data($0.text.utf8))
        }
    }

    static func reference(_ gateway: GatewayUnderTest, _ event: String) throws -> String {
        gateway.log.references.reference(.event, try SampleEvent.id(event)).hex
    }

    /// Each endpoint with the answer of a homeserver in which two events are.
    private static func answers(_ one: String, _ two: String) -> [(Endpoint, String)] {
        [
            (.backfill, #"{"origin":"home.example","pdus":[\#(one),\#(two)]}"#),
            (.getMissingEvents, #"{"events":[\#(one),\#(two)]}"#), (.getEvent, #"{"pdus":[\#(one),\#(two)]}"#),
            (.getState, #"{"auth_chain":[\#(one)],"pdus":[\#(two)]}"#),
            (.eventAuth, #"{"auth_chain":[\#(one),\#(two)]}"#),
            (.sendJoinV1, #"[200,{"auth_chain":[\#(one)],"state":[\#(two)]}]"#),
            (.sendJoinV2, #"{"auth_chain":[],"event":\#(one),"state":[\#(two)]}"#),
            (.sendKnock, #"{"knock_room_state":[\#(one),\#(two)]}"#),
        ]
    }

    @Test("are named in a record that points at the decision, for each endpoint that answers with events")
    func named() async throws {
        try await GatewayUnderTest.running { gateway in
            let (one, two) = (Self.event(1), Self.event(2))
            for (endpoint, answer) in Self.answers(one, two) {
                gateway.homeserver.answer(.text(200, answer))
                let before = try await Self.outcomes(gateway).count
                #expect(try await gateway.ask(try Self.request(endpoint)).text == answer, "\(endpoint)")
                let decision = try #require(try await gateway.records().last)
                let outcomes = try await Self.outcomes(gateway).dropFirst(before)
                let outcome = try #require(outcomes.first)
                #expect(outcomes.count == 1 && outcome.ofSeq == decision.sequence, "\(endpoint)")
                #expect(
                    try outcome.events == [Self.reference(gateway, one), Self.reference(gateway, two)], "\(endpoint)")
                #expect(outcome.answered?.events == 2 && outcome.http.status == 200)
                #expect(outcome.http.bytesOut == answer.utf8.count && outcome.reasonCode == nil)
            }
            gateway.homeserver.answer(.text(200, #"{"auth_chain_ids":["$a"],"pdu_ids":["$b"]}"#))
            _ = try await gateway.ask(try Self.request(.getStateIDs))
            let named = try #require(try await Self.outcomes(gateway).last)
            #expect(named.eventsNamed == ["$a", "$b"].map { gateway.log.references.reference(.event, $0).hex })
            #expect(named.events == nil && named.answered?.ids == 2)
        }
    }

    @Test("an answer with none, an error, and an endpoint that has none cost no record")
    func none() async throws {
        try await GatewayUnderTest.running { gateway in
            for (endpoint, answer) in [
                (Endpoint.backfill, FakeHomeserver.Answer.text(200, #"{"pdus":[]}"#)), (.sendLeaveV2, .empty),
                (.getEvent, .text(404, "{\"pdus\":[{}]}")), (.getState, .text(403, "no JSON")),
                (.queryProfile, .text(200, "no JSON")),
                (.makeJoin, .text(200, #"{"event":{"sender":"a","hashes":{}}}"#)),
            ] {
                gateway.homeserver.answer(answer)
                _ = try await gateway.ask(try Self.request(endpoint))
            }
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            #expect(try await Self.outcomes(gateway).isEmpty)
            #expect(gateway.homeserver.requests.count == 7)
        }
    }

    @Test(
        "at level minimal they are counted and not named; at the others they are named alike",
        arguments: AuditLevel.allCases)
    func levels(level: AuditLevel) async throws {
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text().replacing("friend: {", with: "friend: { audit: \(level.rawValue), ")
        } _: { gateway in
            gateway.homeserver.answer(.text(200, #"{"pdus":[\#(Self.event(1))]}"#))
            _ = try await gateway.ask(try Self.request(.backfill))
            let outcome = try #require(try await Self.outcomes(gateway).last)
            #expect(outcome.answered?.events == 1)
            #expect(try outcome.events == (level > .minimal ? [Self.reference(gateway, Self.event(1))] : nil))
        }
    }

    @Test("nothing of the answer passes before its record is there", arguments: [1, 90_000])
    func slowRecord(bytes: Int) async throws {
        let store = FailingStore()
        let answer = #"{"pdus":[\#(Self.event(1, bytes)),\#(Self.event(2))]}"#
        try await GatewayUnderTest.running {
            $0.store = store
        } _: { gateway in
            gateway.homeserver.answer(.held(200, Array(answer.utf8)))
            let peer = try gateway.connect()
            try await peer.send(try Self.request(.backfill).bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
            let decided = store.records.count
            store.hold(true)
            gateway.homeserver.release()
            #expect(try await gateway.until { store.isStanding })
            #expect(await gateway.underWay() == 1, "the answer waits with its request")
            #expect(store.records.count == decided)
            store.hold(false)
            #expect(try await peer.response()?.text == answer)
            #expect(store.records.count > decided && store.records[decided].contains(#""answered":{"events":"#))
        }
    }

    @Test("AC-93 while the log cannot be written the answer does not pass: 503, or an end in the middle of it")
    func logFails() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
        } _: { gateway in
            gateway.homeserver.answer(.held(200, Array(#"{"pdus":[\#(Self.event(1))]}"#.utf8)))
            let peer = try gateway.connect()
            try await peer.send(try Self.request(.backfill).bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
            store.fail(true)
            gateway.homeserver.release()
            let answer = try #require(try await peer.response())
            gateway.expectError(answer, 503, "M_UNKNOWN")
            #expect(answer.header("retry-after") == "5" && !answer.text.contains("text 1"))
            #expect(gateway.captured.lines.contains { $0.hasPrefix("critical") })
            store.fail(false)
            #expect(try await gateway.until { gateway.log.status.isAvailable })

            // The first part passes; then the log fails.
            let first = Array(("{\"pdus\":[" + (0..<600).map { Self.event($0) }.joined(separator: ",")).utf8)
            let second = Array(("," + (600..<1200).map { Self.event($0) }.joined(separator: ",") + "]}").utf8)
            gateway.homeserver.answer(.pieces([first, second]))
            let other = try gateway.connect()
            try await other.send(try Self.request(.backfill).bytes)
            #expect(try await gateway.until { store.records.contains { $0.contains(#""answered":{"events":500"#) } })
            #expect(try await gateway.until { await gateway.gateway.recordsUnderWay() == 0 })
            store.fail(true)
            gateway.homeserver.release()
            await #expect(throws: (any Error).self) { _ = try await other.response() }
            #expect(try await gateway.until { await gateway.underWay() == 0 })
            #expect(try await gateway.until { gateway.homeserver.openConnections <= 1 })
        }
    }

    @Test("AC-93 with `refuse_except_own` answers to the own state's servers pass without a record, and are counted")
    func ownGoesOn() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
            $0.policy =
                try TestPolicy.text(more: ["{ name: sister.example, state: EE }"])
                + "\naudit: { on_log_failure: refuse_except_own }\n"
        } _: { gateway in
            let answer = #"{"pdus":[\#(Self.event(1))]}"#
            gateway.homeserver.answer(.held(200, Array(answer.utf8)))
            let peer = try gateway.connect()
            try await peer.send(try Self.request(.backfill, by: .sister).bytes)
            #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
            store.fail(true)
            gateway.homeserver.release()
            #expect(try await peer.response()?.text == answer, "decided with a record, answered without")
            #expect(gateway.log.status.passedUnrecorded == 1)
            gateway.homeserver.answer(.text(200, answer))
            #expect(try await gateway.ask(try Self.request(.backfill, by: .sister)).text == answer)
            #expect(gateway.log.status.passedUnrecorded == 2)
        }
    }

    @Test(
        "an answer that cannot be read is 502 and on record; a policy that only watches lets it pass, on record",
        arguments: [
            "no JSON", "[]", #"{"pdus":[7]}"#, #"{"pdus":[],"pdus":[]}"#, #"{"pdus":[{"a":1,"a":2}]}"#, #"{"pdus":[{}"#,
            "",
        ])
    func unreadable(text: String) async throws {
        for mode in ["enforce", "shadow"] {
            try await GatewayUnderTest.running {
                $0.policy = try TestPolicy.text(mode: mode)
            } _: { gateway in
                gateway.homeserver.answer(.text(200, text))
                let answer = try await gateway.ask(try Self.request(.backfill))
                let outcomes = try await Self.outcomes(gateway, atLeast: 1)
                // Where it only watches, what was found before the fault is named in one of its own.
                #expect(outcomes.count == (mode == "shadow" && text.contains("[{}") ? 2 : 1))
                #expect(outcomes[0].reasonCode == "upstream.response")
                #expect(
                    gateway.captured.lines.contains { $0.hasPrefix("error the homeserver's answer cannot be read") })
                if mode == "enforce" {
                    gateway.expectError(answer, 502, "M_UNKNOWN")
                    #expect(outcomes[0].http.status == 502 && outcomes[0].http.errcode == "M_UNKNOWN")
                } else {
                    #expect(answer.status == 200 && answer.text == text && outcomes[0].http.status == 200)
                }
                gateway.homeserver.answer(.empty)
                try await gateway.expectPassed(try TestPeer.friend.transaction())
            }
        }
    }

    @Test("what turns out unreadable in the middle is cut off there; only what was recorded has passed")
    func unreadableLater() async throws {
        try await GatewayUnderTest.running { gateway in
            let events = (0..<1000).map { Self.event($0) }
            let bad = "{\"pdus\":[\(events.joined(separator: ",")),{\"a\":1,\"a\":2}]}"
            gateway.homeserver.answer(.whole(200, Array(bad.utf8)))
            await #expect(throws: (any Error).self) { _ = try await gateway.ask(try Self.request(.backfill)) }
            let isNoted = try await gateway.until { try Self.all(gateway).last?.reasonCode == "upstream.response" }
            #expect(isNoted)
            #expect(await gateway.underWay() == 0)
        }
    }

    @Test(
        "the state of a large room makes many records, each pointing at the decision, and passes byte by byte the same")
    func large() async throws {
        try await GatewayUnderTest.running { gateway in
            let events = (0..<2500).map { Self.event($0, 100) }
            let answer = Array("{\"auth_chain\":[],\"pdus\":[\(events.joined(separator: ","))]}".utf8)
            for hasLength in [true, false] {
                let before = try await Self.outcomes(gateway).count
                gateway.homeserver.answer(hasLength ? .whole(200, answer) : .pieces([answer]))
                async let asked = gateway.ask(try Self.request(.getState))
                if !hasLength {
                    #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
                    gateway.homeserver.release()
                }
                #expect(try await asked.body == answer)
                let decision = try #require(try await gateway.records().last)
                let outcomes = try await Self.outcomes(gateway).dropFirst(before)
                #expect(outcomes.count >= 5 && outcomes.allSatisfy { $0.ofSeq == decision.sequence })
                #expect(outcomes.compactMap { $0.answered?.events }.reduce(0, +) == 2500)
                #expect(Set(outcomes.flatMap { $0.events ?? [] }).count == 2500)
                #expect(outcomes.compactMap(\.http.bytesOut).reduce(0, +) <= answer.count)
            }
            #expect(try await gateway.until { gateway.homeserver.openConnections == 1 })
        }
    }

    @Test("the peer sees the end of a homeserver that dies in the middle, after what was recorded")
    func dies() async throws {
        try await GatewayUnderTest.running { gateway in
            let first = Array(("{\"pdus\":[" + (0..<700).map { Self.event($0) }.joined(separator: ",")).utf8)
            for length in [nil, first.count + 100] {
                gateway.homeserver.answer(.pieces([first], isWhole: false, length: length))
                let peer = try gateway.connect()
                try await peer.send(try Self.request(.backfill).bytes)
                #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
                gateway.homeserver.release()
                // Of so little it may not have begun.
                let answer = try? await peer.response()
                #expect(answer == nil || answer?.status == 502)
                #expect(try await gateway.until { await gateway.underWay() == 0 })
            }
            #expect(try await gateway.until { try Self.all(gateway).last?.reasonCode == "upstream.failed" })
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("a homeserver that closes after its answer loses none of it while records are written")
    func closesAfter() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
        } _: { gateway in
            let answer = Self.longAnswer
            gateway.homeserver.answer(.whole(200, answer, [FakeHomeserver.Field("Connection", "close")]))
            let asked = try await gateway.ask(try Self.request(.backfill))
            #expect(asked.body == answer)
        }
    }

    @Test("a peer that leaves while the answer waits for its record leaves nothing behind")
    func leaves() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
        } _: { gateway in
            let answer = Self.longAnswer
            for isSmall in [true, false] {
                gateway.homeserver.answer(.held(200, isSmall ? Array(#"{"pdus":[\#(Self.event(1))]}"#.utf8) : answer))
                let peer = try gateway.connect()
                try await peer.send(try Self.request(.backfill).bytes)
                #expect(try await gateway.until { gateway.homeserver.heldCount == 1 })
                store.hold(true)
                gateway.homeserver.release()
                #expect(try await gateway.until { store.isStanding })
                try await peer.disconnect()
                #expect(try await gateway.until { await gateway.underWay() == 0 })
                store.hold(false)
                #expect(try await gateway.until { await gateway.gateway.recordsUnderWay() == 0 })
                #expect(try await gateway.until { gateway.homeserver.openConnections == (isSmall ? 1 : 0) })
            }
            gateway.homeserver.answer(.empty)
            #expect(try await gateway.ask(try TestPeer.friend.transaction()).status == 200)
        }
    }

    @Test("a file that passed is on record with its type and bytes, whole or as far as it came")
    func files() async throws {
        try await GatewayUnderTest.running { gateway in
            let head =
                "--b1\r\nContent-Type: application/json\r\n\r\n{}\r\n--b1\r\nContent-Type: Image/PNG; a=b\r\n\r\n"
            let file = Array((head + String(repeating: "p", count: 70_000) + "\r\n--b1--\r\n").utf8)
            let fields = [FakeHomeserver.Field("Content-Type", "multipart/mixed; boundary=b1")]
            for (number, bytes) in [file, Array(file.suffix(30)), Array((head + "p\r\n--b1--").utf8)].enumerated() {
                gateway.homeserver.answer(.whole(200, bytes, fields))
                #expect(try await gateway.ask(try Self.request(.mediaDownload)).body == bytes)
                let outcome = try #require(try await Self.outcomes(gateway, atLeast: number + 1).last)
                #expect(outcome.media?.bytes == bytes.count && outcome.http.bytesOut == bytes.count)
                #expect(outcome.media?.type == (bytes.starts(with: head.utf8) ? "image/png" : nil))
                #expect(try outcome.ofSeq == #require(try await gateway.records().last).sequence)
            }
            gateway.homeserver.answer(.text(404, "{}"))
            _ = try await gateway.ask(try Self.request(.mediaThumbnail))
            gateway.homeserver.answer(.empty)
            try await gateway.expectPassed(try TestPeer.friend.transaction())
            #expect(try await Self.outcomes(gateway).count == 3, "an error is no file")
        }
    }
}
