// SPDX-License-Identifier: Apache-2.0

import Audit
import Gateway
import TestKit
import Testing

@Suite("While nothing can be recorded nothing passes")
struct AuditFailureTests {
    @Test("AC-93 allowed, refused and absorbed requests alike get 503, and the gateway recovers by itself")
    func unavailable() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
        } _: { gateway in
            let allowed = try TestPeer.friend.transaction()
            let absorbed = try TestPeer.friend.request(
                "PUT", "/_matrix/federation/v1/send/t2",
                TestPeer.friend.transactionText().replacing("@u:friend", with: "@u:blocked"))
            let requests = [allowed, try TestPeer.stranger.transaction(), absorbed]
            let normally = [200, 403, 200]
            for (request, status) in zip(requests, normally) {
                #expect(try await gateway.ask(request).status == status)
            }
            #expect(gateway.homeserver.requests.count == 1)
            let kept = store.records.count

            store.fail(true)
            // One connection for all: a refusal for want of a record does not end it.
            let peer = try gateway.connect()
            for request in requests + requests {
                try await peer.send(request.bytes)
                let answer = try #require(try await peer.response())
                gateway.expectError(answer, 503, "M_UNKNOWN")
                #expect(answer.header("retry-after") == "5")
            }
            #expect(gateway.homeserver.requests.count == 1)
            #expect(store.records.count == kept)
            #expect(await gateway.underWay() == 0)
            let alarms = gateway.captured.lines.filter { $0.hasPrefix("critical") }
            #expect(!alarms.isEmpty && alarms.count < 6, "loud, but not for each request")

            store.fail(false)
            #expect(try await gateway.until { gateway.log.status.isAvailable })
            for (request, status) in zip(requests, normally) {
                try await peer.send(request.bytes)
                #expect(try await peer.response()?.status == status)
            }
            #expect(gateway.homeserver.requests.count == 2)
        }
    }

    private static let sister = "{ name: sister.example, state: EE }"

    /// With a sister server of the own state, and what `audit` says.
    private static func policy(_ audit: String) throws -> String {
        try TestPolicy.text(more: [sister]) + "\naudit: { \(audit) }\n"
    }

    @Test("AC-93 with `refuse_except_own` what the own state's servers may passes without a record, and is counted")
    func ownGoesOn() async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
            $0.policy = try Self.policy("on_log_failure: refuse_except_own")
        } _: { gateway in
            let own = try TestPeer.sister.transaction()
            let refused = try TestPeer.sister.request("GET", "/_matrix/federation/v1/no_such")
            let foreign = try TestPeer.friend.transaction()
            #expect(try await gateway.ask(own).status == 200)
            #expect(try await gateway.ask(foreign).status == 200)
            store.fail(true)
            for round in 1...4 {
                #expect(try await gateway.ask(foreign).status == 503)
                #expect(try await gateway.ask(own).status == 200)
                #expect(try await gateway.ask(refused).status == 503, "what does not pass anyway is no exception")
                #expect(gateway.homeserver.requests.count == 2 + round)
            }
            #expect(gateway.log.status.passedUnrecorded == 4)
            store.fail(false)
            #expect(try await gateway.until { gateway.log.status.isAvailable })
            let recovered = store.records.filter { $0.contains("audit.recovered") }
            #expect(recovered.count == 1 && recovered[0].contains(#""passed_unrecorded":4"#))
            #expect(gateway.captured.lines.contains { $0.hasPrefix("critical requests of the own state pass") })
            #expect(try await gateway.ask(own).status == 200)
            #expect(gateway.log.status.passedUnrecorded == 4)
        }
    }

    @Test(
        "AC-93 with `refuse`, and without a word on it, the own state's servers get 503 like everybody",
        arguments: [true, false])
    func ownStops(isWritten: Bool) async throws {
        let store = FailingStore()
        try await GatewayUnderTest.running {
            $0.store = store
            $0.policy = try isWritten ? Self.policy("on_log_failure: refuse") : TestPolicy.text(more: [Self.sister])
        } _: { gateway in
            let own = try TestPeer.sister.transaction()
            #expect(try await gateway.ask(own).status == 200)
            store.fail(true)
            #expect(try await gateway.ask(own).status == 503)
            #expect(gateway.homeserver.requests.count == 1 && gateway.log.status.passedUnrecorded == 0)
        }
    }

    @Test("AC-94 while a spool is full traffic gets 503 on record: of all, of all but the own state, or of nobody")
    func fullSpool() async throws {
        let gate = EvidenceGate()
        try await GatewayUnderTest.running {
            $0.policy = try TestPolicy.text(more: [Self.sister])
            $0.settings = { $0.gate = gate }
        } _: { gateway in
            let own = try TestPeer.sister.transaction()
            let foreign = try TestPeer.friend.transaction()
            for (position, ownPasses, foreignPasses) in [
                (EvidenceGate.Position.open, true, true), (.ownOnly, true, false), (.shut, false, false),
                (.open, true, true),
            ] {
                gate.set(position)
                for (request, passes) in [(own, ownPasses), (foreign, foreignPasses)] {
                    let before = gateway.homeserver.requests.count
                    let answer = try await gateway.ask(request)
                    #expect(answer.status == (passes ? 200 : 503))
                    #expect(gateway.homeserver.requests.count == before + (passes ? 1 : 0))
                    let record = try #require(try await gateway.records().last)
                    #expect(record.decision == (passes ? "allow" : "refuse"))
                    #expect(record.reason == (passes ? "policy.allowed" : "audit.sink_full"))
                    if !passes { #expect(answer.header("retry-after") == "30") }
                }
            }
        }
    }
}
