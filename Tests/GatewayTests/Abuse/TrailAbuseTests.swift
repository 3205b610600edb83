// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import MatrixFederation
import Metrics
import TestKit
import Testing

@Suite("Abuse of the audit trail, at the whole gateway")
struct TrailAbuseTests {
    @Test("AC-87 the answers to an unknown and to a blocked server are the same bytes, and cost the same look-ups")
    func oracle() async throws {
        try await GatewayUnderTest.running { gateway in
            var answers: [[String]] = []
            for peer in [TestPeer.stranger, .blocked] {
                for request in [
                    try peer.transaction(), try peer.request("GET", "/_matrix/federation/v1/event/%24e"),
                    try peer.request("GET", "/_matrix/federation/v1/version"),
                    try peer.request("GET", "/_matrix/federation/v1/media/download/abc"),
                ] {
                    let answer = try await gateway.ask(request)
                    #expect(answer.status == 403)
                    answers.append(answer.headers.map { "\($0.name): \($0.value)" } + [answer.text])
                }
            }
            #expect(answers[..<4].elementsEqual(answers[4...]))
            #expect(gateway.fetched.isEmpty && gateway.homeserver.requests.isEmpty)
            let reasons = try await gateway.records().map(\.reason)
            #expect(
                reasons == Array(repeating: "origin.unknown", count: 4) + Array(repeating: "origin.blocked", count: 4))
        }
    }

    @Test("AC-89 a peer's text comes back from the record as it was, and no byte of it acts on who reads the file")
    func injection() async throws {
        // As JSON escapes, so that they arrive: a terminal's title, a line break, bidi controls, CEF and RFC 5424 marks.
        let hostile = #"m.\u001b]0;x\u0007\r\n{\"decision\":\"allow\"}\u202e\u2066|=]\\\""#
        let type = "m.\u{1B}]0;x\u{7}\r\n{\"decision\":\"allow\"}\u{202E}\u{2066}|=]\\\""
        try await GatewayUnderTest.running { gateway in
            let text = TestPeer.friend.transactionText()
                .replacing(#""type":"m.room.message""#, with: #""type":"\#(hostile)""#)
                .replacing(#""sender":"@u:friend.example""#, with: #""sender":"@u:blocked.example""#)
            let request = try TestPeer.friend.request("PUT", "/_matrix/federation/v1/send/t1", text)
            #expect(try await gateway.ask(request).status == 200)
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "absorbed")
            #expect(try await gateway.records().count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(record.text.utf8)) as? [String: Any]
            let refusals = object?["refusals"] as? [[String: Any]]
            #expect(refusals?.first?["type"] as? String == type)
            for scalar in record.text.unicodeScalars {
                #expect(scalar.value >= 0x20 && scalar.value != 0x7F)
                #expect(!(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
            }
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("AC-90 no signature, credential, token or content is in any file of the log or any line that is logged")
    func secrets() async throws {
        let metrics = CapturedMetrics()
        try await withMetricsFactory(metrics) { try await secrets(metrics) }
    }

    private func secrets(_ metrics: CapturedMetrics) async throws {
        try await GatewayUnderTest.running { gateway in
            var secrets: [String] = []
            func ask(_ request: WireRequest, _ peer: TestPeer) async throws {
                secrets.append(
                    try XMatrixHeader(request.authorization).signature.bytes.withBase64 { String($0.prefix(40)) })
                _ = try await gateway.ask(request)
            }
            let text = "a most secret sentence"
            secrets += [text, "X-Matrix", "Bearer", "opentoken123", "mediatoken456", "@u:", "!r:"]
            for peer in [TestPeer.friend, .limited, .pinned, .blocked, .stranger] {
                try await ask(try peer.transaction(text: text), peer)
                try await ask(
                    try peer.request("GET", "/_matrix/federation/v1/openid/userinfo?access_token=opentoken123"), peer)
                try await ask(
                    try peer.request("GET", "/_matrix/federation/v1/query/profile?user_id=%40u%3Ahome.example"), peer)
                try await ask(
                    try peer.request(
                        "PUT", "/_matrix/federation/v1/send/t2",
                        peer.transactionText(text: text).replacing("@u:", with: "@u:other.")),
                    peer)
                let broken = try peer.transaction(text: text).with { $0.body.removeLast() }
                try await ask(broken.with { $0.set("Content-Length", "\($0.body.count)") }, peer)
                try await ask(try peer.transaction(text: text).with { $0.body[40] ^= 1 }, peer)
                try await ask(try peer.transaction(text: text).with { $0.add("Content-Encoding", "gzip") }, peer)
                try await ask(try peer.transaction(text: text).with { $0.add("Content-Length", "7") }, peer)
            }
            _ = try await gateway.ask(
                WireRequest("GET", "/_matrix/federation/v1/openid/userinfo?access_token=opentoken123").with {
                    $0.add("Authorization", "Bearer mediatoken456")
                })
            gateway.homeserver.answer(.text(500, text))
            _ = try await gateway.ask(try TestPeer.friend.transaction(text: text))
            gateway.homeserver.answer(.cutOff(1000))
            _ = try await gateway.ask(try TestPeer.friend.transaction(text: text))
            gateway.source.answer(.failure(.timeout))
            gateway.clock.advance(2 * KeyFixtures.day)
            _ = try await gateway.ask(try TestPeer.friend.transaction(text: text))

            let files = try FileManager.default.subpathsOfDirectory(atPath: gateway.directory)
            var kept = (gateway.captured.lines + metrics.names).map { Array($0.utf8) }
            #expect(metrics.names.contains { $0.contains("entente_decisions_total") })
            for file in files {
                // Directories have no content.
                kept.append(Array(FileManager.default.contents(atPath: gateway.directory + "/" + file) ?? Data()))
            }
            #expect(try await gateway.records().count >= 42)
            #expect(kept.contains { $0.contains(subsequence: "friend.example") }, "what is looked for would be found")
            for secret in secrets {
                #expect(!kept.contains { $0.contains(subsequence: secret) }, "\(secret)")
            }
        }
    }
}

extension [UInt8] {
    fileprivate func withBase64<Value>(_ body: (String) -> Value) -> Value { body(Base64.encode(self)) }

    fileprivate func contains(subsequence text: String) -> Bool {
        Data(self).range(of: Data(text.utf8)) != nil
    }
}
