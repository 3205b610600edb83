// SPDX-License-Identifier: Apache-2.0

/// The header fields this reader knows by name; every other field is `other`.
package enum HTTPFieldName: UInt8, CaseIterable, Sendable {
    case other
    case accept, authorization, connection, contentEncoding, contentLength, contentType, date, expect, host
    case transferEncoding, upgrade, userAgent
    case location, retryAfter, contentDisposition, cacheControl, age, expires

    /// The name as it is written on the wire by us.
    package var text: StaticString {
        switch self {
        case .other: ""
        case .accept: "Accept"
        case .authorization: "Authorization"
        case .connection: "Connection"
        case .contentEncoding: "Content-Encoding"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .date: "Date"
        case .expect: "Expect"
        case .host: "Host"
        case .transferEncoding: "Transfer-Encoding"
        case .upgrade: "Upgrade"
        case .userAgent: "User-Agent"
        case .location: "Location"
        case .retryAfter: "Retry-After"
        case .contentDisposition: "Content-Disposition"
        case .cacheControl: "Cache-Control"
        case .age: "Age"
        case .expires: "Expires"
        }
    }

    /// The field named by `range`, which holds token characters only.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        func matches(_ name: Self, _ text: StaticString, _ bytes: Span<UInt8>) -> Self? {
            HTTPScanner.spells(text, in: bytes, range) ? name : nil
        }
        let found: Self? =
            switch range.count {
            case 3: matches(.age, "age", bytes)
            case 4: matches(.host, "host", bytes) ?? matches(.date, "date", bytes)
            case 6: matches(.accept, "accept", bytes) ?? matches(.expect, "expect", bytes)
            case 7: matches(.upgrade, "upgrade", bytes) ?? matches(.expires, "expires", bytes)
            case 8: matches(.location, "location", bytes)
            case 10: matches(.userAgent, "user-agent", bytes) ?? matches(.connection, "connection", bytes)
            case 11: matches(.retryAfter, "retry-after", bytes)
            case 12: matches(.contentType, "content-type", bytes)
            case 13: matches(.authorization, "authorization", bytes) ?? matches(.cacheControl, "cache-control", bytes)
            case 14: matches(.contentLength, "content-length", bytes)
            case 16: matches(.contentEncoding, "content-encoding", bytes)
            case 17: matches(.transferEncoding, "transfer-encoding", bytes)
            case 19: matches(.contentDisposition, "content-disposition", bytes)
            default: nil
            }
        self = found ?? .other
    }
}
