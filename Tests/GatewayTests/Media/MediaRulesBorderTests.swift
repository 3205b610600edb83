// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

/// What the gateway does with files that break a tier's `media`.
@Suite("Media rules at the border")
struct MediaRulesBorderTests {
    private static let path = "/_matrix/federation/v1/media/download/abc"
    private static let multipart = [FakeHomeserver.Field("Content-Type", "multipart/mixed; boundary=b1")]

    private func stand(_ media: String, mode: String = "enforce", _ test: (Border) async throws -> Void) async throws {
        let text = try BorderPolicy.text(mode: mode).replacing(
            "partner: { inbound", with: "partner: { media: { \(media) }, inbound")
        try await Border.stand(policy: text, test)
    }

    private static func file(_ head: String, bytes: Int) -> FakeHomeserver.Answer {
        .whole(200, MediaAnswerTests.multipart(head, String(repeating: "m", count: bytes)), multipart)
    }

    /// 404, and a second record that says by which rule.
    private func expectRefused(
        _ border: Border, _ rule: String, _ reason: String = "media.denied", outcomes: Int = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await border.outcome("GET", Self.path)
        #expect(outcome.response.status == 404, "\(outcome.response.text.prefix(200))", sourceLocation: sourceLocation)
        #expect(outcome.errcode == "M_NOT_FOUND", sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "allow" && outcome.seen.count == 1, sourceLocation: sourceLocation)
        #expect(
            try await border.until { try await border.outcomes().count == outcomes }, sourceLocation: sourceLocation)
        let last = try #require(try await border.outcomes().last?.text, sourceLocation: sourceLocation)
        #expect(last.contains("\"reason_code\":\"\(reason)\""), "\(last)", sourceLocation: sourceLocation)
        #expect(
            last.contains("\"rule_id\":\"tiers.partner.media.\(rule)\""), "\(last)", sourceLocation: sourceLocation)
        #expect(last.contains("\"of_seq\":\(outcome.record.sequence)"), "\(last)", sourceLocation: sourceLocation)
    }

    private func expectPasses(
        _ border: Border, _ path: String = path, bytes: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await border.outcome("GET", path)
        #expect(outcome.response.status == 200, sourceLocation: sourceLocation)
        #expect(
            outcome.response.body.count { $0 == UInt8(ascii: "m") } >= bytes, sourceLocation: sourceLocation)
        #expect(outcome.record.decision == "allow", sourceLocation: sourceLocation)
    }

    @Test(
        "AC-77 a file above the size, small or streamed, gets 404; one of just that size passes",
        arguments: [1024, 200_000])
    func size(bytes: Int) async throws {
        try await stand("max: \(bytes)B") { border in
            border.homeserver.answer(Self.file("Content-Type: image/png", bytes: bytes + 3))
            try await expectRefused(border, "max")
            border.homeserver.answer(Self.file("Content-Type: image/png", bytes: bytes))
            try await expectPasses(border, bytes: bytes)
            try await expectPasses(
                border, "/_matrix/federation/v1/media/thumbnail/abc?width=1&height=1", bytes: bytes)
        }
    }

    @Test("AC-77 a file of another type, of two types or of none gets 404; of a listed type it passes")
    func types() async throws {
        try await stand("types: [image/*, application/pdf]") { border in
            for (index, (head, reason)) in [
                ("Content-Type: text/html", "media.denied"), ("X: y", "media.unknown"),
                ("Content-Type: image/png\r\nContent-Type: text/html", "media.unknown"),
                ("Location: https://cdn.example/x\r\nContent-Type: image/png", "media.unknown"),
            ].enumerated() {
                border.homeserver.answer(Self.file(head, bytes: 70_000 * index))
                try await expectRefused(border, "types", reason, outcomes: index + 1)
            }
            border.homeserver.answer(.text(200, "{}"))
            try await expectRefused(border, "types", "media.unknown", outcomes: 5)
            border.homeserver.answer(Self.file("Content-Type: Image/PNG; x=y", bytes: 100))
            try await expectPasses(border, bytes: 100)
            // Errors of the homeserver are no files.
            border.homeserver.answer(.text(404, "{\"errcode\":\"M_NOT_FOUND\"}"))
            #expect(try await border.outcome("GET", Self.path).response.text.contains("M_NOT_FOUND"))
        }
    }

    @Test("AC-77 a file that does not say its size is cut off where it becomes too large")
    func unsaid() async throws {
        try await stand("max: 1MiB") { border in
            border.homeserver.answer(.stream(parts: 64, size: 65_536, hasLength: false))
            // It is not even what a file's answer looks like.
            try await expectRefused(border, "max", "media.unknown")
        }
        try await stand("max: 1MiB, unknown: allow") { border in
            border.homeserver.answer(.stream(parts: 64, size: 65_536, hasLength: false))
            let peer = try border.connect()
            try await peer.send(try BorderPeer(BorderPolicy.partner).request("GET", Self.path))
            let response = try? await peer.response()
            #expect(response == nil || response?.body.count ?? 0 < 2 << 20)
            #expect(try await border.outcomes().last?.text.contains("media.denied") == true)
        }
    }

    @Test("AC-77 whether a file was shown is not known: it gets the tier's answer, and without one 404, unasked")
    func reference() async throws {
        try await stand("require_reference: true") { border in
            try await border.expectRefuses(
                "GET", Self.path, nil, 404, "M_NOT_FOUND", "media.unknown",
                rule: "tiers.partner.media.require_reference")
        }
        try await stand("require_reference: true, unknown: alert") { border in
            border.homeserver.answer(Self.file("Content-Type: image/png", bytes: 10))
            try await expectPasses(border, bytes: 10)
            #expect(try await border.lastRecord().text("alerts.0") == "media.unknown")
        }
        try await stand("require_reference: false") { border in
            border.homeserver.answer(Self.file("Content-Type: image/png", bytes: 10))
            try await expectPasses(border, bytes: 10)
            #expect(try await border.lastRecord().count("alerts") == 0)
        }
    }

    @Test("a policy that only watches lets every file pass and notes what it would have refused")
    func shadow() async throws {
        try await stand("max: 1KiB, types: [image/png]", mode: "shadow") { border in
            border.homeserver.answer(Self.file("Content-Type: text/html", bytes: 100_000))
            try await expectPasses(border, bytes: 100_000)
            #expect(try await border.until { try await border.outcomes().count == 2 })
            let outcomes = try await border.outcomes().map(\.text)
            #expect(
                outcomes[0].contains("policy.shadow") && outcomes[1].contains(#""type":"text/html""#), "\(outcomes)")
        }
    }
}
