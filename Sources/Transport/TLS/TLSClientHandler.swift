// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The client's side of TLS on one connection.
package final class TLSClientHandler: TLSHandler {
    /// - Parameters:
    ///   - peer: what the server's certificate must cover; a DNS name is also sent as SNI.
    ///   - pins: keys one of which the server's own certificate (the leaf, not an authority) must have, besides leading
    ///     to a root; empty demands none.
    ///   - handshake: told the facts, or why there are none.
    /// - Throws: when `peer` is no host name or address.
    package init(
        _ context: TLSClientContext, peer: TLSPeerName, pins: Set<SPKIHash> = [],
        handshake: EventLoopPromise<TLSConnectionFacts>? = nil
    ) throws(OpenSSLFault) {
        super.init(
            try context.connection(to: peer, pins: pins), timeouts: context.timeouts, deadlines: DeadlineQueue(),
            handshakePromise: handshake)
    }
}
