// SPDX-License-Identifier: Apache-2.0

/// What the signature of a request covers. Specification, Server-Server API, "Request Authentication".
package enum SignedRequest {
    /// The canonical JSON of the object that is signed, in one allocation.
    ///
    /// - Parameters:
    ///   - method: as sent.
    ///   - uri: path and query exactly as in the request line.
    ///   - content: the body of a request that has one; absent otherwise, which is not the same as `{}`.
    package static func message(
        method: Span<UInt8>, uri: Span<UInt8>, origin: ServerName, destination: ServerName, content: JSONDocument?
    ) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(
            80 + method.count + uri.count + origin.text.utf8.count + destination.text.utf8.count
                + (content?.bytes.count ?? 0))
        if let content {
            append("{\"content\":", to: &message)
            content.appendCanonical(content.root, to: &message)
            append(",\"destination\":\"", to: &message)
        } else {
            append("{\"destination\":\"", to: &message)
        }
        // Server names have no byte that JSON escapes.
        message += destination.text.utf8
        append("\",\"method\":", to: &message)
        JSONText.appendString(method, to: &message)
        append(",\"origin\":\"", to: &message)
        message += origin.text.utf8
        append("\",\"uri\":", to: &message)
        JSONText.appendString(uri, to: &message)
        message.append(UInt8(ascii: "}"))
        return message
    }

    /// Signs a request in the name of `origin` and gives its `Authorization` field.
    package static func header(
        method: Span<UInt8>, uri: Span<UInt8>, origin: ServerName, destination: ServerName, content: JSONDocument?,
        by key: SigningKey
    ) -> XMatrixHeader {
        let message = message(method: method, uri: uri, origin: origin, destination: destination, content: content)
        return XMatrixHeader(
            origin: origin, destination: destination, key: key.keyID, signature: key.signature(of: message.span))
    }

    private static func append(_ text: StaticString, to output: inout [UInt8]) {
        unsafe output += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
