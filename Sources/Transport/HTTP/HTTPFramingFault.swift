// SPDX-License-Identifier: Apache-2.0

/// How a message's bytes break the framing rules of HTTP/1.1 (RFC 9112), or the stricter ones of this reader.
///
/// The raw value is the short text of records and diagnostics; it does not change between releases.
package enum HTTPFramingFault: String, Error, CaseIterable, Hashable, Sendable {
    case firstByte = "not an HTTP message"
    case startLine = "start line malformed"
    case bareLineFeed = "line feed without carriage return"
    case bareCarriageReturn = "carriage return without line feed"
    case foldedLine = "folded header line"
    case missingColon = "header line without colon"
    case emptyFieldName = "empty header name"
    case spaceBeforeColon = "white space before the colon"
    case fieldNameByte = "illegal byte in header name"
    case fieldValueByte = "control character in header value"
    case hostMissing = "host missing"
    case hostRepeated = "host repeated"
    case hostMalformed = "host malformed"
    case fieldRepeated = "single header repeated"
    case contentLengthMalformed = "content length malformed"
    case contentLengthRepeated = "content length repeated"
    case contentLengthOverflow = "content length overflows"
    case transferEncodingMalformed = "transfer encoding other than chunked"
    case transferEncodingRepeated = "transfer encoding repeated"
    case transferEncodingInOneZero = "transfer encoding in HTTP/1.0"
    case twoFramings = "content length and transfer encoding"
    case chunkSize = "chunk size malformed"
    case chunkExtension = "chunk extension"
    case chunkEnd = "chunk not followed by CRLF"
    case trailers = "trailers"
}
