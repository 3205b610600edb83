// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// A `RawClient` on a thread of its own, for tests that wait for a server in the same process.
///
/// `@unchecked Sendable`: the client is touched on the queue only.
package final class RawPeer: @unchecked Sendable {
    private let queue = DispatchQueue(label: "raw peer")
    private var client: RawClient?

    package init(port: Int) throws { client = try RawClient(port: port) }

    package func send(_ bytes: [UInt8]) async throws {
        try await run { peer in try peer.client?.send(bytes) }
    }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// The next response; `nil` when the other side closes before its first byte.
    package func response() async throws -> RawClient.Response? {
        try await run { peer in try peer.client?.response() }
    }

    /// Whether the other side closes without sending anything more, within twenty seconds.
    package func isClosedByPeer() async throws -> Bool {
        try await run { peer in peer.client?.isClosedByPeer() ?? true }
    }

    package func finishSending() async throws {
        try await run { peer in peer.client?.finishSending() }
    }

    /// Closes the connection.
    package func disconnect() async throws {
        try await run { peer in peer.client = nil }
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (RawPeer) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self) }) }
        }
    }
}
