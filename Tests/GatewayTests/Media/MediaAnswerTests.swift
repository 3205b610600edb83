// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import TestKit
import Testing

@testable import Gateway

@Suite("Files in answers: what they are, before they pass")
struct MediaAnswerTests {
    static func multipart(_ head: String, _ file: String, boundary: String = "b1") -> [UInt8] {
        Array(
            "--\(boundary)\r\nContent-Type: application/json\r\n\r\n{}\r\n--\(boundary)\r\n\(head)\r\n\r\n\(file)\r\n--\(boundary)--\r\n"
                .utf8)
    }

    private static func read(_ bytes: [UInt8], _ boundary: String = "b1") -> MultipartHead.Reading {
        MultipartHead.read(bytes, boundary: Array(boundary.utf8))
    }

    @Test("answers that are no JSON and a file are not read as such")
    func hostile() throws {
        let good = Self.multipart("Content-Type: image/png", "x")
        for length in 0..<good.count {
            // Cut anywhere before the file it is not known, and never more than what is there.
            switch Self.read(Array(good.prefix(length))) {
            case .needsMore: break
            case .read(let head): #expect(head.offset <= length)
            case .unreadable: Issue.record("cut at \(length)")
            }
        }
        #expect(Self.read(Array("{}".utf8)) == .needsMore)
        #expect(Self.read(Array("--b2\r\n\r\n{}".utf8)) == .unreadable)
        #expect(Self.read(Self.multipart("no colon", "x")) == .unreadable)
        #expect(Self.read([UInt8](repeating: 0x2D, count: 20_000)) == .unreadable)
        #expect(Self.read(Array("--b1\r\n".utf8) + [UInt8](repeating: 0x61, count: 20_000)) == .unreadable)
        let many = String(repeating: "X: y\r\n", count: 4000)
        #expect(Self.read(Self.multipart(many + "Content-Type: image/png", "x")) == .unreadable)
        for text in [
            "multipart/mixed", "multipart/mixed; boundary=", "multipart/form-data; boundary=b", "image/png",
            "multipart/mixed; boundary=a; boundary=b", "multipart/mixed; boundary=\"", "",
            "multipart/mixed; boundary=" + String(repeating: "b", count: 71),
        ] {
            #expect(MultipartHead.boundary(of: text) == nil, "\(text)")
        }
    }

    @Test("reads the file's type and place; two types are none; a place elsewhere is told")
    func reading() throws {
        guard case .read(let head) = Self.read(Self.multipart("content-TYPE:  image/png\r\nX: y", "file")) else {
            Issue.record("not read")
            return
        }
        #expect(head.type == "image/png" && !head.isElsewhere)
        #expect(
            Array(Self.multipart("content-TYPE:  image/png\r\nX: y", "file")[head.offset...].prefix(4))
                == Array("file".utf8))
        guard
            case .read(let twice) = Self.read(Self.multipart("Content-Type: image/png\r\nContent-Type: text/html", "")),
            case .read(let elsewhere) = Self.read(Self.multipart("Location: https://cdn.example/x", ""))
        else {
            Issue.record("not read")
            return
        }
        #expect(twice.type == nil && elsewhere.isElsewhere)
        #expect(MultipartHead.boundary(of: "Multipart/Mixed ; Boundary=\"b 1\"") == Array("b 1".utf8))
        #expect(MultipartHead.boundary(of: "multipart/mixed;charset=utf-8;boundary=gc0p4Jq0M2Yt08jU534c0p") != nil)
    }
}
