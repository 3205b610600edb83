// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The server's side of TLS on one connection.
package final class TLSServerHandler: TLSHandler {
    /// - Parameter handshake: told the facts, or why there are none.
    /// - Throws: only when memory runs out.
    package init(_ context: TLSServerContext, handshake: EventLoopPromise<TLSConnectionFacts>? = nil)
        throws(OpenSSLFault)
    {
        super.init(try context.connection(), timeouts: context.timeouts, handshakePromise: handshake)
    }

    /// With the context the box holds now.
    package convenience init(_ box: TLSServerContextBox) throws(OpenSSLFault) { try self.init(box.current) }
}
