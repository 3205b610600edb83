// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Gets the answer to one request, on the connection's event loop.
///
/// Collected: `answered` once. Streamed: `began`, `part`…, `ended`, but `answered` for a body whose length is known and small. Either may be cut short by `failed`, after which
/// nothing more comes. When `answered`, `ended` or `failed` is called the connection already knows whether it can take
/// another request.
package protocol HTTPResponseReceiver: AnyObject {
    func answered(_ head: HTTPResponseHead, _ body: ByteBuffer)
    func began(_ head: HTTPResponseHead)
    func part(_ bytes: ByteBuffer)
    func ended()
    func failed(_ error: HTTPClientError)
}

extension HTTPResponseReceiver {
    package func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) {}
    package func began(_ head: HTTPResponseHead) {}
    package func part(_ bytes: ByteBuffer) {}
    package func ended() {}
}

/// What the asker of one request is prepared to take.
package struct HTTPExpectation: Sendable {
    /// Longest body, in bytes.
    package var bodyLimit: Int
    /// Whether the body is delivered in parts as it comes, unless it is known to have at most `collectedBytes`.
    package var isStreamed: Bool
    /// A body this small costs less whole: one write to the peer instead of three.
    package static let collectedBytes = 65_536
    /// From sending to the end of a collected answer, or to the head of a streamed one; then between its parts.
    package var timeout: TimeAmount
    /// Whether a body may end with the connection (only where nothing depends on its completeness).
    package var mayEndWithConnection: Bool

    package init(bodyLimit: Int, timeout: TimeAmount, isStreamed: Bool = false, mayEndWithConnection: Bool = false) {
        self.bodyLimit = bodyLimit
        self.timeout = timeout
        self.isStreamed = isStreamed
        self.mayEndWithConnection = mayEndWithConnection
    }
}
