// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

@Suite("Abuse of paths, at the whole gateway")
struct PathAbuseTests {
    /// As a friend would sign it, whether or not it is a path.
    private func get(_ target: String) throws -> WireRequest { try TestPeer.friend.request("GET", target) }

    @Test("AC-23 the path of an open endpoint inside another path opens nothing")
    func smuggled() async throws {
        try await GatewayUnderTest.running { gateway in
            for target in [
                "/_matrix/federation/v1/send/1/_matrix/federation/v1/version", "/x/_matrix/federation/v1/version",
                "/_matrix/federation/v1/version/send", "/_matrix/federation/v1/versionx",
                "/_matrix/federation/v1/?p=/_matrix/federation/v1/version", "/_matrix/client/v3/login",
                "/_synapse/admin/v1/users", "/",
            ] {
                try await gateway.expectRefused(try get(target), 404, "M_UNRECOGNIZED", "endpoint.unknown")
                try await gateway.expectRefused(
                    WireRequest("GET", target), 404, "M_UNRECOGNIZED", "endpoint.unknown")
            }
            try await gateway.expectRefused(
                WireRequest("GET", "/_matrix/federation/v1/event/%24e?p=/_matrix/federation/v1/version"), 401,
                "M_UNAUTHORIZED", "auth.missing")
            try await gateway.expectPassed(try get("/_matrix/federation/v1/version"))
        }
    }

    @Test("AC-24 a path that another reader would read differently is refused, not repaired")
    func confusion() async throws {
        try await GatewayUnderTest.running { gateway in
            for target in [
                "/_matrix//federation/v1/version", "//_matrix/federation/v1/version",
                "/_matrix/./federation/v1/version", "/_matrix/federation/v1/../v1/version",
                "/_matrix/federation/v1/%2e%2e/version", "/_matrix%2Ffederation/v1/version",
                "/_matrix/federation/v1%2fversion", "/_matrix/federation/v1/event/%24a%5Cb",
                "/_matrix/federation\\v1/version", "/_matrix/federation/v1/version;x=1",
            ] {
                try await gateway.expectRefused(try get(target), 400, "M_INVALID_PARAM", "path.noncanonical")
            }
            // These never become a head.
            for target in [
                "http://home.example/_matrix/federation/v1/version", "*", "/_matrix/federation/v1/version#f",
                "home.example:443", "/_matrix/federation/v1/event/$é",
            ] {
                try await gateway.expectRefused(
                    try get(target), 400, "M_INVALID_PARAM", "path.noncanonical", closes: true)
            }
            for target in ["/_matrix/federation/v1/event/%00", "/_matrix/federation/v1/event/%C0%AF"] {
                try await gateway.expectRefused(try get(target), 400, "M_INVALID_PARAM", "path.encoding")
            }
            for query in ["a=1;b=2", "event_id=1&event_id=2", "event_id", "%65vent_id=1"] {
                try await gateway.expectRefused(
                    try get("/_matrix/federation/v1/state/%21r%3Ahome.example?" + query), 400, "M_INVALID_PARAM",
                    "query.ambiguous")
            }
            try await gateway.expectPassed(try get("/_matrix/federation/v1/version"))
            try await gateway.expectPassed(
                try get("/_matrix/federation/v1/event/%24acR1l0raoZnm60CBwAVgqbZqoO%2FmYU81xysh1u7XcJk"))
        }
    }

    @Test("AC-25 an escape is read once; the homeserver gets the bytes that were signed")
    func encoding() async throws {
        try await GatewayUnderTest.running { gateway in
            for segment in ["%2521a", "%zz", "%2", "%", "%FF", "%ED%A0%80"] {
                try await gateway.expectRefused(
                    try get(
                        "/_matrix/federation/v1/state/\(segment)?event_id=%24acR1l0raoZnm60CBwAVgqbZqoO_mYU81xysh1u7XcJk"
                    ), 400, "M_INVALID_PARAM",
                    "path.encoding")
            }
            for room in ["!a:home.example", "%21a:home.example", "%21a%3Ahome.example", "!a%3ahome.example"] {
                try await gateway.expectPassed(
                    try get(
                        "/_matrix/federation/v1/state/\(room)?event_id=%24acR1l0raoZnm60CBwAVgqbZqoO_mYU81xysh1u7XcJk"))
            }
            try await gateway.expectPassed(
                try get("/_matrix/federation/v1/event/$acR1l0raoZnm60CBwAVgqbZqoO+mYU81xysh1u7XcJk"))
            // Signed in one form, sent in another: the signature covers the bytes.
            let signed = try get(
                "/_matrix/federation/v1/state/!a:home.example?event_id=%24acR1l0raoZnm60CBwAVgqbZqoO_mYU81xysh1u7XcJk")
            try await gateway.expectRefused(
                signed.with {
                    $0.target =
                        "/_matrix/federation/v1/state/%21a:home.example?event_id=%24acR1l0raoZnm60CBwAVgqbZqoO_mYU81xysh1u7XcJk"
                }, 401,
                "M_UNAUTHORIZED", "auth.sig_invalid", claimed: "friend.example")
        }
    }
}
