// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Transport

/// Sends requests to the gateway as a remote homeserver does, each on a connection of its own.
struct DemoSender: Sendable {
    let gateway: SocketAddress
    let serverName: String
    let tls: TLSClientContext
    let group: MultiThreadedEventLoopGroup

    /// The answer's status.
    func send(_ request: DemoRequest) async throws -> Int {
        let loop = group.next()
        let status = loop.makePromise(of: Int.self)
        let (tls, serverName, gateway) = (tls, serverName, gateway)
        loop.execute {
            HTTPClientConnection.connect(
                to: gateway, on: loop,
                prepare: { channel in
                    try channel.pipeline.syncOperations.addHandler(TLSClientHandler(tls, peer: .dns(serverName)))
                },
                completion: { result in
                    switch result {
                    case .failure(let error): status.fail(error)
                    case .success(let connection):
                        let expectation = HTTPExpectation(bodyLimit: 1 << 20, timeout: .seconds(15))
                        let body = request.body.map { ByteBuffer(bytes: $0) }
                        if !connection.send(
                            ByteBuffer(bytes: request.head), body, expectation, to: Receiver(status))
                        {
                            status.fail(HTTPClientError.cancelled)
                        }
                    }
                })
        }
        return try await status.futureResult.get()
    }

    private final class Receiver: HTTPResponseReceiver {
        private let status: EventLoopPromise<Int>

        init(_ status: EventLoopPromise<Int>) { self.status = status }

        func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) { status.succeed(head.status) }
        func failed(_ error: HTTPClientError) { status.fail(error) }
    }
}
