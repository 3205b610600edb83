// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

extension GatewayUnderTest {
    /// The request is answered as said, no homeserver sees anything, and exactly one record says why.
    ///
    /// - Parameters:
    ///   - closes: whether the connection ends after the answer; otherwise it stays open for the next request.
    ///   - claimed: the origin that the record names as claimed; the same with `authenticated`.
    @discardableResult
    func expectRefused(
        _ request: WireRequest, _ status: Int, _ errcode: String, _ reason: String, closes: Bool = false,
        claimed: String? = nil, authenticated: String? = nil, rule: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TrailRecord {
        try await expectRefused(
            bytes: request.bytes, status, errcode, reason, closes: closes, claimed: claimed,
            authenticated: authenticated, rule: rule, sourceLocation: sourceLocation)
    }

    /// The same for bytes that are no request.
    @discardableResult
    func expectRefused(
        bytes: [UInt8], _ status: Int, _ errcode: String, _ reason: String, closes: Bool = false,
        claimed: String? = nil, authenticated: String? = nil, rule: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TrailRecord {
        let seen = homeservers.map(\.requests.count)
        let before = try await records().count
        let peer = try connect()
        try await peer.send(bytes)
        let response = try #require(
            try await peer.response(), "closed without an answer", sourceLocation: sourceLocation)
        expectError(
            response, status, errcode, hasRecordNumber: authenticated != nil && status != 503,
            sourceLocation: sourceLocation)
        if closes {
            #expect(response.header("connection") == "close", sourceLocation: sourceLocation)
            #expect(try await peer.isClosedByPeer(), sourceLocation: sourceLocation)
        } else {
            #expect(response.header("connection") == nil, sourceLocation: sourceLocation)
            try await peer.disconnect()
        }
        #expect(homeservers.map(\.requests.count) == seen, "a homeserver saw it", sourceLocation: sourceLocation)
        let new = try await records().dropFirst(before)
        #expect(new.count == 1, "\(new.map(\.text))", sourceLocation: sourceLocation)
        let record = try #require(new.first, sourceLocation: sourceLocation)
        #expect(record.decision == "refuse", sourceLocation: sourceLocation)
        #expect(record.reason == reason, sourceLocation: sourceLocation)
        #expect(record.status == status, sourceLocation: sourceLocation)
        #expect(record.errcode == errcode, sourceLocation: sourceLocation)
        #expect(record.claimed == claimed, sourceLocation: sourceLocation)
        #expect(record.authenticated == authenticated, sourceLocation: sourceLocation)
        #expect(record.rule == rule, sourceLocation: sourceLocation)
        #expect(record.serial != nil, sourceLocation: sourceLocation)
        return record
    }

    /// An error of the specification's form, with nothing in it that tells the reason.
    func expectError(
        _ response: RawClient.Response, _ status: Int, _ errcode: String, hasRecordNumber: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(response.status == status, "\(response.text)", sourceLocation: sourceLocation)
        #expect(response.header("content-type") == "application/json", sourceLocation: sourceLocation)
        let object = (try? JSONSerialization.jsonObject(with: Data(response.body))) as? [String: String]
        #expect(object?.keys.sorted() == ["errcode", "error"], sourceLocation: sourceLocation)
        #expect(object?["errcode"] == errcode, sourceLocation: sourceLocation)
        #expect(object?["error"]?.contains("record") == hasRecordNumber, sourceLocation: sourceLocation)
    }

    /// The positive control: the request is answered by its homeserver, which saw these very bytes, and one record allows it.
    @discardableResult
    func expectPassed(
        _ request: WireRequest, by authenticated: String? = "friend.example", at index: Int = 0, host: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> FakeHomeserver.Request {
        let seen = homeservers.map(\.requests.count)
        let before = try await records().count
        let response = try await ask(request)
        #expect(response.status == 200, "\(response.text)", sourceLocation: sourceLocation)
        var expected = seen
        expected[index] += 1
        #expect(homeservers.map(\.requests.count) == expected, sourceLocation: sourceLocation)
        let arrived = try #require(homeservers[index].requests.last, sourceLocation: sourceLocation)
        #expect(arrived.method == request.method, sourceLocation: sourceLocation)
        #expect(arrived.target == request.target, sourceLocation: sourceLocation)
        #expect(arrived.body == request.body, sourceLocation: sourceLocation)
        #expect(arrived.values("host").count == 1, sourceLocation: sourceLocation)
        #expect(
            arrived.values("authorization").count == (authenticated == nil ? 0 : 1), sourceLocation: sourceLocation)
        if let host { #expect(arrived.values("host") == [host], sourceLocation: sourceLocation) }
        let new = try await records().dropFirst(before)
        #expect(new.count == 1, "\(new.map(\.text))", sourceLocation: sourceLocation)
        #expect(new.first?.decision == "allow", sourceLocation: sourceLocation)
        #expect(new.first?.authenticated == authenticated, sourceLocation: sourceLocation)
        return arrived
    }
}
