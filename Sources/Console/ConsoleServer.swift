// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import Transport

/// Listens for the console, apart from all traffic of the gateway.
package enum ConsoleServer {
    package struct NotLoopback: Error, CustomStringConvertible {
        package let address: String
        package var description: String {
            "console: `\(address)` is no loopback address; the gateway does not start; "
                + "use 127.0.0.1 or [::1], or allow remote access to the console in the configuration"
        }
    }

    /// - Parameter allowsRemote: whether another address than loopback may be listened on; the pages have no log-in.
    package static func start(
        at address: SocketAddress, group: any EventLoopGroup, source: any StatusSource, metrics: MetricsRegistry,
        allowsRemote: Bool = false
    ) async throws -> HTTPServer {
        let host = address.ipAddress ?? ""
        guard allowsRemote || host == "::1" || host.hasPrefix("127.") else {
            throw NotLoopback(address: host)
        }
        var limits = HTTPServerLimits()
        limits.connections = 64
        limits.connectionsPerAddress = 64
        return try await HTTPServer.bind(to: address, group: group, limits: limits) { _ in
            ConsoleService(source, metrics, isLoopbackOnly: !allowsRemote)
        }
    }
}
