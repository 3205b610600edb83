// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore

/// Notes of a file that passes what it is and how long, for the record.
struct PassedFile {
    private enum Form {
        case known
        /// The file's own head comes in the body.
        case multipart(boundary: [UInt8])
    }

    private var form: Form
    private var type: String?
    private var bytes = 0
    /// The beginning of the answer, until the file's head was read.
    private var start: [UInt8] = []

    /// - Parameter contentType: of the answer.
    init(_ kind: Endpoint.AnswerKind, contentType: String?) {
        if kind == .multipartMedia, let boundary = contentType.flatMap(MultipartHead.boundary) {
            form = .multipart(boundary: boundary)
        } else {
            form = .known
            type = kind == .file ? contentType.flatMap(Self.essence) : nil
        }
    }

    var media: PassedMedia { PassedMedia(type: type, bytes: bytes) }

    mutating func pass(_ part: ByteBuffer) {
        bytes += part.readableBytes
        guard case .multipart(let boundary) = form else { return }
        start += part.readableBytesView.prefix(MultipartHead.maxBytes + 1 - start.count)
        switch MultipartHead.read(start, boundary: boundary) {
        case .needsMore: return
        case .unreadable: break
        case .read(let head): type = head.type.flatMap(Self.essence)
        }
        form = .known
        start = []
    }

    /// `type/subtype` of a content type, in lower case; `nil` if it is none, or of more than 100 bytes.
    /// Source: RFC 9110, section 8.3.1; RFC 6838, section 4.2.
    static func essence(_ contentType: String) -> String? {
        let text = contentType.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.count <= 100, parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNameByte) }) else {
            return nil
        }
        return String(decoding: text, as: UTF8.self).lowercased()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"),
            UInt8(ascii: "&"), UInt8(ascii: "-"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
