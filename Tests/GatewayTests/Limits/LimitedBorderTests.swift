// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

/// What the gateway does with servers that ask for more than their tier's `limits`.
@Suite("Limits at the border")
struct LimitedBorderTests {
    private static let partner = BorderPolicy.partner
    private static let version = "/_matrix/federation/v1/version"

    private func stand(_ limits: String, mode: String = "enforce", _ test: (Border) async throws -> Void) async throws {
        let text = try BorderPolicy.text(mode: mode).replacing(
            "partner: { inbound", with: "partner: { limits: { \(limits) }, inbound")
        try await Border.stand(policy: text, test)
    }

    /// 429 with both hints, nothing at the homeserver, one record.
    private func expectExceeds(
        _ border: Border, _ method: String, _ target: String, _ body: String?, _ reason: String, _ rule: String,
        milliseconds: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await border.outcome(method, target, body)
        let answer = try BorderRecord(0, outcome.response.body)
        #expect(outcome.response.status == 429 && outcome.seen.isEmpty, sourceLocation: sourceLocation)
        #expect(answer.text("errcode") == "M_LIMIT_EXCEEDED", sourceLocation: sourceLocation)
        #expect(answer.text("error") == "too many requests", sourceLocation: sourceLocation)
        #expect(answer.number("retry_after_ms") == milliseconds, sourceLocation: sourceLocation)
        #expect(
            outcome.response.header("retry-after") == "\((milliseconds + 999) / 1000)", sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "refuse", sourceLocation: sourceLocation)
        #expect(outcome.record.reason == reason, sourceLocation: sourceLocation)
        #expect(outcome.record.rule == "tiers.partner.limits.\(rule)", sourceLocation: sourceLocation)
        #expect(outcome.record.text("origin.authenticated") == Self.partner, sourceLocation: sourceLocation)
    }

    private static func send(_ edus: [String] = []) -> String {
        SampleEvent.transaction(from: partner, pdus: [SampleEvent.message(by: partner)], edus: edus)
    }

    @Test("AC-105 a server beyond its requests gets 429 for the whole transaction, others pass, and so does it in time")
    func requests() async throws {
        try await stand("requests: 4/s") { border in
            let path = "/_matrix/federation/v1/send/t1"
            for _ in 0..<4 { try await border.expectPasses("PUT", path, Self.send()) }
            try await expectExceeds(
                border, "PUT", path, Self.send(), "limit.origin", "requests", milliseconds: 250)
            let other = SampleEvent.transaction(
                from: BorderPolicy.reader, pdus: [SampleEvent.message(by: BorderPolicy.reader)])
            try await border.expectPasses("PUT", path, other, from: BorderPolicy.reader)
            border.pass(milliseconds: 249)
            try await expectExceeds(border, "PUT", path, Self.send(), "limit.origin", "requests", milliseconds: 1)
            border.pass(milliseconds: 1)
            try await border.expectPasses("PUT", path, Self.send())
        }
    }

    @Test("AC-105 a stranger who claims the server's name uses up nothing of its limits")
    func strangers() async throws {
        try await stand("requests: 1/d, concurrent: 1") { border in
            let forged = try BorderPeer(Self.partner, key: 9).request("GET", Self.version)
            for _ in 0..<5 { #expect(try await border.outcome(forged).response.status == 401) }
            try await border.expectPasses(
                "GET", "/_matrix/federation/v1/query/directory?room_alias=%23a%3A\(BorderPolicy.own)")
        }
    }

    @Test("AC-105 history is counted and not refused; joins are refused when history has used everything up")
    func history() async throws {
        try await stand("requests: 2/min") { border in
            let room = "!r:\(BorderPolicy.own)"
            for endpoint in [Endpoint.getStateIDs, .getState, .getEvent, .backfill, .getMissingEvents] {
                let request = try #require(try LegitimateRequest(endpoint, from: Self.partner, to: BorderPolicy.own))
                for _ in 0..<2 { try await border.expectPasses(request.method, request.target, request.body) }
            }
            try await expectExceeds(
                border, "GET", "/_matrix/federation/v1/make_join/\(room)/@u:\(Self.partner)?ver=11", nil,
                "limit.origin",
                "requests", milliseconds: 90_000)
        }
    }

    @Test("AC-81 profiles, accounts and directories are counted one by one, whoever of them exists")
    func enumeration() async throws {
        try await stand("profiles: 3/min, directory: 1/h") { border in
            let profile = "/_matrix/federation/v1/query/profile?user_id=%40v%3A\(BorderPolicy.own)"
            let accounts = "/_matrix/federation/unstable/org.matrix.msc3720/account_status"
            let two = "{\"user_ids\":[\"@v:\(BorderPolicy.own)\",\"@w:\(BorderPolicy.own)\"]}"
            try await border.expectPasses("POST", accounts, two)
            try await expectExceeds(border, "POST", accounts, two, "enum.profile", "profiles", milliseconds: 20_000)
            try await border.expectPasses("GET", profile)
            try await expectExceeds(border, "GET", profile, nil, "enum.profile", "profiles", milliseconds: 20_000)
            let alias = "/_matrix/federation/v1/query/directory?room_alias=%23a%3A\(BorderPolicy.own)"
            try await border.expectPasses("GET", alias)
            try await expectExceeds(
                border, "GET", "/_matrix/federation/v1/publicRooms", nil, "enum.profile", "directory",
                milliseconds: 3_600_000)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            border.pass(milliseconds: 20_000)
            try await border.expectPasses("GET", profile)
        }
    }

    @Test("AC-82 one-time keys are counted by the devices that are asked for, in both forms of the request")
    func oneTimeKeys() async throws {
        try await stand("keys_claim: 6/min") { border in
            func claim(_ devices: Int) -> String {
                let list = (0..<devices).map { "\"D\($0)\":\"signed_curve25519\"" }.joined(separator: ",")
                return "{\"one_time_keys\":{\"@v:\(BorderPolicy.own)\":{\(list)}}}"
            }
            let (stable, unstable) = (
                "/_matrix/federation/v1/user/keys/claim", "/_matrix/federation/unstable/user/keys/claim"
            )
            try await border.expectPasses("POST", stable, claim(5))
            try await expectExceeds(
                border, "POST", unstable, claim(2), "enum.keys_claim", "keys_claim", milliseconds: 10_000)
            try await border.expectPasses("POST", unstable, claim(1))
            border.pass(milliseconds: 60_000)
            try await border.expectPasses("POST", stable, claim(12))
            border.pass(milliseconds: 60_000)
            try await expectExceeds(
                border, "POST", stable, claim(1), "enum.keys_claim", "keys_claim", milliseconds: 10_000)
        }
    }

    @Test("AC-80 AC-81 messages to devices and invitations have limits of their own")
    func others() async throws {
        try await stand("to_device: 2/min, invites: 1/min") { border in
            let edu = SampleEvent.toDevice(from: "@u:\(Self.partner)", to: "@v:\(BorderPolicy.own)")
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send([edu, edu]))
            try await expectExceeds(
                border, "PUT", "/_matrix/federation/v1/send/t2", Self.send([edu]), "limit.origin", "to_device",
                milliseconds: 30_000)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t2", Self.send())
            let invite = try #require(
                try LegitimateRequest(.inviteV2, from: Self.partner, to: BorderPolicy.own))
            try await border.expectPasses(invite.method, invite.target, invite.body)
            try await expectExceeds(
                border, invite.method, invite.target, invite.body, "limit.origin", "invites", milliseconds: 60_000)
        }
    }

    @Test("AC-105 bytes that came and bytes that went are counted, whoever else waits")
    func bytes() async throws {
        let alias = "/_matrix/federation/v1/query/directory?room_alias=%23a%3A\(BorderPolicy.own)"
        try await stand("bytes_in: 1B/h, bytes_out: 10KiB/min") { border in
            border.homeserver.answer(.whole(200, Array("{\"x\":\"\(String(repeating: "y", count: 20_000))\"}".utf8)))
            try await border.expectPasses("GET", alias)
            let outcome = try await border.outcome("GET", alias)
            #expect(outcome.response.status == 429 && outcome.record.rule == "tiers.partner.limits.bytes_out")
            border.pass(milliseconds: 120_000)
            border.homeserver.answer(.empty)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            let second = try await border.outcome("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            #expect(second.response.status == 429 && second.record.rule == "tiers.partner.limits.bytes_in")
        }
    }

    @Test("AC-105 requests under way are limited for each server; an answer, or leaving, makes room")
    func concurrency() async throws {
        try await stand("concurrent: 2") { border in
            border.homeserver.answer(.held(200, Array("{}".utf8)))
            let request = try BorderPeer(Self.partner).request("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            let peers = [try border.connect(), try border.connect()]
            for peer in peers { try await peer.send(request) }
            #expect(try await border.until { border.homeserver.heldCount == 2 })
            _ = try await border.records()
            _ = border.takeSeen()
            try await expectExceeds(
                border, "PUT", "/_matrix/federation/v1/send/t1", Self.send(), "limit.origin", "concurrent",
                milliseconds: 1000)
            border.homeserver.release()
            #expect(try await peers[0].response()?.status == 200)
            #expect(try await peers[1].response()?.status == 200)
            border.homeserver.answer(.held(200, Array("{}".utf8)))
            for peer in peers { try await peer.send(request) }
            #expect(try await border.until { border.homeserver.heldCount == 2 })
            for peer in peers { try await peer.disconnect() }
            #expect(try await border.until { await border.underWay() == 0 })
            border.homeserver.answer(.empty)
            _ = try await border.records()
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send())
        }
    }

    @Test("a policy that only watches limits nobody and says what it would have refused")
    func shadow() async throws {
        try await stand("requests: 1/min", mode: "shadow") { border in
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            #expect(try await border.lastRecord().text("shadow.decision") == nil)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.send())
            let record = try await border.lastRecord()
            #expect(record.text("shadow.decision") == "refuse")
            #expect(record.text("shadow.rule_id") == "tiers.partner.limits.requests")
        }
    }
}
