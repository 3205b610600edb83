// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// One GET, or POST, on a connection of its own, for what is not on the road of a request: keys, discovery, checks.
package enum HTTPFetch {
    package struct Answer: Sendable {
        package let head: HTTPResponseHead
        package let body: [UInt8]

        package var status: Int { head.status }
    }

    /// Connects to an address that the caller has checked, asks once, and closes.
    /// - Parameters:
    ///   - host: the Host value.
    ///   - target: the request target in origin form.
    ///   - bodyLimit: longest answer taken, in bytes.
    ///   - timeout: for connecting and answering together, at most twice this.
    /// - Throws: `HTTPClientError`.
    package static func get(
        _ target: String, host: String, at address: SocketAddress, on eventLoop: any EventLoop,
        lines: HTTPFieldLines = .none, bodyLimit: Int, timeout: TimeAmount, mayEndWithConnection: Bool = true,
        prepare: (@Sendable (any Channel) throws -> Void)? = nil
    ) async throws -> Answer {
        var expectation = HTTPExpectation(bodyLimit: bodyLimit, timeout: timeout)
        expectation.mayEndWithConnection = mayEndWithConnection
        return try await ask(
            "GET", target, host, lines, nil, expectation, at: address, on: eventLoop, timeout: timeout, prepare: prepare
        )
    }

    /// The same with a body.
    package static func post(
        _ body: [UInt8], to target: String, host: String, at address: SocketAddress, on eventLoop: any EventLoop,
        bodyLimit: Int, timeout: TimeAmount, prepare: (@Sendable (any Channel) throws -> Void)? = nil
    ) async throws -> Answer {
        var lines = HTTPFieldLines()
        lines.append("Content-Type", "text/plain; charset=utf-8")
        lines.append("Content-Length", "\(body.count)")
        return try await ask(
            "POST", target, host, lines, ByteBuffer(bytes: body),
            HTTPExpectation(bodyLimit: bodyLimit, timeout: timeout),
            at: address, on: eventLoop, timeout: timeout, prepare: prepare)
    }

    private static func ask(
        _ method: StaticString, _ target: String, _ host: String, _ lines: HTTPFieldLines, _ body: ByteBuffer?,
        _ asked: HTTPExpectation, at address: SocketAddress, on eventLoop: any EventLoop, timeout: TimeAmount,
        prepare: (@Sendable (any Channel) throws -> Void)?
    ) async throws -> Answer {
        guard isPlain(target), isPlain(host), target.utf8.first == 0x2F else {
            throw HTTPClientError.connect(reason: "target or host not plain")
        }
        var head = ByteBuffer()
        head.writeString("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n")
        head.writeBytes(lines.bytes)
        head.writeString("Connection: close\r\n\r\n")
        let request = head

        let promise = eventLoop.makePromise(of: Answer.self)
        eventLoop.execute {
            HTTPClientConnection.connect(to: address, on: eventLoop, timeout: timeout, prepare: prepare) { result in
                switch result {
                case .failure(let error): promise.fail(error)
                case .success(let connection):
                    if !connection.send(request, body, asked, to: Receiver(promise)) {
                        promise.fail(HTTPClientError.closedBeforeAnswer(isReused: false))
                    }
                }
            }
        }
        return try await promise.futureResult.get()
    }

    /// Visible ASCII only: nothing that could end the request line.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private final class Receiver: HTTPResponseReceiver {
        private let promise: EventLoopPromise<Answer>

        init(_ promise: EventLoopPromise<Answer>) { self.promise = promise }

        func answered(_ head: HTTPResponseHead, _ body: ByteBuffer) {
            promise.succeed(Answer(head: head, body: Array(body.readableBytesView)))
        }

        func failed(_ error: HTTPClientError) { promise.fail(error) }
    }
}
