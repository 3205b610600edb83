// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Transport

extension GatewayUnderTest {
    struct TLSAnswer: Sendable {
        let status: Int
        let text: String
        let closes: Bool
        let facts: TLSConnectionFacts
    }

    /// The answer to one request over TLS, on a connection of its own.
    ///
    /// - Parameter name: what is sent as TLS server name, and what the certificate has to cover; an address sends none.
    func ask(_ request: WireRequest, over client: TLSClientContext, as name: TLSPeerName) async throws -> TLSAnswer {
        let loop = Self.group.next()
        let answer = loop.makePromise(of: (Int, String, Bool).self)
        let facts = loop.makePromise(of: TLSConnectionFacts.self)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let bytes = ByteBuffer(bytes: request.bytes)
        loop.execute {
            HTTPClientConnection.connect(
                to: address, on: loop,
                prepare: { channel in
                    try channel.pipeline.syncOperations.addHandler(
                        TLSClientHandler(client, peer: name, handshake: facts))
                },
                completion: { result in
                    switch result {
                    case .failure(let error): answer.fail(error)
                    case .success(let connection):
                        let expectation = HTTPExpectation(bodyLimit: 1 << 20, timeout: .seconds(5))
                        if !connection.send(bytes, nil, expectation, to: Receiver(answer, connection)) {
                            answer.fail(HTTPClientError.cancelled)
                        }
                    }
                })
        }
        let outcome: (Int, String, Bool)
        do {
            outcome = try await answer.futureResult.get()
        } catch {
            _ = try? await facts.futureResult.get()
            throw error
        }
        return TLSAnswer(
            status: outcome.0, text: outcome.1, closes: outcome.2, facts: try await facts.futureResult.get())
    }

    private final class Receiver: HTTPResponseReceiver {
        private let promise: EventLoopPromise<(Int, String, Bool)>
        private let connection: HTTPClientConnection

        init(_ promise: EventLoopPromise<(Int, String, Bool)>, _ connection: HTTPClientConnection) {
            self.promise = promise
            self.connection = connection
        }

        func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) {
            connection.close()
            promise.succeed((head.status, String(buffer: body), !head.isKeepAlive))
        }

        func failed(_ error: HTTPClientError) { promise.fail(error) }
    }
}
