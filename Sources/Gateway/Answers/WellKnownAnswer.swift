// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import NIOCore

/// `/.well-known/matrix/server`, served for a homeserver. Spec: Server-Server API, "GET /.well-known/matrix/server".
enum WellKnownAnswer {
    static func body(_ delegated: ServerName, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        // Server names hold no byte that JSON would escape.
        var body = allocator.buffer(capacity: 32 + delegated.text.utf8.count)
        body.writeStaticString(#"{"m.server":""#)
        body.writeString(delegated.text)
        body.writeStaticString(#""}"#)
        return body
    }
}
