// SPDX-License-Identifier: Apache-2.0

import Audit
import MatrixFederation
import NIOCore
import Testing

@testable import Gateway

@Suite("What a record says of a file")
struct PassedFileTests {
    @Test(
        "its type is two plain words in lower case, or it has none",
        arguments: [
            ("image/png", "image/png"), ("IMAGE/Png;charset=x", "image/png"), ("text/html ; x", "text/html"),
            ("application/vnd.oasis.opendocument.text+xml", "application/vnd.oasis.opendocument.text+xml"),
            ("", nil), ("image", nil), ("/png", nil), ("image/", nil), ("a/b/c", nil), ("image/\u{202E}gnp", nil),
            ("im age/png", nil),
            ("a/b\"", nil), ("<b>/x", nil), ("text/" + String(repeating: "x", count: 96), nil),
            ("text/" + String(repeating: "x", count: 95), "text/" + String(repeating: "x", count: 95)),
        ] as [(String, String?)])
    func type(contentType: String, type: String?) {
        #expect(PassedFile.essence(contentType) == type)
        #expect(PassedFile(.file, contentType: contentType).media.type == type)
    }

    @Test("its own head is found wherever the answer is split, and no further than a head may reach")
    func split() {
        let text = Array("--b\r\n\r\n{}\r\n--b\r\nContent-Type: audio/ogg\r\n\r\nsound\r\n--b--".utf8)
        for at in 0...text.count {
            var file = PassedFile(.multipartMedia, contentType: "multipart/mixed; boundary=b")
            file.pass(ByteBuffer(bytes: text.prefix(at)))
            file.pass(ByteBuffer(bytes: text.dropFirst(at)))
            #expect(file.media.type == "audio/ogg" && file.media.bytes == text.count)
        }
        var endless = PassedFile(.multipartMedia, contentType: "multipart/mixed; boundary=b")
        for _ in 0..<40 { endless.pass(ByteBuffer(bytes: Array("--b\r\n".utf8) + Array(repeating: 0x61, count: 1000))) }
        #expect(endless.media.type == nil && endless.media.bytes == 40_200)
    }
}
