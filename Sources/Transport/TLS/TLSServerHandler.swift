// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The server's side of TLS on one connection.
package final class TLSServerHandler: TLSHandler {
    /// By which roots this connection's client certificate was judged: a reload changes them for later connections only.
    package let clientTrust: String?

    /// - Parameters:
    ///   - deadlines: shared by the connections of the event loop.
    ///   - handshake: told the facts, or why there are none.
    /// - Throws: only when memory runs out.
    package init(
        _ context: TLSServerContext, deadlines: DeadlineQueue = DeadlineQueue(),
        handshake: EventLoopPromise<TLSConnectionFacts>? = nil
    ) throws(OpenSSLFault) {
        clientTrust = context.clientTrust
        super.init(
            try context.connection(), timeouts: context.timeouts, deadlines: deadlines, handshakePromise: handshake)
    }

    /// With the context the box holds now.
    package convenience init(_ box: TLSServerContextBox, deadlines: DeadlineQueue = DeadlineQueue())
        throws(OpenSSLFault)
    {
        try self.init(box.current, deadlines: deadlines)
    }
}
