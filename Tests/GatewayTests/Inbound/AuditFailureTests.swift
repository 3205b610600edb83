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
}
