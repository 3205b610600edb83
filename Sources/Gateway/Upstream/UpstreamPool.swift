// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import Transport

/// The kept-alive connections from one event loop to one homeserver. Confined to that loop.
///
/// At most `limit` connections; who comes when all are busy waits in a bounded line.
final class UpstreamPool {
    typealias Completion = (Result<HTTPClientConnection, HTTPClientError>) -> Void

    /// Requests that may wait for a connection.
    static let maxWaiting = 1024
    /// A connection that rested longer may be closing at the other end; it is not used again.
    static let maxRest = TimeAmount.seconds(20)

    private struct Resting {
        let connection: HTTPClientConnection
        let since: NIODeadline
    }

    private struct Waiter {
        let deadline: NIODeadline
        let completion: Completion
    }

    private let eventLoop: any EventLoop
    private let address: SocketAddress
    private let limit: Int
    private var resting: [Resting] = []
    private var waiting = Deque<Waiter>()
    private var watch: Scheduled<Void>?
    /// Connections that exist or are being made.
    private var count = 0

    /// - Parameter limit: connections at a time.
    init(eventLoop: any EventLoop, address: SocketAddress, limit: Int) {
        self.eventLoop = eventLoop
        self.address = address
        self.limit = limit
    }

    /// Gives a connection at rest, or a new one.
    ///
    /// - Parameters:
    ///   - deadline: when waiting in line ends with a time-out.
    ///   - fresh: none at rest, because one of them has just turned out to be stale.
    func take(until deadline: NIODeadline, fresh: Bool = false, _ completion: @escaping Completion) {
        let now = eventLoop.now
        while !fresh, let last = resting.popLast() {
            guard last.connection.isReusable else { continue }
            if now - last.since > Self.maxRest {
                last.connection.close()
                continue
            }
            return completion(.success(last.connection))
        }
        if count < limit {
            connect(completion)
        } else if waiting.count < Self.maxWaiting {
            waiting.append(Waiter(deadline: deadline, completion: completion))
            watchLine()
        } else {
            completion(.failure(.connect(reason: "too many requests wait for the homeserver")))
        }
    }

    /// Takes a connection back after its answer; it may be closed.
    func giveBack(_ connection: HTTPClientConnection) {
        guard connection.isReusable else { return }
        if let next = waiting.popFirst() { return next.completion(.success(connection)) }
        resting.append(Resting(connection: connection, since: eventLoop.now))
    }

    private func connect(_ completion: @escaping Completion) {
        count += 1
        HTTPClientConnection.connect(to: address, on: eventLoop) { [self] result in
            switch result {
            case .failure(let error):
                count -= 1
                completion(.failure(error))
                connectForNext()
            case .success(let connection):
                connection.onClosed = { [weak self] in
                    guard let self else { return }
                    count -= 1
                    resting.removeAll { $0.connection === connection }
                    connectForNext()
                }
                completion(.success(connection))
            }
        }
    }

    private func connectForNext() {
        guard count < limit, let next = waiting.popFirst() else { return }
        connect(next.completion)
    }

    /// Ends the wait of those whose time is up. They came in order and wait equally long, so the first is due first.
    private func watchLine() {
        guard watch == nil, let first = waiting.first else { return }
        watch = eventLoop.assumeIsolated().scheduleTask(deadline: first.deadline) { [weak self] in
            guard let self else { return }
            watch = nil
            while let first = waiting.first, first.deadline <= eventLoop.now {
                waiting.removeFirst()
                first.completion(.failure(.timeout))
            }
            watchLine()
        }
    }

    /// Closes what is at rest.
    func closeResting() {
        let connections = resting
        resting = []
        for entry in connections { entry.connection.close() }
    }
}
