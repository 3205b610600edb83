// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Transport

@Suite("The head that is passed on is written anew from an allow-list")
struct UpstreamHeadTests {
    private func head(_ text: String) throws -> HTTPRequestHead {
        var machine = HTTPRequestMachine()
        var buffer = ByteBuffer(string: text)
        guard case .head(let head) = machine.next(&buffer) else { throw HTTPRefusal.framing(.startLine) }
        return head
    }

    @Test("AC-26 headers that speak for the gateway, and hop-by-hop tricks, do not pass and are counted")
    func drops() throws {
        let head = try head(
            "PUT /_matrix/a?b=%21 HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=x\r\n"
                + "X-Real-IP: 127.0.0.1\r\nX-Original-URL: /admin\r\nX-HTTP-Method-Override: DELETE\r\n"
                + "X-Entente-Peer: trusted\r\nCookie: a\r\nTE: trailers\r\nConnection: Authorization, Content-Type\r\n"
                + "authorization: X-Matrix origin=a\r\nAuthorization: X-Matrix origin=b\r\n"
                + "Content-Type: application/json\r\nAccept: */*\r\nDate: Sat\r\nUser-Agent: Synapse\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n")
        var out = ByteBuffer()
        var own = HTTPFieldLines()
        own.append("X-Forwarded-For", "192.0.2.7")
        let dropped = HTTPUpstreamHead.write(head, bodyLength: 5, lines: own, to: &out)
        #expect(
            String(buffer: out)
                == "PUT /_matrix/a?b=%21 HTTP/1.1\r\nHost: h\r\nAuthorization: X-Matrix origin=a\r\n"
                + "Authorization: X-Matrix origin=b\r\nContent-Type: application/json\r\nAccept: */*\r\nDate: Sat\r\n"
                + "User-Agent: Synapse\r\nContent-Length: 5\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n")
        #expect(dropped == 8)
    }

    @Test("AC-26 control: an ordinary request of a homeserver loses nothing")
    func control() throws {
        let head = try head(
            "GET /_matrix/key/v2/server HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Synapse/1.140\r\nAccept: */*\r\n\r\n"
        )
        var out = ByteBuffer()
        #expect(HTTPUpstreamHead.write(head, bodyLength: nil, host: "hs.internal", to: &out) == 0)
        #expect(
            String(buffer: out)
                == "GET /_matrix/key/v2/server HTTP/1.1\r\nHost: hs.internal\r\nUser-Agent: Synapse/1.140\r\n"
                + "Accept: */*\r\n\r\n")
    }

    @Test("AC-26 a long User-Agent is cut to 128 bytes, a second one is dropped")
    func userAgent() throws {
        let long = String(repeating: "u", count: 300)
        let head = try head("GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: \(long)\r\nUser-Agent: other\r\n\r\n")
        var out = ByteBuffer()
        #expect(HTTPUpstreamHead.write(head, bodyLength: nil, to: &out) == 1)
        #expect(
            String(buffer: out)
                == "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: \(String(repeating: "u", count: 128))\r\n\r\n")
    }

    @Test("AC-21 the head passed on has exactly one framing, whichever came in")
    func oneFraming() throws {
        for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            let head = try head("PUT / HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n")
            var out = ByteBuffer()
            HTTPUpstreamHead.write(head, bodyLength: 5, to: &out)
            #expect(String(buffer: out) == "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
        }
    }

    @Test("the parts of a head are found without regard to case")
    func parts() throws {
        let head = try head(
            "PUT /t HTTP/1.1\r\nHOST: a.example:8448\r\nAUTHORIZATION: one\r\nauthorization:two\r\nCONTENT-type: x/y\r\n"
                + "user-agent:\r\naccept: q\r\nDATE: now\r\ncontent-length: 7\r\n\r\n")
        #expect(head.text(head.host) == "a.example:8448" && head.text(head.target) == "/t")
        #expect(head.authorization.map { head.text($0) } == ["one", "two"] && head.count(.authorization) == 2)
        #expect(head.contentType.map { head.text($0) } == "x/y" && head.userAgent.map { head.text($0) } == "")
        #expect(head.accept.map { head.text($0) } == "q" && head.date.map { head.text($0) } == "now")
        #expect(head.contentLength == 7 && !head.hasJSONContentType)
    }

    @Test("every known field name is found by its own text, in any case")
    func names() {
        for name in HTTPFieldName.allCases where name != .other {
            for text in ["\(name.text)", "\(name.text)".lowercased(), "\(name.text)".uppercased()] {
                let bytes = Array(text.utf8)
                #expect(HTTPFieldName(bytes.span, 0..<bytes.count) == name)
            }
        }
    }

    @Test("the token and control tables are those of RFC 9110")
    func tables() {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(HTTPScanner.isToken(byte) == token.contains(byte))
            let isControl = byte != 9 && (byte < 32 || byte == 127)
            for length in [1, 8, 9, 20] {
                var bytes = [UInt8](repeating: 0x61, count: length)
                bytes[length / 2] = byte
                let found = HTTPScanner.firstControl(in: bytes.span, 0..<length)
                #expect(found == (isControl ? length / 2 : nil))
            }
        }
    }

    @Test("every refusal has a text of its own and a status of an error")
    func reasons() {
        let faults = HTTPFramingFault.allCases.map { HTTPRefusal.framing($0) }
        let others: [HTTPRefusal] = [
            .targetForm, .bodyWithoutMeaning, .methodNotAllowed, .connectMethod, .versionMissing, .versionUnsupported,
            .expectation, .contentEncoding, .contentType, .targetTooLong, .headTooLarge, .tooManyFields, .bodyTooLarge,
            .slowHead, .slowBody, .slowRequest, .slowReader,
        ]
        let all = faults + others
        #expect(Set(all.map(\.reason)).count == all.count)
        #expect(all.allSatisfy { (400...599).contains($0.status) && HTTPStatusLine.text($0.status) != nil })
    }
}
