// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import NIOPosix
import Synchronization

/// A listening socket and its connections.
package final class HTTPServer: Sendable {
    /// Adds what stands between the socket and HTTP, that is TLS, to a new connection. Runs on its event loop.
    package typealias Preparation = @Sendable (any Channel) throws -> Void
    /// Makes, or finds, the service of a new connection. Runs on its event loop.
    package typealias ServiceFactory = @Sendable (any Channel) throws -> any HTTPService

    private let channel: any Channel
    private let counter: HTTPConnectionCounter
    private let connections: HTTPConnectionSet

    private init(_ channel: any Channel, _ counter: HTTPConnectionCounter, _ connections: HTTPConnectionSet) {
        self.channel = channel
        self.counter = counter
        self.connections = connections
    }

    /// Begins to listen.
    /// - Throws: `IOError` when the address cannot be bound.
    package static func bind(
        to address: SocketAddress, group: any EventLoopGroup, limits: HTTPServerLimits = HTTPServerLimits(),
        prepare: Preparation? = nil, makeService: @escaping ServiceFactory
    ) async throws -> HTTPServer {
        let counter = HTTPConnectionCounter(total: limits.connections, perAddress: limits.connectionsPerAddress)
        let connections = HTTPConnectionSet()
        // The bootstrap sets TCP_NODELAY on the listening socket, from which accepted ones have it.
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let address = HTTPConnectionCounter.Address(channel.remoteAddress)
                    guard counter.admit(address) else { throw HTTPServerFull() }
                    connections.insert(channel)
                    channel.closeFuture.whenComplete { _ in
                        connections.remove(channel)
                        counter.leave(address)
                    }
                    try prepare?(channel)
                    let handler = HTTPServerHandler(
                        service: try makeService(channel), limits: limits, isDraining: { connections.isDraining })
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(to: address).get()
        return HTTPServer(channel, counter, connections)
    }

    package var localAddress: SocketAddress? { channel.localAddress }

    package var connectionCount: Int { counter.count }

    /// Listens no longer, closes connections at rest and lets the others finish their answer.
    package func drain() async throws {
        try await channel.close()
        connections.drain()
    }

    /// Closes the socket and all connections at once.
    package func close() async throws {
        try? await channel.close()
        for connection in connections.all { try? await connection.close() }
    }
}

/// Thrown into a new connection above a cap; it closes without a byte.
struct HTTPServerFull: Error {}

/// The open connections of a server.
final class HTTPConnectionSet: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let draining = Atomic(false)

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    var all: [any Channel] { channels.withLock { Array($0.values) } }

    func insert(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = channel } }
    func remove(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = nil } }

    func drain() {
        draining.store(true, ordering: .relaxed)
        for channel in all { channel.pipeline.fireUserInboundEventTriggered(HTTPServerDrain()) }
    }
}
