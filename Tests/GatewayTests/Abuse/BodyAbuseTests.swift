// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import TestKit
import Testing

@Suite("Abuse of bodies, at the whole gateway")
struct BodyAbuseTests {
    private static let query = "/_matrix/federation/v1/user/keys/query"

    /// Signed for other content, as nothing can be signed that is no JSON: the body is read before the signature.
    private static func post(_ body: [UInt8], type: String? = "application/json") throws -> WireRequest {
        try TestPeer.friend.request("POST", query, "{}").with {
            $0.remove("Content-Type")
            if let type { $0.add("Content-Type", type) }
            $0.set("Content-Length", "\(body.count)")
            $0.body = body
        }
    }

    private static func post(_ body: String) throws -> WireRequest { try post(Array(body.utf8)) }

    /// A query that is signed as it is.
    private static func signed(_ body: String) throws -> WireRequest {
        try TestPeer.friend.request("POST", query, body)
    }

    private static let good = #"{"device_keys":{"@u:home.example":[]}}"#

    private func expectRefused(
        _ gateway: GatewayUnderTest, _ request: WireRequest, _ errcode: String, _ reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await gateway.expectRefused(
            request, 400, errcode, reason, claimed: "friend.example", sourceLocation: sourceLocation)
        #expect(gateway.fetched.isEmpty, "no key is needed to refuse it", sourceLocation: sourceLocation)
    }

    @Test("AC-34 a body that is not a JSON object is refused, never taken for no content")
    func notJSON() async throws {
        try await GatewayUnderTest.running { gateway in
            for body in [
                "", " ", "{", "x", "{'a':1}", "{}{}", "{} x", "// c\n{}", #"{"a":1,}"#, "NaN", "[]", "null", "1",
            ] {
                try await expectRefused(gateway, try Self.post(body), "M_NOT_JSON", "json.invalid")
            }
            let none = try Self.post("").with { $0.remove("Content-Length") }
            try await expectRefused(gateway, none, "M_NOT_JSON", "json.invalid")
            try await gateway.expectPassed(try Self.signed(Self.good))
        }
    }

