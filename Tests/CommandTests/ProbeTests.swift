// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing
import Transport

@Suite("entente probe", .enabled(if: Entente.isBuilt), .serialized)
struct ProbeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let input: [UInt8]
        let status: Int32
        /// Stands in what is printed, on either side.
        let says: String

        init(_ arguments: String, _ input: String, _ status: Int32, _ says: String) {
            self.init(arguments, bytes: Array(input.utf8), status, says)
        }

        init(_ arguments: String, bytes: [UInt8], _ status: Int32, _ says: String) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            input = bytes
            self.status = status
            self.says = says
        }

        var testDescription: String {
            "\(arguments.joined(separator: " ")) of \(input.count) bytes: \(status), \(says)"
        }
    }

    static let brackets = [UInt8](repeating: UInt8(ascii: "["), count: 10 << 20)
    static let xMatrix =
        "X-Matrix origin=\"a.example\",destination=\"b.example\",key=\"ed25519:k\",sig=\"\(signature)\""
    static let signature = String(repeating: "A", count: 86)
    static let put = "PUT /_matrix/federation/v1/send/1 HTTP/1.1\r\nHost: a.example\r\n"

    static let json = [
        Case("json", #"{"a":1}"#, 0, "accepted"),
        Case("json", "17", 0, "a number"),
        Case("json", "", 1, "ends too early at byte 0"),
        Case("json", "{\"a\":{\n\"b\":1,\"b\":2}}", 1, "json.duplicate_key"),
        Case("json", "{\"a\":{\n\"b\":1,\"b\":2}}", 1, "(line 2, column 7), in `/a/b`"),
        Case("json", bytes: [0x22, 0x00, 0x22], 1, "json.invalid: a control character"),
        Case("json", bytes: [0x22, 0xC0, 0xAF, 0x22], 1, "json.encoding"),
        Case("json", bytes: [0xEF, 0xBB, 0xBF, 0x31], 1, "byte order mark"),
        Case("json", bytes: brackets, 1, "nested too deep at byte 64"),
        Case("json --object", "[]", 1, "a request's body is an object"),
        Case("json --object", #"{"a":1.5}"#, 1, "json.number"),
        Case("json --transaction", #"{"a":1.5}"#, 0, "numbers that canonical JSON does not have"),
        Case("json /nowhere/at/all", "", 2, "cannot be opened"),
        Case("json /", "", 2, "cannot be read"),
        Case("canonical-json", #"{ "b":1, "a":"\u00e9" }"#, 0, "{\"a\":\"é\",\"b\":1}"),
        Case("canonical-json", #"{"a":9007199254740992}"#, 1, "`9007199254740992` is not an integer"),
        Case("canonical-json", bytes: brackets, 1, "nested too deep"),
    ]

    static let other = [
        Case("yaml", "a: [1, 2]\n", 0, "mapping"),
        Case("yaml", "a: 1\na: 2\n", 1, "2:1: duplicate key `a`"),
        Case("yaml", bytes: [0x61, 0x3A, 0x00], 1, "U+0000"),
        Case("yaml", bytes: [0x61, 0x3A, 0xFF], 1, "not UTF-8"),
        Case("yaml", bytes: brackets, 1, "the limit is 1048576"),
        Case("yaml", bytes: Array(brackets.prefix(1000)), 1, "nested more than 16 deep"),
        Case("yaml --as policy", "entente: 1\n", 1, "`tiers`"),
        Case("yaml --as configuration", "entente: 1\n", 1, "`listeners`"),
        Case("yaml --as poem", "a: 1\n", 2, "poem"),
        Case("x-matrix", xMatrix, 0, "origin a.example, destination b.example, key ed25519:k"),
        Case("x-matrix", xMatrix + "\r\n" + xMatrix + "\n", 0, "accepted"),
        Case(
            "x-matrix", xMatrix + "\n" + xMatrix.replacing("a.example", with: "c.example"), 1, "auth.multiple_origins"),
        Case("x-matrix", "Bearer x\n", 1, "auth.missing"),
        Case("x-matrix", "X-Matrix origin=a.example", 1, "auth.header_malformed: no `key` (400"),
        Case("x-matrix", bytes: Array(xMatrix.utf8) + [0], 1, "auth.header_malformed"),
        Case("x-matrix", bytes: brackets, 1, "http.limits"),
        Case("http", put + "Content-Length: 2\r\n\r\n{}", 0, "length 2, endpoint send"),
        Case("http", put + "Content-Length: 2\r\n\r\n{}" + put + "Content-Length: 0\r\n\r\n", 0, "(byte 84)"),
        Case("http", put + "Content-Length: 2\r\n\r\n{", 1, "http.incomplete"),
        Case("http", put + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 1, "http.framing"),
        Case("http", put + "Content-Length: 99999999\r\n\r\n", 1, "body too large (413"),
        Case(
            "http", String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 100_000), 0, "and 99000 more requests"
        ),
        Case("http", "GET / HTTP/1.1\n\n", 1, "http.framing"),
        Case("http", "", 1, "no request"),
        Case("http", bytes: [UInt8](repeating: 0, count: 10 << 20), 1, "http.framing"),
        Case("http", bytes: Array("GET /".utf8) + [UInt8](repeating: 0x61, count: 10 << 20), 1, "target too long (414"),
        Case("http --response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0, "200, length 2"),
        Case("http --response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", 1, "http.incomplete"),
        Case("http --response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}x", 1, "upstream.response"),
        Case("certificate --host a.example", bytes: brackets, 1, "certificate.unreadable"),
        Case("certificate --host a.example:8448", "", 2, "without a port"),
        Case("certificate --host a.example --time yesterday", "", 2, "is no time"),
        Case("certificate --host a.example --pin x", "", 2, "is no pin"),
        Case("certificate --host a.example --roots /nowhere", "", 2, "cannot be opened"),
        Case("certificate", "", 2, "--host"),
    ]

    @Test("says the verdict in its exit status and the reason in words", arguments: json + other)
    func verdict(_ one: Case) throws {
        let ended = try Entente.run(["probe"] + one.arguments, input: one.input)
        #expect(ended.status == one.status, "\(ended.text)\(ended.errors)")
        #expect((ended.text + ended.errors).contains(one.says), "\(ended.text)\(ended.errors)")
        if one.status == 2 { #expect(ended.output.isEmpty) }
    }

    @Test("never prints a signature")
    func signatureIsSecret() throws {
        for flags in [[], ["--json"]] {
            let ended = try Entente.run(["probe", "x-matrix"] + flags, input: Array(Self.xMatrix.utf8))
            #expect(ended.status == 0)
            #expect(!(ended.text + ended.errors).contains(Self.signature.prefix(20)))
        }
    }

    @Test("answers with one line of JSON if asked, accepted or refused")
    func machineReadable() throws {
        for one in Self.json + Self.other where one.status != 2 {
            let ended = try Entente.run(["probe"] + one.arguments + ["--json"], input: one.input)
            let answer = try ended.answer()
            #expect(answer["accepted"] as? Bool == (one.status == 0), "\(one.testDescription)")
            #expect((answer["reason"] == nil) == (one.status == 0))
            #expect(ended.status == one.status)
            #expect(ended.output.split(separator: UInt8(ascii: "\n")).count == 1)
            #expect(ended.errors.isEmpty)
        }
    }

    @Test("canonical-json gives every vector's strict verdict and form", .enabled(if: Shared.isPresent))
    func canonicalVectors() throws {
        let vectors = try Shared.vectors("canonical_json")
        #expect(vectors.count >= 96)
        for vector in vectors {
            let id = try #require(vector["id"] as? String)
            let strict = try #require(vector["spec_strict"] as? [String: Any])
            let isValid = strict["valid"] as? Bool == true
            var input = (vector["input"] as? String).map { Array($0.utf8) } ?? []
            if let encoded = vector["input_base64"] as? String {
                input = Array(try #require(Data(base64Encoded: encoded)))
            }
            let ended = try Entente.run(["probe", "canonical-json"], input: input)
            #expect(ended.status == (isValid ? 0 : 1), "\(id): \(ended.errors)")
            if isValid { #expect(ended.output == Array((strict["canonical"] as? String ?? "").utf8), "\(id)") }
        }
    }

    @Test("x-matrix takes no header that the vectors call invalid", .enabled(if: Shared.isPresent))
    func headerVectors() throws {
        var accepted = 0
        for vector in try Shared.vectors("auth_headers") {
            var header = (vector["header"] as? String).map { Array($0.utf8) } ?? []
            if let encoded = vector["header_base64"] as? String {
                header = Array(try #require(Data(base64Encoded: encoded)))
            }
            let spec = try #require(vector["spec"] as? [String: Any])
            let ended = try Entente.run(["probe", "x-matrix"], input: header)
            #expect(ended.status == 0 || ended.status == 1)
            guard ended.status == 0 else { continue }
            accepted += 1
            #expect(spec["valid"] as? Bool == true, "\(vector["id"] ?? "")")
            #expect(ended.text.contains("origin \(spec["origin"] ?? "")"), "\(vector["id"] ?? "")")
        }
        #expect(accepted > 10)
    }

    @Test("verifies a chain by its roots, host, time and pins")
    func certificates() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority(name: "one")
        let stranger = try CertificateAuthority(name: "other")
        let identity = try authority.issue(CertificateRequest(dnsNames: ["hs.a.example"], validity: .days(10)))
        let roots = try directory.file("roots.pem", String(decoding: try authority.certificate.pem(), as: UTF8.self))
        let others = try directory.file("others.pem", String(decoding: try stranger.certificate.pem(), as: UTF8.self))
        let chain = try directory.file("chain.pem", String(decoding: try identity.certificatePEM(), as: UTF8.self))
        let hash = try #require(identity.spki)
        let pin = "sha256/" + Data(hash.bytes).base64EncodedString()
        let wrong = "sha256/" + Data(repeating: 7, count: 32).base64EncodedString()
        func probe(_ roots: String, _ host: String, _ time: String, _ more: String...) throws -> Entente.Ended {
            try Entente.run(
                ["probe", "certificate", chain, "--roots", roots, "--host", host, "--time", time] + more)
        }
        let now = Date.now.formatted(.iso8601)
        let later = Date.now.addingTimeInterval(20 * 86400).formatted(.iso8601).replacing("Z", with: "+02:00")
        let good = try probe(roots, "hs.a.example", now)
        #expect(good.status == 0, "\(good.errors)")
        #expect(good.text.contains(pin))
        #expect(try probe(roots, "hs.a.example", now, "--pin", pin, "--pin", wrong).status == 0)
        #expect(try probe(roots, "hs.a.example", now, "--pin", wrong).errors.contains("certificate.pin_mismatch"))
        #expect(try probe(roots, "hs.b.example", now).errors.contains("certificate.name_mismatch"))
        #expect(try probe(others, "hs.a.example", now).errors.contains("certificate.unknown_authority"))
        #expect(try probe(roots, "hs.a.example", later).errors.contains("certificate.expired"))
        #expect(try probe(chain + ".not", "hs.a.example", now).status == 2)
    }
}
