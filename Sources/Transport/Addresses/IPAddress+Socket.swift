// SPDX-License-Identifier: Apache-2.0

package import NIOCore

extension IPAddress {
    /// The address of a socket; `nil` for a Unix domain socket.
    package init?(_ socket: SocketAddress) {
        guard let text = socket.ipAddress else { return nil }
        self.init(text)
    }

    /// The socket address of this address and `port`; no name is looked up.
    package func socketAddress(port: UInt16) throws -> SocketAddress {
        try SocketAddress(ipAddress: description, port: Int(port))
    }
}
