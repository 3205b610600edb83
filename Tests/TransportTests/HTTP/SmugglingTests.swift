// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// One hostile byte stream and the exact refusal it meets.
struct HostileRequest: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: String
    let refusal: HTTPRefusal
    var testDescription: String { name }

    init(_ name: String, _ bytes: String, _ refusal: HTTPRefusal) {
        self.name = name
        self.bytes = bytes
        self.refusal = refusal
    }

    init(_ name: String, _ bytes: String, _ fault: HTTPFramingFault) { self.init(name, bytes, .framing(fault)) }

    /// A PUT with these header lines and this body.
    static func put(_ name: String, _ lines: String, _ fault: HTTPFramingFault, body: String = "") -> Self {
        Self(name, "PUT /a HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\(body)", .framing(fault))
    }
}

@Suite("Requests that two parsers read differently are refused")
struct SmugglingTests {
    static let framing: [HostileRequest] = [
        .put("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", .twoFramings, body: "0\r\n\r\nG"),
        .put("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", .twoFramings, body: "1\r\nG\r\n0\r\n\r\n"),
        .put(
            "TE.TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", .transferEncodingRepeated),
        .put("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .transferEncodingRepeated),
        .put("TE list", "Transfer-Encoding: gzip, chunked\r\n", .transferEncodingMalformed),
        .put("TE list backwards", "Transfer-Encoding: chunked, identity\r\n", .transferEncodingMalformed),
        .put("TE x", "Transfer-Encoding: xchunked\r\n", .transferEncodingMalformed),
        .put("TE empty", "Transfer-Encoding:\r\n", .transferEncodingMalformed),
        .put("TE quoted", "Transfer-Encoding: \"chunked\"\r\n", .transferEncodingMalformed),
        .put("TE with vertical tab", "Transfer-Encoding: \u{0B}chunked\r\n", .fieldValueByte),
        .put("TE with parameter", "Transfer-Encoding: chunked;q=1\r\n", .transferEncodingMalformed),
        .put("TE identity", "Transfer-Encoding: identity\r\nContent-Length: 1\r\n", .transferEncodingMalformed),
        .put("CL repeated alike", "Content-Length: 1\r\nContent-Length: 1\r\n", .contentLengthRepeated, body: "x"),
        .put("CL repeated unlike", "Content-Length: 1\r\nContent-Length: 2\r\n", .contentLengthRepeated, body: "xx"),
        .put("CL list", "Content-Length: 1, 1\r\n", .contentLengthMalformed, body: "x"),
        .put("CL empty", "Content-Length:\r\n", .contentLengthMalformed),
        .put("CL blank", "Content-Length:   \r\n", .contentLengthMalformed),
        .put("CL plus", "Content-Length: +1\r\n", .contentLengthMalformed, body: "x"),
        .put("CL minus", "Content-Length: -1\r\n", .contentLengthMalformed),
        .put("CL hex", "Content-Length: 0x1\r\n", .contentLengthMalformed, body: "x"),
        .put("CL octal look", "Content-Length: 010\r\n", .contentLengthMalformed),
        .put("CL inner space", "Content-Length: 1 0\r\n", .contentLengthMalformed),
        .put("CL underscore", "Content-Length: 1_0\r\n", .contentLengthMalformed),
        .put("CL overflow", "Content-Length: 18446744073709551617\r\n", .contentLengthOverflow),
        .put("CL wraps to 1", "Content-Length: 4294967297000001\r\n", .contentLengthOverflow),
        .put("CL fullwidth digit", "Content-Length: １\r\n", .contentLengthMalformed),
        .put("obs-fold", "X-A: b\r\n Content-Length: 5\r\n", .foldedLine),
        .put("obs-fold by tab", "X-A: b\r\n\tc\r\n", .foldedLine),
        .put("space before colon", "Content-Length : 1\r\n", .spaceBeforeColon, body: "x"),
        .put("tab before colon", "Transfer-Encoding\t: chunked\r\n", .spaceBeforeColon),
        .put("empty header name", ": v\r\n", .emptyFieldName),
        .put("no colon", "Content-Length\r\n", .missingColon),
        .put("space in name", "Content Length: 1\r\n", .spaceBeforeColon),
        .put("brace in name", "X{y}: 1\r\n", .fieldNameByte),
        .put("NUL in name", "X\u{00}: 1\r\n", .fieldNameByte),
        .put("UTF-8 in name", "Ｘ: 1\r\n", .fieldNameByte),
        .put("NUL in value", "X: a\u{00}b\r\n", .fieldValueByte),
        .put("control in long value", "X: aaaaaaaaaaaaaaaaaaaaaaaaaaa\u{01}\r\n", .fieldValueByte),
        .put("DEL in value", "X: aaaaaaaaaaaaaaaaaaa\u{7F}aaaaaaaaa\r\n", .fieldValueByte),
        .put("bare CR in value", "X: a\rContent-Length: 5\r\n", .bareCarriageReturn),
        .put("bare CR before CRLF", "X: a\r\r\n", .bareCarriageReturn),
        .put("bare CR in name", "X\rY: a\r\n", .bareCarriageReturn),
        .put("bare LF after value", "X: a\nContent-Length: 5\r\n", .bareLineFeed),
        .put("bare LF ends head", "X: a\r\n\nGET / HTTP/1.1\r\n", .bareLineFeed),
        .init("bare LF after request line", "GET /a HTTP/1.1\nHost: h\r\n\r\n", .bareLineFeed),
        .init("bare CR in request line", "GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n", .bareCarriageReturn),
        .init("first header folded", "GET /a HTTP/1.1\r\n Host: h\r\n\r\n", .foldedLine),
        .init("no Host", "GET /a HTTP/1.1\r\n\r\n", .hostMissing),
        .init("no Host in 1.0", "GET /a HTTP/1.0\r\n\r\n", .hostMissing),
        .init("two Hosts", "GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", .hostRepeated),
        .init("empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", .hostMalformed),
        .init("Host list", "GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostMalformed),
        .init("Host with user", "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", .hostMalformed),
        .init("Host with path", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostMalformed),
        .init("leading CRLF", "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", .firstByte),
        .init("leading space", " GET /a HTTP/1.1\r\nHost: h\r\n\r\n", .firstByte),
        .init("two spaces", "GET  /a HTTP/1.1\r\nHost: h\r\n\r\n", .startLine),
        .init("two spaces before version", "GET /a  HTTP/1.1\r\nHost: h\r\n\r\n", .startLine),
        .init("tab for space", "GET\t/a HTTP/1.1\r\nHost: h\r\n\r\n", .startLine),
        .init("space after version", "GET /a HTTP/1.1 \r\nHost: h\r\n\r\n", .startLine),
        .init("no target", "GET\r\nHost: h\r\n\r\n", .startLine),
        .init("lower-case version", "GET /a http/1.1\r\nHost: h\r\n\r\n", .startLine),
        .init("version with letters", "GET /a HTTP/1.1x\r\nHost: h\r\n\r\n", .startLine),
        .init(
            "repeated Content-Type", "GET /a HTTP/1.1\r\nHost: h\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n",
            .fieldRepeated),
        .init(
            "chunked in 1.0", "PUT /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInOneZero),
        .init("GET with length", "GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", .bodyWithoutMeaning),
        .init(
            "DELETE with chunks", "DELETE /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .bodyWithoutMeaning),
        .init("TLS on a plain port", "\u{16}\u{03}\u{01}", .firstByte),
    ]

    static func chunks(_ name: String, _ body: String, _ fault: HTTPFramingFault) -> HostileRequest {
        .put(name, "Transfer-Encoding: chunked\r\n", fault, body: body)
    }

    static let chunking: [HostileRequest] = [
        chunks("chunk extension", "1;a=b\r\nx\r\n0\r\n\r\n", .chunkExtension),
        chunks("chunk extension on the last", "0;a\r\n\r\n", .chunkExtension),
        chunks("extension with bare LF", "1;a\nx\r\n0\r\n\r\n", .chunkExtension),
        chunks("space after size", "1 \r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("space before size", " 1\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size with 0x", "0x1\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size with plus", "+1\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size negative", "-1\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size empty", "\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size of nine digits", "000000001\r\nx\r\n0\r\n\r\n", .chunkSize),
        chunks("size overflows", "ffffffffffffffff\r\n", .chunkSize),
        chunks("bare LF after size", "1\nx\r\n0\r\n\r\n", .bareLineFeed),
        chunks("bare CR after size", "1\rx", .bareCarriageReturn),
        chunks("data longer than size", "1\r\nxy\r\n0\r\n\r\n", .chunkEnd),
        chunks("LF after data", "1\r\nx\n0\r\n\r\n", .chunkEnd),
        chunks("CR after data", "1\r\nx\r0\r\n\r\n", .chunkEnd),
        chunks("trailer", "0\r\nContent-Length: 5\r\n\r\n", .trailers),
        chunks("bare LF at the end", "0\r\n\n", .bareLineFeed),
        chunks("bare CR at the end", "0\r\n\rX", .bareCarriageReturn),
    ]

    @Test("AC-21 each known way to smuggle meets its exact refusal", arguments: framing + chunking)
    func refuses(_ hostile: HostileRequest) {
        let next = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
        let reading = Reading(hostile.bytes + next)
        #expect(reading.refusal == hostile.refusal)
        #expect(reading.requests.isEmpty, "nothing after the fault is read as a request")
    }

    @Test("AC-21 the same requests, well formed, are read")
    func control() {
        let length = Reading("PUT /a HTTP/1.1\r\nHost: h\r\nX-A: b\tc \u{E9}\r\nContent-Length: 1\r\n\r\nx")
        #expect(length.requests.map(\.body) == [[0x78]])
        let chunked = Reading(
            "PUT /a HTTP/1.1\r\nhost: h:8448\r\ntransfer-encoding:\tChunked \r\n\r\n1\r\nx\r\n00A\r\n0123456789\r\n0\r\n\r\n"
        )
        #expect(chunked.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["x0123456789"])
        #expect(length.refusal == nil && chunked.refusal == nil)
    }

    @Test("AC-22 Upgrade is no upgrade, CONNECT, HTTP/0.9, other versions and expectations are refused")
    func unsupported() {
        let table: [(String, HTTPRefusal)] = [
            ("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", .connectMethod),
            ("GET /\r\n", .versionMissing),
            ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", .versionUnsupported),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported),
            ("GET / HTTP/1.2\r\nHost: h\r\n\r\n", .versionUnsupported),
            ("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\nx", .expectation),
            (
                "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n",
                .framing(.fieldRepeated)
            ),
        ]
        for (bytes, refusal) in table {
            #expect(Reading(bytes).refusal == refusal, "\(bytes)")
            if refusal != .framing(.fieldRepeated) { #expect(refusal.family == .unsupported) }
        }
        let upgrade = Reading(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(upgrade.requests.map(\.isKeepAlive) == [false] && upgrade.refusal == nil)
        let oneZero = Reading("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n")
        #expect(oneZero.requests.map(\.isKeepAlive) == [false])
    }

    @Test("AC-24 targets in another form than origin form are refused as targets")
    func targetForms() {
        for target in [
            "http://h/a", "https://h/a", "*", "a", "//h/a#f", "/a#", "h:443", "/a\u{E9}", "/a\u{7F}", "/a\tb", "?q",
        ] {
            let refusal = Reading("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n").refusal
            #expect(refusal == .targetForm, "\(target)")
            #expect(refusal?.status == 400)
        }
        #expect(Reading("GET /_matrix/a%2Fb?x=%21 HTTP/1.1\r\nHost: h\r\n\r\n").requests.count == 1)
    }

    @Test("AC-27 verbs other than the known upper-case ones get 405")
    func verbs() {
        for verb in ["get", "Get", "HEAD", "TRACE", "GETT", "GE", "FOO", "PROPFIND", "M-SEARCH"] {
            let refusal = Reading("\(verb) / HTTP/1.1\r\nHost: h\r\n\r\n").refusal
            #expect(refusal == .methodNotAllowed, "\(verb)")
            #expect(refusal?.status == 405)
        }
        for method in HTTPMethod.allCases {
            #expect(Reading("\(method.text) / HTTP/1.1\r\nHost: h\r\n\r\n").requests.map(\.method) == [method])
        }
        let override = "GET / HTTP/1.1\r\nHost: h\r\nX-HTTP-Method-Override: PUT\r\n\r\n"
        #expect(Reading(override).requests.map(\.method) == [.get])
    }

    @Test("AC-30 more than 64 headers, 16 KiB of head or 4 KiB of target are refused, the limit itself is not")
    func limits() {
        func head(fields: Int) -> String {
            "GET / HTTP/1.1\r\nHost: h\r\n"
                + String(repeating: "X: y\r\n", count: fields - 1) + "\r\n"
        }
        #expect(Reading(head(fields: 64)).requests.count == 1)
        #expect(Reading(head(fields: 65)).refusal == .tooManyFields)
        #expect(Reading(head(fields: 100_000)).refusal == .tooManyFields)

        func head(bytes: Int) -> String {
            let rest = "GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n"
            return "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "y", count: bytes - rest.utf8.count))\r\n\r\n"
        }
        #expect(Reading(head(bytes: 16_384)).requests.count == 1)
        #expect(Reading(head(bytes: 16_385)).refusal == .headTooLarge)
        #expect(Reading(String(head(bytes: 1_000_000).dropLast(4))).refusal == .headTooLarge)

        func target(_ bytes: Int) -> String {
            "OPTIONS /\(String(repeating: "a", count: bytes - 1)) HTTP/1.1\r\nHost: h\r\n\r\n"
        }
        #expect(Reading(target(4096)).requests.count == 1)
        #expect(Reading(target(4097)).refusal == .targetTooLong)
        #expect(Reading(target(1_048_576)).refusal == .targetTooLong)
        #expect(Reading(String(repeating: "a", count: 5000)).refusal == .targetTooLong)
        #expect(HTTPRefusal.targetTooLong.status == 414 && HTTPRefusal.headTooLarge.status == 431)
        #expect(HTTPRefusal.tooManyFields.status == 431 && HTTPRefusal.tooManyFields.family == .limits)
    }

    @Test("AC-30 a body longer than its plan is refused, by length before it comes and by chunks as it comes")
    func bodyLimit() {
        let length = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"
        #expect(Reading([ArraySlice(length.utf8)], limit: 10).refusal == .bodyTooLarge)
        #expect(Reading([ArraySlice((length + "01234567890").utf8)], limit: 11).requests.count == 1)
        let chunked = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n"
        #expect(Reading([ArraySlice(chunked.utf8)], limit: 10).refusal == .bodyTooLarge)
        #expect(Reading([ArraySlice((chunked + "67890\r\n0\r\n\r\n").utf8)], limit: 11).requests.count == 1)
    }

    @Test("AC-33 requests with a content encoding are refused with 415")
    func compression() {
        for encoding in ["gzip", "deflate", "br", "identity, gzip", "", "x-gzip"] {
            let bytes = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(encoding)\r\nContent-Length: 1\r\n\r\nx"
            let refusal = Reading(bytes).refusal
            #expect(refusal == .contentEncoding, "\(encoding)")
            #expect(refusal?.status == 415 && refusal?.family == .compression)
        }
        let plain = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Encoding: Identity\r\nContent-Length: 1\r\n\r\nx"
        #expect(Reading(plain).requests.count == 1)
    }

    @Test("AC-40 only application/json, bare or in UTF-8, is JSON")
    func contentTypes() {
        func isJSON(_ type: String) -> Bool {
            let bytes = Array(type.utf8)
            return HTTPContentType.isJSON(bytes.span)
        }
        for type in [
            "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
            "application/json ; charset=\"utf-8\"",
        ] { #expect(isJSON(type), "\(type)") }
        for type in [
            "", "multipart/form-data", "application/json; charset=utf-16", "application/json, text/html",
            "application/json;", "application/jsonx", "application/json x", "text/json", "application/json; charset=",
            "application/json; charset=utf-8; charset=utf-16", "application/x-www-form-urlencoded",
        ] { #expect(!isJSON(type), "\(type)") }
        #expect(HTTPRefusal.contentType.status == 415 && HTTPRefusal.contentType.family == .contentType)
    }
}
