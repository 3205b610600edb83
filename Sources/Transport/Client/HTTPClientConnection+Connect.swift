// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import NIOPosix

extension HTTPClientConnection {
    /// Connects, on `eventLoop` and from it.
    /// - Parameters:
    ///   - address: the address that was checked; nothing is resolved here.
    ///   - prepare: adds TLS before HTTP; runs on the event loop.
    ///   - completion: called once on the event loop. With TLS it is called when TCP stands; a failed handshake fails
    ///     the first request.
    package static func connect(
        to address: SocketAddress, on eventLoop: any EventLoop, timeout: TimeAmount = .seconds(10),
        limits: HTTPHeadLimits = .response, prepare: (@Sendable (any Channel) throws -> Void)? = nil,
        completion: @escaping (Result<HTTPClientConnection, HTTPClientError>) -> Void
    ) {
        let connected = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare?(channel)
                    try channel.pipeline.syncOperations.addHandler(HTTPClientConnection(limits: limits))
                }
            }
            .connect(to: address)
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error): completion(.failure(.connect(reason: "\(error)")))
            case .success(let channel):
                do {
                    completion(.success(try channel.pipeline.syncOperations.handler(type: HTTPClientConnection.self)))
                } catch {
                    completion(.failure(.connect(reason: "closed at once")))
                }
            }
        }
    }
}
