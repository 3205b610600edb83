// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

/// Every endpoint of the table, by everybody who could ask.
@Suite("Every endpoint at the border")
struct EndpointSweepTests {
    static let grantable = Endpoints.all.filter { $0.endpointClass != nil }
    static let ungrantable = Endpoints.all.filter { $0.endpointClass == nil }

    static func request(_ endpoint: Endpoint, from peer: String) throws -> LegitimateRequest {
        try #require(try LegitimateRequest(endpoint, from: peer, to: BorderPolicy.own), "\(endpoint): no sample")
    }

    @Test("passes unchanged when an allowed peer asks as it should, and the record names class, template and rule")
    func allowed() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for endpoint in Self.grantable {
                let request = try Self.request(endpoint, from: BorderPolicy.partner)
                border.homeserver.answer(.text(200, "{\"from\":\"\(endpoint.id)\"}"))
                let outcome = try await border.outcome(BorderPeer(BorderPolicy.partner).request(request))
                let name: Comment = "\(endpoint): \(outcome.response.text)"
                #expect(outcome.response.status == 200, name)
                #expect(outcome.response.text == "{\"from\":\"\(endpoint.id)\"}", name)
                #expect(outcome.seen.count == 1, name)
                #expect(outcome.seen.first?.method == request.method, name)
                #expect(outcome.seen.first?.target == request.target, name)
                #expect(outcome.seen.first?.body == Array((request.body ?? "").utf8), name)
                let record = outcome.record
                #expect(record.decision == "allow" && record.rule == "tiers.partner.inbound.may", name)
                #expect(record.text("endpoint_class") == endpoint.endpointClass?.rawValue, name)
                #expect(record.text("path_template") == endpoint.pathTemplate, name)
                #expect(record.text("origin.authenticated") == BorderPolicy.partner, name)
                let hash = request.body.map { SHA256.hash(Array($0.utf8)).hex }
                #expect(record.text("req_sha256") == hash, name)
            }
        }
    }

    @Test("is refused to a peer whose tier lacks the class, by the rule that lacks it")
    func classMissing() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for endpoint in Endpoints.all {
                let peer = endpoint.endpointClass == .send ? BorderPolicy.mute : BorderPolicy.reader
                let request = try Self.request(endpoint, from: peer)
                let isMedia = endpoint.endpointClass == .media
                try await border.expectRefuses(
                    request.method, request.target, request.body, from: peer, isMedia ? 404 : 403,
                    isMedia ? "M_NOT_FOUND" : "M_FORBIDDEN", "endpoint.refused",
                    rule: endpoint.endpointClass.map {
                        $0 == .send ? "tiers.mute.inbound.may" : "tiers.reader.inbound.may"
                    })
                #expect(try await border.lastRecord().text("origin.authenticated") == peer, "\(endpoint)")
            }
            let request = try Self.request(.send, from: BorderPolicy.reader)
            try await border.expectPasses(request.method, request.target, request.body, from: BorderPolicy.reader)
        }
    }

    @Test("is refused to blocked and unknown servers in the same words (AC-87)")
    func strangers() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for endpoint in Endpoints.all {
                var answers: [[UInt8]] = []
                for (peer, reason) in [
                    (BorderPolicy.blocked, "origin.blocked"), (BorderPolicy.unknown, "origin.unknown"),
                ] {
                    let request = try Self.request(endpoint, from: peer)
                    let outcome = try await border.outcome(BorderPeer(peer).request(request))
                    let name: Comment = "\(endpoint) from \(peer): \(outcome.response.text)"
                    #expect(outcome.response.status == 403 && outcome.errcode == "M_FORBIDDEN", name)
                    #expect(outcome.seen.isEmpty && outcome.record.reason == reason, name)
                    #expect(outcome.record.text("origin.claimed") == peer, name)
                    #expect(outcome.record.text("origin.authenticated") == nil, name)
                    answers.append(outcome.response.body)
                }
                #expect(answers[0] == answers[1], "\(endpoint)")
            }
        }
    }

    @Test("asks for credentials; where none are needed, the tier of `assign.anonymous` decides")
    func unsigned() async throws {
        try await Border.stand(policy: BorderPolicy.text(anonymous: "[discovery, keys, openid]")) { border in
            for endpoint in Endpoints.all {
                let request = try Self.request(endpoint, from: BorderPolicy.partner)
                let outcome = try await border.outcome(
                    BorderPeer(BorderPolicy.partner).request(request, isSigned: false))
                let name: Comment = "\(endpoint): \(outcome.response.text)"
                switch (endpoint.authentication, endpoint.endpointClass) {
                case (.xMatrix, _):
                    #expect(outcome.response.status == 401 && outcome.errcode == "M_UNAUTHORIZED", name)
                    #expect(outcome.seen.isEmpty && outcome.record.reason == "auth.missing", name)
                case (_, .discovery), (_, .keys), (_, .openID):
                    #expect(outcome.response.status == 200 && outcome.seen.first?.target == request.target, name)
                    #expect(outcome.seen.first?.values("authorization") == [], name)
                    #expect(outcome.record.rule == "tiers.strangers.inbound.may", name)
                default:
                    #expect(outcome.response.status == 403 && outcome.errcode == "M_FORBIDDEN", name)
                    #expect(outcome.seen.isEmpty && outcome.record.reason == "endpoint.refused", name)
                }
                #expect(outcome.record.text("origin.claimed") == nil, name)
            }
        }
    }

    @Test("does not pass with a signature over another target, by a key of another server or over another body")
    func forged() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for endpoint in Endpoints.all {
                let request = try Self.request(endpoint, from: BorderPolicy.partner)
                let peer = BorderPeer(BorderPolicy.partner)
                var forged = [
                    try peer.request(request.method, request.target, request.body, signedTarget: request.target + "x")
                ]
                if let body = request.body {
                    let signed = try peer.request(request)
                    let changed = String(decoding: signed, as: UTF8.self).replacing(body, with: " {}")
                        .replacing("Content-Length: \(body.utf8.count)", with: "Content-Length: 3")
                    forged.append(Array(changed.utf8))
                }
                for bytes in forged {
                    let outcome = try await border.outcome(bytes)
                    #expect(outcome.response.status == 401, "\(endpoint): \(outcome.response.text)")
                    #expect(outcome.seen.isEmpty && outcome.record.reason == "auth.sig_invalid", "\(endpoint)")
                }
            }
        }
    }
}
