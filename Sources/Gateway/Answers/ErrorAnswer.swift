// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Transport

/// The JSON error that a peer is given: errcode, a constant text, and a record number for servers that proved who they are.
///
/// Spec: Server-Server API, "API standards"; decision 5 says who is told the number.
enum ErrorAnswer {
    static func body(_ refusal: Refusal, record: UInt64?, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var body = allocator.buffer(capacity: 128)
        body.writeStaticString(#"{"errcode":""#)
        body.writeStaticString(refusal.errcode)
        body.writeStaticString(#"","error":""#)
        body.writeStaticString(text(refusal.status))
        if let record {
            body.writeStaticString(", record ")
            body.writeString(String(record))
        }
        body.writeStaticString("\"")
        if let milliseconds = refusal.retryAfterMilliseconds {
            body.writeStaticString(#","retry_after_ms":"#)
            body.writeString(String(milliseconds))
        }
        body.writeStaticString("}")
        return body
    }

    /// One text for each status: nothing in it tells one reason from another.
    private static func text(_ status: Int) -> StaticString {
        switch status {
        case 400: "the request is malformed"
        case 401: "the request is not authenticated"
        case 403: "not permitted by this server's federation policy"
        case 404: "unrecognised request"
        case 405: "method not allowed"
        case 413: "the request is too large"
        case 415: "the content type is not supported"
        case 421: "this server name is not served here"
        case 429: "too many requests"
        case 502: "the homeserver could not be reached"
        case 503: "temporarily unavailable"
        case 504: "the homeserver did not answer in time"
        default: "refused"
        }
    }
}
