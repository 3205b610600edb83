// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Abuse of federation semantics, through the whole gateway")
struct FederationAbuseTests {
    static let partner = BorderPolicy.partner
    static let own = BorderPolicy.own
    static let memberships = [
        ("v1/send_join", "join"), ("v2/send_join", "join"), ("v1/send_leave", "leave"), ("v2/send_leave", "leave"),
        ("v1/send_knock", "knock"), ("v1/invite", "invite"), ("v2/invite", "invite"),
    ]

    /// A membership request: path and body, each of which can be made to disagree with the other.
    struct Membership {
        let endpoint: String
        let membership: String
        var changes: [String: String?] = [:]
        var pathRoom: String?
        var pathEvent: String?

        var isInvite: Bool { membership == "invite" }
        var room: String { "!r:\(isInvite ? FederationAbuseTests.partner : FederationAbuseTests.own)" }

        func parts() throws -> (target: String, body: String) {
            let event = SampleEvent.member(
                membership, by: FederationAbuseTests.partner, of: isInvite ? "@v:\(FederationAbuseTests.own)" : nil,
                ["room_id": "\"\(room)\""].merging(changes) { $1 })
            let id = try pathEvent ?? SampleEvent.id(event)
            let body =
                endpoint == "v2/invite"
                ? "{\"event\":\(event),\"invite_room_state\":[],\"room_version\":\"11\"}" : event
            return ("/_matrix/federation/\(endpoint)/\(pathRoom ?? room)/\(id)", body)
        }
    }

