// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import PolicyEngine
import Synchronization

/// Answers fetches when the test says so, and counts them.
final class FakeKeySource: KeySource {
    private struct State {
        var asked: [ServerName] = []
        var answer: @Sendable (ServerName) -> Result<ServerKeys, KeyFetchFault> = { _ in .failure(.timeout) }
        var held: [CheckedContinuation<Void, Never>] = []
        var isHolding = false
        var running = 0
        var mostRunning = 0
    }

    private let state = Mutex(State())

    var asked: [ServerName] { state.withLock { $0.asked } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    var heldCount: Int { state.withLock { $0.held.count } }

    func answer(_ answer: Result<ServerKeys, KeyFetchFault>) { state.withLock { $0.answer = { _ in answer } } }

    func answer(_ answer: @escaping @Sendable (ServerName) throws(KeyFetchFault) -> ServerKeys) {
        state.withLock { state in
            state.answer = { server in
                do throws(KeyFetchFault) {
                    return .success(try answer(server))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    /// Every server has this key.
    func answerKey(_ id: String, _ number: UInt8) {
        state.withLock { state in
            state.answer = { server in
                guard let keys = try? KeyFixtures.document([(id, number)], of: server.text) else {
                    return .failure(.invalid("fixture"))
                }
                return .success(keys)
            }
        }
    }

    /// Fetches wait from now on.
    func hold() { state.withLock { $0.isHolding = true } }

    func release() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func keys(of server: ServerName, along access: ServerAccess) async throws(KeyFetchFault) -> ServerKeys {
        state.withLock { state in
            state.asked.append(server)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                if state.isHolding { state.held.append(continuation) }
                return state.isHolding
            }
            if !waits { continuation.resume() }
        }
        let answer = state.withLock { state in
            state.running -= 1
            return state.answer
        }
        return try answer(server).get()
    }
}
