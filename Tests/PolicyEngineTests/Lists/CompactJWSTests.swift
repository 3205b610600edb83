// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import TestKit
import Testing

/// Signed lists whose signature nobody has looked at: what the strict reader makes of them.
@Suite("Signed lists: compact form, header and payload")
struct CompactJWSTests {
    static let signer = ListSigner(subject: "CN=lists", validUntil: Timestamp(milliseconds: .max))

    private static func file(
        header: String = #"{"alg":"ES256","x5c":["AQID"]}"#, payload: String = ListPublisher.payload(["a.example"]),
        signature: String = "AAAA"
    ) -> [UInt8] {
        let parts = [header, payload].map { ListPublisher.url(Array($0.utf8)) }
        return Array("\(parts[0]).\(parts[1]).\(signature)".utf8)
    }

    private func read(_ file: [UInt8]) throws(ListFault) -> ServerList {
        try ServerList(CompactJWS(reading: file), signedBy: Self.signer)
    }

    private func fault(_ file: [UInt8]) -> ListFault? {
        do throws(ListFault) {
            _ = try read(file)
            return nil
        } catch {
            return error
        }
    }

    @Test("a list in the form of the German health network is read")
    func good() throws {
        let names = ["tim.clinic.example", "a.example:8448", "192.0.2.7"]
        let list = try read(Self.file(payload: ListPublisher.payload(names, version: 17)))
        #expect(list.names.map(\.text) == names.sorted())
        #expect(list.version == 17)
        #expect(list.repeated == 0)
        #expect(list.signer == Self.signer)
        let jws = try CompactJWS(reading: Self.file())
        #expect(jws.header.certificates == [[1, 2, 3]])
        #expect(try read(Self.file(payload: #"{"domainList":[],"version":0}"#)).names.isEmpty)
        #expect(try read(Self.file(payload: ListPublisher.payload(["a.b", "a.b"]))).repeated == 1)
    }

    @Test("one byte beside the compact form is refused, wherever it stands")
    func framing() {
        let good = Self.file()
        #expect(fault(good) == nil)
        for byte: UInt8 in [0x0A, 0x0D, 0x20, 0x2E, 0x3D, 0x2B, 0x2F, 0x00, 0xEF, 0x22] {
            for offset in [0, 5, good.count] {
                var bad = good
                bad.insert(byte, at: offset)
                guard case .notCompact = fault(bad) else {
                    Issue.record("\(byte) at \(offset): \(String(describing: fault(bad)))")
                    continue
                }
            }
        }
        for text in ["", ".", "..", "...", "a.b", "e30..AAAA", ".e30.AAAA", "e30.e30."] {
            #expect(fault(Array(text.utf8)) != nil, "\(text)")
        }
    }

    @Test("base64url with stray bits or an impossible length is refused: one list has one spelling")
    func canonicalBase64() {
        let good = String(decoding: Self.file(signature: "AA"), as: UTF8.self)
        #expect(fault(Array(good.utf8)) == nil)
        #expect(fault(Array((good.dropLast() + "B").utf8)) != nil)
        #expect(fault(Self.file(signature: "A")) != nil)
        #expect(fault(Self.file(signature: "AAAAA")) != nil)
    }

    @Test(
        "no algorithm that is none, shared, weak, or written otherwise is accepted",
        arguments: [
            "none", "None", "NONE", "", "HS256", "HS384", "HS512", "es256", "ES256 ", "ES512", "ES256K", "RS1", "RS512",
            "PS384", "EDDSA", "RSA1_5",
        ])
    func algorithms(name: String) {
        #expect(fault(Self.file(header: #"{"alg":"\#(name)","x5c":["AQID"]}"#)) == .algorithm(name))
    }

    @Test(
        "headers that point elsewhere, carry bare keys, demand extensions, or say a thing twice are refused",
        arguments: [
            #"{"x5c":["AQID"]}"#, #"{"alg":1,"x5c":["AQID"]}"#, #"{"alg":["ES256"],"x5c":["AQID"]}"#,
            #"{"alg":"ES256"}"#, #"{"alg":"ES256","x5c":[]}"#, #"{"alg":"ES256","x5c":"AQID"}"#,
            #"{"alg":"ES256","x5c":["AQI"]}"#, #"{"alg":"ES256","x5c":["AQ-_"]}"#, #"{"alg":"ES256","x5c":[""]}"#,
            #"{"alg":"ES256","x5c":[1]}"#, #"{"alg":"ES256","x5c":["AR=="]}"#,
            #"{"alg":"ES256","x5c":["AQID","AQID","AQID","AQID","AQID","AQID","AQID","AQID","AQID","AQID","AQID"]}"#,
            #"{"alg":"ES256","x5c":["AQID"],"crit":["b64"],"b64":false}"#,
            #"{"alg":"ES256","x5c":["AQID"],"b64":true}"#, #"{"alg":"ES256","x5c":["AQID"],"crit":[]}"#,
            #"{"alg":"ES256","x5c":["AQID"],"jku":"https://a.example"}"#, #"{"alg":"ES256","x5c":["AQID"],"jwk":{}}"#,
            #"{"alg":"ES256","x5c":["AQID"],"x5u":"https://a.example"}"#,
            #"{"alg":"ES256","x5c":["AQID"],"zip":"DEF"}"#,
            #"{"alg":"ES256","x5c":["AQID"],"unknown":1}"#, #"{"alg":"none","alg":"ES256","x5c":["AQID"]}"#,
            #"{"alg":"ES256","\u0061lg":"ES256","x5c":["AQID"]}"#, #"{"alg":"ES256","x5c":["AQID"],"x5t#S256":"AA"}"#,
            #"{"alg":"ES256","x5c":["AQID"],"exp":"soon"}"#, #"{"alg":"ES256","x5c":["AQID"],"exp":1.5}"#,
            #"{"alg":"ES256","x5c":["AQID"],"iat":-1}"#, #"{"alg":"ES256","x5c":["AQID"],"sigT":"2026-01-01"}"#,
            #"["alg"]"#, #""ES256""#, "{", "", #"{"alg":"ES256","x5c":["AQID"]} "# + "x",
        ])
    func headers(header: String) {
        #expect(fault(Self.file(header: header)) != nil)
    }