    @Test("AC-56 room and event of the body are those of the path", arguments: memberships)
    func pathMismatch(endpoint: String, membership: String) async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let base = Membership(endpoint: endpoint, membership: membership)
            let (target, body) = try base.parts()
            try await border.expectPasses("PUT", target, body)
            for change in [
                { $0.pathRoom = "!other:\(Self.own)" }, { $0.changes["room_id"] = "\"!other:\(Self.own)\"" },
                { $0.pathEvent = "$other:\(Self.own)" }, { $0.pathEvent = "$" + String(repeating: "A", count: 43) },
                { $0.changes["content"] = #"{"membership":"ban"}"# },
            ] as [(inout Membership) -> Void] {
                var changed = base
                change(&changed)
                // An event that does not hash to the path's id, or is of another room than it says.
                let (target, body) = try changed.parts()
                try await border.expectRefuses("PUT", target, body, 400, "M_INVALID_PARAM", "pdu.path_mismatch")
            }
        }
    }

    @Test("AC-56 an exchanged third-party invite names the path's room and the user its token was made for")
    func exchange() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let good = try #require(
                try LegitimateRequest(.exchangeThirdPartyInvite, from: Self.partner, to: Self.own))
            let body = try #require(good.body)
            try await border.expectPasses("PUT", good.target, body)
            for (target, body) in [
                (good.target.replacing("!r:", with: "!other:"), body),
                (good.target, body.replacing("!r:", with: "!other:")),
                (good.target, body.replacing("\"mxid\":\"@u:", with: "\"mxid\":\"@w:")),
            ] {
                try await border.expectRefuses("PUT", target, body, 400, "M_INVALID_PARAM", "pdu.path_mismatch")
            }
        }
    }

    @Test("AC-57 an invite's sender is a user of the server that delivers it", arguments: ["v1/invite", "v2/invite"])
    func relayedInvite(endpoint: String) async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let base = Membership(endpoint: endpoint, membership: "invite")
            let (target, body) = try base.parts()
            try await border.expectPasses("PUT", target, body)
            // Also a sender of another allowed server: nobody brings invites for others.
            for sender in [BorderPolicy.blocked, BorderPolicy.unknown, BorderPolicy.reader, Self.own, "HS.example.de"] {
                var relayed = base
                relayed.changes["sender"] = "\"@u:\(sender)\""
                let (target, body) = try relayed.parts()
                try await border.expectRefuses("PUT", target, body, 403, "M_FORBIDDEN", "invite.relayed")
            }
            var foreign = base
            foreign.changes["state_key"] = "\"@v:\(BorderPolicy.reader)\""
            let (foreignTarget, foreignBody) = try foreign.parts()
            try await border.expectRefuses("PUT", foreignTarget, foreignBody, 400, "M_INVALID_PARAM", "member.foreign")
        }
    }

    @Test("AC-74 what is in no table of endpoints does not exist, whoever asks; a wrong verb is told so")
    func unknownEndpoints() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            try await border.expectPasses("GET", "/_matrix/federation/v1/version")
            for target in [
                "/", "/_matrix", "/_matrix/federation/v1", "/_matrix/federation/v3/send/t1",
                "/_matrix/federation/unstable/org.example/thing", "/_matrix/client/v3/login",
                "/_matrix/federation/v1/query_auth/!r:x/$e", "/_matrix/federation/v1/peek/!r:x/1",
                "/_matrix/federation/v1/version/", "/_matrix/federation/v1/Version",
                "/_matrix/federation/v1/%76ersion", "/_synapse/admin/v1/users", "/_matrix/app/v1/ping",
                "/_matrix/key/v2/serverx", "/health", "/.well-known/matrix/client",
            ] {
                try await border.expectRefuses("GET", target, nil, 404, "M_UNRECOGNIZED", "endpoint.unknown")
                try await border.expectRefuses(
                    "GET", target, nil, isSigned: false, 404, "M_UNRECOGNIZED", "endpoint.unknown")
            }
            for (method, target) in [
                ("POST", "/_matrix/federation/v1/version"), ("GET", "/_matrix/federation/v1/send/t1"),
                ("POST", "/_matrix/federation/v1/send/t1"), ("PUT", "/_matrix/federation/v1/query/profile"),
                ("DELETE", "/_matrix/federation/v1/send/t1"),
            ] {
                let body = method == "GET" || method == "DELETE" ? nil : "{}"
                try await border.expectRefuses(method, target, body, 405, "M_UNRECOGNIZED", "endpoint.method")
            }
            try await border.expectRefuses(
                "GET", "/_matrix/federation/v1/query/anything", nil, 403, "M_FORBIDDEN", "endpoint.refused")
        }
    }

    @Test("AC-78 media ids are letters, digits, dashes and underscores", arguments: ["download", "thumbnail"])
    func mediaIDs(kind: String) async throws {
        let prefix = "/_matrix/federation/v1/media/\(kind)/"
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for good in ["a", "AZaz09_-", String(repeating: "a", count: 255), "aZ?timeout_ms=20000"] {
                try await border.expectPasses("GET", prefix + good)
            }
            for bad in [
                "a.b", "..a", "a%20b", "a+b", "a:b", "%41", "~", "a*", "%C3%A9", String(repeating: "a", count: 256),
            ] {
                try await border.expectRefuses("GET", prefix + bad, nil, 400, "M_INVALID_PARAM", "media.identifier")
            }
            for bad in ["..", ".", "a/../b", "a%2Fb", "%2e%2e", "%2e%2e%2fetc%2fpasswd", "a%00", "a//b", "a;b", "%zz"] {
                let outcome = try await border.outcome("GET", prefix + bad)
                #expect(outcome.response.status == 400 || outcome.response.status == 404, "\(bad)")
                #expect(outcome.seen.isEmpty && outcome.record.decision == "refuse", "\(bad)")
            }
        }
    }

    @Test("AC-78 what is asked without credentials, where a policy allows that, is understood all the same")
    func anonymous() async throws {
        let policy = try BorderPolicy.text(anonymous: "[legacy_media, third_party]")
        try await Border.stand(policy: policy) { border in
            func ask(_ endpoint: Endpoint, _ change: (String) -> String = { $0 }) async throws -> BorderOutcome {
                let sample = try #require(try LegitimateRequest(endpoint, from: Self.partner, to: Self.own))
                let body = sample.body.map(change)
                let target = body == nil ? change(sample.target) : sample.target
                return try await border.outcome(sample.method, target, body, isSigned: false)
            }
            for endpoint in [Endpoint.legacyMediaDownload, .legacyMediaThumbnail, .onBind, .onBindPost] {
                let outcome = try await ask(endpoint)
                #expect(outcome.response.status == 200 && outcome.seen.count == 1, "\(endpoint)")
                #expect(outcome.record.decision == "allow", "\(endpoint)")
                // Of another server: asked through us, for whoever that is.
                let foreign = try await ask(endpoint) { $0.replacing(Self.own, with: "third.example") }
                #expect(foreign.response.status == 400 && foreign.seen.isEmpty, "\(endpoint)")
                #expect(foreign.record.reason == "member.foreign", "\(endpoint)")
            }
            for endpoint in [Endpoint.legacyMediaDownload, .legacyMediaThumbnail] {
                let odd = try await ask(endpoint) { $0.replacing("aZ09_-", with: "a.b") }
                #expect(odd.response.status == 400 && odd.errcode == "M_INVALID_PARAM", "\(endpoint)")
                #expect(odd.seen.isEmpty && odd.record.reason == "media.identifier", "\(endpoint)")
            }
        }
    }
}
