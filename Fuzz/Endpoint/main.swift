// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// A method, a space, a request target. What is matched has the template's very segments.
fuzz { bytes in
    let lines = bytes.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
    guard lines.count == 2 else { return }
    let method = lines[0]
    let raw = lines[1]
    guard let target = try? RequestTarget(parsing: raw.span) else { return }
    check(target.bytes == raw, "the raw bytes are kept")
    check(!target.bytes.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: ";") }, "what is taken is plain")
    var path: [UInt8] = []
    for index in 0..<min(target.segmentCount, RequestTarget.maxSegments) {
        path.append(UInt8(ascii: "/"))
        path += target.bytes[target.segment(index)]
        let text = target.decodedSegment(index)
        check(!text.isEmpty && text != "." && text != "..", "a segment is a name")
        check(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a decoded segment has no control characters")
    }
    if target.segmentCount <= RequestTarget.maxSegments {
        if target.hasTrailingSlash { path.append(UInt8(ascii: "/")) }
        check(path == Array(target.bytes[..<target.pathEnd]), "the segments are the path")
    }
    for value in target.queryValues("v") + [target.queryValue("event_id")].compactMap(\.self) {
        check(value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a decoded value has no control characters")
    }
    guard case .endpoint(let endpoint, let parameters) = Endpoints.match(method: method.span, target: target) else {
        return
    }
    check(Array(endpoint.method.rawValue.utf8) == method, "the verb is the endpoint's")
    check(!target.hasTrailingSlash || endpoint.allowsTrailingSlash, "the trailing slash is allowed")
    let fits = endpoint.pathTemplates.contains { template in
        let segments = template.split(separator: "/")
        return segments.count == target.segmentCount
            && segments.enumerated().allSatisfy { index, segment in
                segment.first == "{" || segment.utf8.elementsEqual(target.bytes[target.segment(index)])
            }
    }
    check(fits, "the fixed segments are the template's, byte by byte")
    guard let origin = try? ServerName("alpha.example") else { return }
    _ = try? RequestFacts(endpoint, parameters, target, body: nil, origin: origin, destination: origin)
}