    @Test(
        "payloads that are not exactly a list of names are refused",
        arguments: [
            "[]", "{}", #"{"version":1}"#, #"{"domainList":[]}"#, #"{"version":"1","domainList":[]}"#,
            #"{"version":1.0,"domainList":[]}"#, #"{"version":-1,"domainList":[]}"#,
            #"{"version":99999999999999999999,"domainList":[]}"#, #"{"version":1,"version":2,"domainList":[]}"#,
            #"{"version":1,"domainList":{}}"#, #"{"version":1,"domainList":["a.example"]}"#,
            #"{"version":1,"domainList":[{}]}"#, #"{"version":1,"domainList":[{"domain":1}]}"#,
            #"{"version":1,"domainList":[{"domain":""}]}"#, #"{"version":1,"domainList":[{"domain":"A.example"}]}"#,
            #"{"version":1,"domainList":[{"domain":"a b"}]}"#, #"{"version":1,"domainList":[{"domain":"*.example"}]}"#,
            #"{"version":1,"domainList":[{"domain":"a.example","domain":"b.example"}]}"#,
            #"{"version":1,"domainList":[{"domain":"a.example."}]}"#,
            #"{"version":1,"hashAlgorithm":"SHA-256","domainList":[]}"#, #"{"version":1,"domainList":[],"tier":"own"}"#,
            #"{"version":1,"domainList":[],"exp":true}"#, #"{"version":1,"domainList":[]}{}"#, "",
        ])
    func payloads(payload: String) {
        #expect(fault(Self.file(payload: payload)) != nil)
    }

    @Test("50,000 names are read, one more is not, and a payload that claims millions ends early")
    func counts() throws {
        let names = (0..<ServerList.maxNames).map { "s\($0).example" }
        #expect(try read(Self.file(payload: ListPublisher.payload(names))).names.count == ServerList.maxNames)
        #expect(
            fault(Self.file(payload: ListPublisher.payload(names + ["one.more"])))
                == .tooManyNames(limit: ServerList.maxNames))
        let deep = #"{"version":1,"domainList":"# + String(repeating: "[", count: 100_000)
        #expect(fault(Self.file(payload: deep)) != nil)
        #expect(
            fault([UInt8](repeating: 0x41, count: CompactJWS.maxBytes + 1)) == .tooLarge(limit: CompactJWS.maxBytes))
        let wide = #"{"version":1,"domainList":[],"iss":["# + String(repeating: "1,", count: 3_000_000) + "1]}"
        #expect(fault(Self.file(payload: wide)) != nil)
    }

    @Test("times of header and payload: the earlier end counts, a time to come refuses")
    func times() throws {
        let source = try #require(Policy.listSources(Array(ListPolicyTests.text.utf8)).first { $0.name == "ti" })
        let header = #"{"alg":"ES256","x5c":["AQID"],"exp":5000,"iat":1000}"#
        let list = try read(
            Self.file(header: header, payload: ListPublisher.payload([], version: 10, more: #","exp":4000"#)))
        #expect(list.expires?.milliseconds == 4_000_000)
        #expect(list.issued?.milliseconds == 1_000_000)
        try list.check(source, at: Timestamp(milliseconds: 1_000_000))
        #expect(throws: ListFault.notYetValid) { try list.check(source, at: Timestamp(milliseconds: 600_000)) }
        let signed = #"{"alg":"ES256","x5c":["AQID"],"sigT":"1970-01-01T01:00:00Z"}"#
        #expect(try read(Self.file(header: signed)).issued?.milliseconds == 3_600_000)
        #expect(throws: ListFault.belowMinimum(version: 1, minimum: 10)) {
            try read(Self.file()).check(source, at: Timestamp(milliseconds: 0))
        }
    }
}
