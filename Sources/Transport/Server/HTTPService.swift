// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What answers the requests of a connection. Called on the connection's event loop only, one request at a time for
/// each connection; one service may serve all connections of a loop.
package protocol HTTPService: AnyObject {
    /// A head has arrived. The answer may be given at once, later, or after the body.
    func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan

    /// The whole body has arrived, also an empty one. Called once for each head whose plan was `.collect`, unless the
    /// answer had begun before.
    func body(_ body: ByteBuffer, _ exchange: HTTPExchange)

    /// The request was refused by the reader or by the clock. Called once, also for requests whose head never became
    /// whole; `head` was or was not called before. With `.byConnection` the standard answer is sent at once.
    func refused(_ refusal: HTTPRefusal, _ exchange: HTTPExchange) -> RefusalAnswer

    /// The peer went away, or the connection was cut, before the answer was complete.
    func closed(_ exchange: HTTPExchange)

    /// TLS with this peer failed; the connection closes. No exchange exists, or `closed` follows.
    func handshakeFailed(_ failure: TLSFailure, _ connection: HTTPConnectionFacts)
}

extension HTTPService {
    package func refused(_ refusal: HTTPRefusal, _ exchange: HTTPExchange) -> RefusalAnswer { .byConnection }
    package func closed(_ exchange: HTTPExchange) {}
    package func handshakeFailed(_ failure: TLSFailure, _ connection: HTTPConnectionFacts) {}
}

/// What to do with the body that follows a head.
package enum BodyPlan: Hashable, Sendable {
    /// Gather it whole, at most `limit` bytes; a longer one is refused with 413. Sends `100 Continue` where asked.
    case collect(limit: Int)
    /// Read and drop it, so that the connection survives the answer; above `limit` bytes the connection closes instead.
    case discard(limit: Int)
}

/// Who answers a refused request. The connection closes after the answer in both cases.
package enum RefusalAnswer: Hashable, Sendable {
    case byConnection
    /// The service will call `respond`, for instance once the record of the refusal is durable.
    case byService
}
