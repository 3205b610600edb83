// SPDX-License-Identifier: Apache-2.0

import TestKit
import Testing

/// What became of one request: the answer, what the homeserver saw, the one record.
struct BorderOutcome {
    let response: RawClient.Response
    let seen: [FakeHomeserver.Request]
    let record: BorderRecord

    var errcode: String? { try? BorderRecord(0, response.body).text("errcode") }
}

extension Border {
    /// Sends one request of `peer` and gathers what became of it.
    func outcome(
        _ method: String, _ target: String, _ body: String? = nil, from peer: String = BorderPolicy.partner,
        isSigned: Bool = true
    ) async throws -> BorderOutcome {
        try await outcome(BorderPeer(peer).request(method, target, body, isSigned: isSigned))
    }

    func outcome(_ request: [UInt8]) async throws -> BorderOutcome {
        let before = readRecords
        _ = takeSeen()
        let peer = try connect()
        try await peer.send(request)
        let response = try #require(try await peer.response())
        try await peer.disconnect()
        let records = try await records()
        #expect(records.count == before + 1, "one request, one record")
        return BorderOutcome(response: response, seen: takeSeen(), record: try #require(records.last))
    }

    func send(_ transaction: String, from peer: String = BorderPolicy.partner, id: String = "t1") async throws
        -> BorderOutcome
    {
        try await outcome("PUT", "/_matrix/federation/v1/send/\(id)", transaction, from: peer)
    }

    /// Expects that the homeserver saw exactly this request and that a record allowed it.
    func expectPasses(
        _ method: String, _ target: String, _ body: String? = nil, from peer: String = BorderPolicy.partner,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await outcome(method, target, body, from: peer)
        let name: Comment = "\(method) \(target): \(outcome.response.text)"
        #expect(outcome.response.status == 200, name, sourceLocation: sourceLocation)
        #expect(outcome.seen.count == 1, name, sourceLocation: sourceLocation)
        #expect(outcome.seen.first?.target == target, name, sourceLocation: sourceLocation)
        #expect(outcome.seen.first?.body == Array((body ?? "").utf8), name, sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "allow", name, sourceLocation: sourceLocation)
    }

    /// Expects an error of ours, an untouched homeserver, and a record with that reason.
    func expectRefuses(
        _ method: String, _ target: String, _ body: String? = nil, from peer: String = BorderPolicy.partner,
        isSigned: Bool = true, _ status: Int, _ errcode: String, _ reason: String, rule: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await outcome(method, target, body, from: peer, isSigned: isSigned)
        let name: Comment = "\(method) \(target) from \(peer): \(outcome.response.text)"
        #expect(outcome.response.status == status, name, sourceLocation: sourceLocation)
        #expect(outcome.errcode == errcode, name, sourceLocation: sourceLocation)
        #expect(outcome.seen.isEmpty, name, sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "refuse", name, sourceLocation: sourceLocation)
        #expect(outcome.record.reason == reason, name, sourceLocation: sourceLocation)
        if let rule { #expect(outcome.record.rule == rule, name, sourceLocation: sourceLocation) }
        #expect(outcome.record.number("http.status") == status, name, sourceLocation: sourceLocation)
    }
}
