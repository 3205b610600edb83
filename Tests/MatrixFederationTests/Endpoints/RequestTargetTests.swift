// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Request targets: RFC 9112 section 3.2, federation notes section 3")
struct RequestTargetTests {
    typealias Kind = RequestTarget.Fault.Kind

    static func kind(_ text: String) -> Kind? {
        do {
            _ = try Routing.target(text)
            return nil
        } catch { return error.kind }
    }

    @Test(
        "AC-23 protected paths smuggled in a query, a suffix or a prefix are not found",
        arguments: [
            "/_matrix/federation/v1/send/1/_matrix/federation/v1/version", "/x/_matrix/federation/v1/version",
            "/_matrix/federation/v1/version/send", "/_matrix/federation/v1/versionx", "/_matrix/federation/v1/xversion",
            "/_matrix/federation/v1/?/_matrix/federation/v1/version=1", "/_matrix/client/v3/login", "/_synapse/admin",
            "/", "/_matrix", "/_matrix/federation/v1",
        ])
    func anchored(text: String) {
        for method in ["GET", "PUT", "POST"] { #expect(Routing.status(method, text) == 404) }
        #expect(Routing.status("GET", "/_matrix/federation/v1/version") == 200)
    }

    @Test(
        "AC-24 forms that another reader would normalise are refused",
        arguments: [
            "/_matrix//federation/v1/version", "//_matrix/federation/v1/version", "/_matrix/./federation/v1/version",
            "/_matrix/federation/v1/../v1/version", "/_matrix/federation/v1/%2e%2e/version",
            "/_matrix/federation/v1/.%2E/version", "/_matrix/federation/v1/%2e/version", "/_matrix/federation/v1/..",
            "/_matrix%2Ffederation/v1/version", "/_matrix/federation/v1%2fversion", "/_matrix/federation\\v1/version",
            "/_matrix/federation/v1/event/%24a%5Cb", "/_matrix/federation/v1/version;x=1",
            "/_matrix/federation/v1/version#f", "https://alpha.example/_matrix/federation/v1/version", "*", "",
            "_matrix/federation/v1/version", "alpha.example:443", "/_matrix/federation/v1/event/$é",
            "/_matrix/federation/v1/event/$a b", "/_matrix/federation/v1/event/$a\tb",
            "/_matrix/federation/v1/event/$a\r\nX: y", "/_matrix/federation/v1/event/[a]", "/x?a=[b]", "/x//?a=b",
        ])
    func nonCanonical(text: String) {
        #expect(Self.kind(text) == .pathNonCanonical)
        #expect(Self.kind("/_matrix/federation/v1/event/%24a%2Fb") == nil)
    }

    @Test(
        "AC-25 escapes that are broken, doubled, controls or not UTF-8 are refused",
        arguments: [
            "/x/%zz", "/x/%2", "/x/%", "/x/%2g", "/x/%00", "/x/%0A", "/x/%7F", "/x/%2521a", "/x/%25%32%31",
            "/x/%FF", "/x/%C0%AF", "/x/%E0%80%AF", "/x/%ED%A0%80", "/x/%F4%90%80%80", "/x/%C3", "/x/%C3a",
            "/x?a=%zz", "/x?a=%", "/x?a=%00", "/x?a=%C3", "/x?a=%2541",
        ])
    func encoding(text: String) {
        #expect(Self.kind(text) == .pathEncoding)
        #expect(Self.kind("/x/%21a%3Ab%C3%A9") == nil)
    }

    @Test("AC-25 a room id reads the same in all its plain and escaped forms, while the raw bytes stay")
    func decoding() throws {
        for form in ["!a:b", "%21a:b", "%21a%3Ab", "!a%3ab"] {
            let target = try Routing.target("/_matrix/federation/v1/state/\(form)?event_id=%24e")
            #expect(target.decodedSegment(4) == "!a:b")
            #expect(String(decoding: target.bytes, as: UTF8.self).contains(form))
        }
        let plus = try Routing.target("/_matrix/federation/v1/event/%24a+b")
        #expect(plus.decodedSegment(4) == "$a+b")
    }

    @Test(
        "AC-24 a query that readers split differently is refused",
        arguments: [
            "a=1;b=2", "a=1;a=2", "a", "a&b=1", "=1", "&a=1", "a=1&", "a=1&&b=2", "a=1&a=2", "%61=1", "a+b=1",
            "a=1&b&c=2",
        ])
    func queries(query: String) {
        #expect(Self.kind("/x?" + query) == .queryAmbiguous)
        #expect(Self.kind("/x?a=1&b=2") == nil)
    }

    @Test(
        "AC-27 a wrong verb on a known path is 405: HEAD, OPTIONS, lower case, longer and shorter words",
        arguments: [
            "HEAD", "OPTIONS", "get", "Get", "GE", "GETT", "", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT",
        ])
    func verbs(method: String) {
        #expect(Routing.status(method, "/_matrix/federation/v1/version") == 405)
        #expect(Routing.status("GET", "/_matrix/federation/v1/version") == 200)
    }

    @Test(
        "AC-74 what is not in the table is unknown, whatever the verb",
        arguments: [
            "/_matrix/federation/v1/query_auth/!r:a/$e", "/_matrix/federation/v1/peek/!r:a/p",
            "/_matrix/federation/unstable/event_relationships", "/_matrix/federation/unstable/com.example/anything",
            "/_matrix/federation/v3/send_join/!r:a/$e", "/_matrix/federation/v4/x", "/_matrix/media/v2/download/a/b",
            "/_matrix/federation/unstable/org.matrix.msc4512/x/y/z/a/b/c/d/e/f/g",
        ])
    func unknown(text: String) {
        for method in ["GET", "PUT", "POST", "DELETE"] { #expect(Routing.status(method, text) == 404) }
        #expect(Routing.status("PUT", "/_matrix/federation/v2/send_join/!r:a/$e") == 200)
    }

    @Test("takes 16384 bytes and not one more")
    func length() {
        let path = "/_matrix/federation/v1/event/"
        let longest = path + String(repeating: "a", count: RequestTarget.maxBytes - path.utf8.count)
        #expect(Self.kind(longest) == nil)
        #expect(Self.kind(longest + "a") == .pathNonCanonical)
    }

    @Test("never reads past a segment, for all targets of up to four bytes from a hostile alphabet")
    func exhaustive() {
        let alphabet = [UInt8]("/%2.?;=&a\u{7F}".utf8) + [0xFF]
        var targets: [[UInt8]] = [[UInt8]("/".utf8)]
        for _ in 0..<4 {
            targets = targets.flatMap { target in alphabet.map { target + [$0] } }
            for bytes in targets {
                guard let target = try? Routing.target(bytes: bytes) else { continue }
                #expect(target.bytes == bytes)
                for index in 0..<target.segmentCount {
                    #expect(!target.decodedSegment(index).isEmpty)
                    #expect(!bytes[target.segment(index)].contains(UInt8(ascii: "/")))
                }
            }
        }
    }
}
