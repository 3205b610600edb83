// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What is known of a connection beside its requests.
package struct HTTPConnectionFacts {
    package let remoteAddress: SocketAddress?
    package let localAddress: SocketAddress?
    /// What the TLS handshake agreed on; `nil` on plain TCP.
    package let tls: TLSConnectionFacts?
}