    @Test("AC-35 a key that is given twice is refused at any depth and in any spelling; the record says where")
    func duplicateKeys() async throws {
        try await GatewayUnderTest.running { gateway in
            for body in [
                #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":[{"b":{"c":1,"\u0063":1}}]}"#,
            ] {
                try await expectRefused(gateway, try Self.post(body), "M_BAD_JSON", "json.duplicate_key")
            }
            #expect(try await gateway.records().last?.explain?.contains("/a/0/b/c") == true)
            try await gateway.expectPassed(
                try Self.signed(#"{"device_keys":{"@u:home.example":[]},"a":[{"b":{"c":1,"\u0064":1}}]}"#))
        }
    }

    @Test("AC-36 nesting and size beyond all reason are refused")
    func bombs() async throws {
        try await GatewayUnderTest.running { gateway in
            for body in [
                String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 65),
                "[" + String(repeating: "0,", count: 500_000) + "0]",
            ] {
                try await expectRefused(gateway, try Self.post(body), "M_NOT_JSON", "json.limits")
            }
            let deep = String(repeating: #"{"a":"#, count: 60) + "1" + String(repeating: "}", count: 60)
            try await gateway.expectPassed(try Self.signed(#"{"device_keys":{},"x":\#(deep)}"#))
        }
    }

    @Test("AC-37 numbers that canonical JSON does not have are refused")
    func numbers() async throws {
        try await GatewayUnderTest.running { gateway in
            for number in [
                "9007199254740992", "-9007199254740992", "1.0", "1e3", "1E400", "-0.0", "1e-999999999",
            ] {
                try await expectRefused(
                    gateway, try Self.post(#"{"device_keys":{},"x":[\#(number)]}"#), "M_BAD_JSON", "json.number")
            }
            for number in ["NaN", "Infinity", "0x1", "01", "+1", ".5"] {
                try await expectRefused(
                    gateway, try Self.post(#"{"device_keys":{},"x":[\#(number)]}"#), "M_NOT_JSON", "json.invalid")
            }
            try await gateway.expectPassed(
                try Self.signed(#"{"device_keys":{},"x":[9007199254740991,-9007199254740991,0]}"#))
        }
    }

    @Test("AC-37 in a transaction such a number condemns its event, and outside of events the whole")
    func numbersInEvents() async throws {
        try await GatewayUnderTest.running { gateway in
            let good = TestPeer.friend.transactionText()
            let event = try TestPeer.friend.request(
                "PUT", "/_matrix/federation/v1/send/n1", good.replacing(#""body":"hello""#, with: #""body":1.5"#))
            let answer = try await gateway.ask(event)
            #expect(answer.status == 200)
            #expect(gateway.homeserver.requests.isEmpty)
            let record = try #require(try await gateway.records().last)
            #expect(record.decision == "absorbed" && record.reason == "json.number")
            let whole = try TestPeer.friend.request(
                "PUT", "/_matrix/federation/v1/send/n2",
                good.replacing(#""origin_server_ts":1767225600000,"pdus""#, with: #""origin_server_ts":1e12,"pdus""#))
            try await gateway.expectRefused(
                whole, 400, "M_BAD_JSON", "json.number", claimed: "friend.example", authenticated: "friend.example")
            try await gateway.expectPassed(try TestPeer.friend.transaction())
        }
    }

    @Test("AC-38 other encodings are refused, and no text is ever normalised")
    func encodings() async throws {
        try await GatewayUnderTest.running { gateway in
            let around = (Array(#"{"device_keys":{},"x":""#.utf8), Array(#""}"#.utf8))
            for bytes: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xC3]] {
                try await expectRefused(
                    gateway, try Self.post(around.0 + bytes + around.1), "M_NOT_JSON", "json.encoding")
            }
            try await expectRefused(
                gateway, try Self.post([0xEF, 0xBB, 0xBF] + Array("{}".utf8)), "M_NOT_JSON", "json.encoding")
            try await expectRefused(
                gateway, try Self.post(#"{"device_keys":{},"x":"\ud800"}"#), "M_NOT_JSON", "json.encoding")
            try await expectRefused(
                gateway, try Self.post(Array("{}".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })), "M_NOT_JSON",
                "json.invalid")
            // Two keys that look alike are two keys, also with U+0000 in them.
            try await gateway.expectPassed(
                try Self.signed("{\"device_keys\":{},\"\u{E9}\":1,\"e\u{301}\":2,\"a\\u0000\":3,\"a\":4}"))
        }
    }

    @Test("AC-39 the very bytes whose signature was verified reach the homeserver, however they are written")
    func verbatim() async throws {
        try await GatewayUnderTest.running { gateway in
            let odd = "\r\n{ \"x\" : \"\\u00e9\\/\" ,\t\"device_keys\":{}, \"a\" : [ 1 , 2 ] }\n "
            for body in [Self.good, odd] {
                let arrived = try await gateway.expectPassed(try Self.signed(body))
                #expect(arrived.body == Array(body.utf8))
                let hash = SHA256.hash(arrived.body).hex
                #expect(try await gateway.records().last?.text.contains(#""req_sha256":"\#(hash)""#) == true)
            }
            let changed = try Self.signed(Self.good).with { $0.body[2] = UInt8(ascii: "D") }
            try await gateway.expectRefused(
                changed, 401, "M_UNAUTHORIZED", "auth.sig_invalid", claimed: "friend.example")
        }
    }

    @Test("AC-40 a body that says it is something else than JSON in UTF-8 is refused")
    func contentTypes() async throws {
        try await GatewayUnderTest.running { gateway in
            for type in [
                "multipart/form-data; boundary=x", "application/json; charset=utf-16", "text/plain",
                "application/jsonx", "application/json, text/plain",
            ] {
                try await gateway.expectRefused(
                    try Self.post(Array(Self.good.utf8), type: type), 415, "M_UNKNOWN", "http.content_type")
            }
            for type in ["application/json", "application/json; charset=utf-8"] {
                try await gateway.expectPassed(try Self.signed(Self.good).with { $0.set("Content-Type", type) })
            }
            try await gateway.expectPassed(try Self.signed(Self.good).with { $0.remove("Content-Type") })
        }
    }
}
