// SPDX-License-Identifier: Apache-2.0

/// The beginning of a media answer: a part of JSON, then the head of the part that is the file.
///
/// Source: Server-Server API, "Content Repository"; RFC 2046, section 5.1.
struct MultipartHead: Equatable {
    /// `Content-Type` of the file; `nil` where it has none, or several.
    let type: String?
    /// Whether there is a `Location` in place of the file.
    let isElsewhere: Bool
    /// Where the file begins.
    let offset: Int

    enum Reading: Equatable {
        case needsMore
        case unreadable
        case read(MultipartHead)
    }

    /// More than this is not read in search of the file.
    static let maxBytes = 16_384

    /// - Parameter bytes: the answer as far as it has come.
    static func read(_ bytes: [UInt8], boundary: [UInt8]) -> Reading {
        let more: Reading = bytes.count > maxBytes ? .unreadable : .needsMore
        let delimiter = [0x2D, 0x2D] + boundary
        guard bytes.count >= delimiter.count + 2 else { return more }
        guard bytes.starts(with: delimiter + [0x0D, 0x0A]) else { return .unreadable }
        guard let next = find([0x0D, 0x0A] + delimiter + [0x0D, 0x0A], in: bytes, from: delimiter.count) else {
            return more
        }
        let start = next + delimiter.count + 2
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A], in: bytes, from: start), end <= maxBytes else { return more }
        var types: [String] = []
        var isElsewhere = false
        var at = start + 2
        while at < end {
            let lineEnd = find([0x0D, 0x0A], in: bytes, from: at) ?? end
            let line = bytes[at..<min(lineEnd, end)]
            at = lineEnd + 2
            guard let colon = line.firstIndex(of: 0x3A) else { return .unreadable }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            if name == "content-type" { types.append(String(decoding: value, as: UTF8.self)) }
            if name == "location" { isElsewhere = true }
        }
        return .read(
            MultipartHead(type: types.count == 1 ? types[0] : nil, isElsewhere: isElsewhere, offset: end + 4))
    }

    /// The `boundary` of a `multipart/mixed`; `nil` for anything else. Source: RFC 2046, section 5.1.1: 1 to 70 characters.
    static func boundary(of contentType: String) -> [UInt8]? {
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " || $0 == "\t" })
        }
        guard let kind = parts.first, kind.lowercased().filter({ $0 != " " && $0 != "\t" }) == "multipart/mixed" else {
            return nil
        }
        let values = parts.dropFirst().filter { $0.lowercased().hasPrefix("boundary=") }.map { $0.dropFirst(9) }
        guard values.count == 1 else { return nil }
        var value = Array(values[0].utf8)
        if value.count >= 2, value.first == 0x22, value.last == 0x22 { value = Array(value.dropFirst().dropLast()) }
        guard (1...70).contains(value.count), !value.contains(0x22) else { return nil }
        return value
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard start >= 0, bytes.count >= start + needle.count else { return nil }
        var at = start
        while at + needle.count <= bytes.count {
            if bytes[at] == needle[0], bytes[at..<(at + needle.count)].elementsEqual(needle) { return at }
            at += 1
        }
        return nil
    }
}
