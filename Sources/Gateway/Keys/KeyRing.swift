// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import NIOCore
package import PolicyEngine
internal import Synchronization

/// The keys of all servers, for all event loops.
///
/// A lookup is a short critical section and never waits for the network. Whoever finds `.mustFetch` asks for a fetch and
/// looks again when it is told to; askers of one server share one fetch. The fetches run in `run()`, away from the loops.
package final class KeyRing: Sendable {
    /// How a fetch ended for one asker; in every case, `lookup` says what is known now.
    package enum Outcome: Hashable, Sendable {
        case fetched
        case failed(KeyFetchFault)
        case refused(KeyFetchRefusal)
    }

    /// Askers that may wait at once, over all servers.
    package static let maxWaiting = 4_096

    private typealias Waiter = @Sendable (Outcome) -> Void

    private struct State {
        var machine: KeyCacheMachine
        var waiters: [ServerName: [Waiter]] = [:]
        var waiting = 0
        var isStopped = false
        /// Says how servers are reached; `nil` until a policy is given.
        var policy: Policy?

        func access(to server: ServerName) -> ServerAccess { policy?.access(to: server) ?? ServerAccess() }
    }

    private let state: Mutex<State>
    private let source: any KeySource
    private let now: @Sendable () -> Timestamp
    private let report: @Sendable (KeyEvent) -> Void
    /// The fetches to start; bounded, because the machine starts no more than `maxConcurrentFetches` at a time.
    private let orders: AsyncStream<ServerName>
    private let ordering: AsyncStream<ServerName>.Continuation

    /// - Parameters:
    ///   - denied: fingerprints of keys that are never used.
    ///   - report: called from any thread, outside the lock.
    package init(
        source: any KeySource, limits: KeyCacheLimits = KeyCacheLimits(), pins: [ServerName: [KeyID: PinnedKey]] = [:],
        denied: Set<Digest> = [], now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (KeyEvent) -> Void
    ) {
        self.source = source
        self.now = now
        self.report = report
        state = Mutex(State(machine: KeyCacheMachine(limits: limits, pins: pins, denied: denied)))
        (orders, ordering) = AsyncStream.makeStream(of: ServerName.self)
    }

    // MARK: On the hot path

    /// What is known of `server`'s key `id` now. Starts a refresh in the background when half of its life is over.
    package func lookup(_ server: ServerName, _ id: KeyID, now: Timestamp) -> KeyLookup {
        let (answer, start) = state.withLock { $0.machine.lookup(server, id, now: now) }
        if start { ordering.yield(server) }
        return answer
    }

    /// The same for a request whose policy pins no keys of `server`: pins that came later do not count for it (AC-96).
    package func lookupFetched(_ server: ServerName, _ id: KeyID, now: Timestamp) -> KeyLookup {
        let (answer, start) = state.withLock { $0.machine.lookupFetched(server, id, now: now) }
        if start { ordering.yield(server) }
        return answer
    }

    // MARK: Fetching

    /// Fetches the keys of an *admitted* server and calls `done` on `loop`, exactly once, in any case later than now.
    package func fetch(
        _ server: ServerName, on loop: any EventLoop, then done: @escaping @Sendable (Outcome) -> Void
    ) {
        fetch(server) { outcome in loop.execute { done(outcome) } }
    }

    /// The same for callers outside of event loops.
    package func fetch(_ server: ServerName) async -> Outcome {
        await withCheckedContinuation { continuation in
            fetch(server) { continuation.resume(returning: $0) }
        }
    }

    private func fetch(_ server: ServerName, waiter: @escaping Waiter) {
        enum Step { case start, wait, answer(Outcome) }
        let now = now()
        let step: Step = state.withLock { state in
            guard !state.isStopped else { return .answer(.failed(.stopped)) }
            guard state.waiting < KeyRing.maxWaiting else { return .answer(.refused(.overload)) }
            let request = state.machine.request(server, now: now)
            if case .refused(let refusal) = request { return .answer(.refused(refusal)) }
            state.waiters[server, default: []].append(waiter)
            state.waiting += 1
            return request == .start ? .start : .wait
        }
        switch step {
        case .start: ordering.yield(server)
        case .wait: break
        case .answer(let outcome): waiter(outcome)
        }
    }

    /// Performs the fetches until the surrounding task is cancelled; then every asker is answered `.failed(.stopped)`.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await server in orders {
                group.addTask { await self.perform(server) }
            }
            group.cancelAll()
        }
        stop()
    }

    private func perform(_ server: ServerName) async {
        var result: Result<ServerKeys, KeyFetchFault>
        let access = state.withLock { $0.access(to: server) }
        do throws(KeyFetchFault) {
            result = .success(try await source.keys(of: server, along: access))
        } catch {
            result = .failure(error)
        }
        let now = now()
        let (events, next, waiters) = state.withLock { state in
            if state.access(to: server) != access { result = .failure(.rerouted) }
            let (events, next) = state.machine.finished(server, result, now: now)
            let waiters = state.waiters.removeValue(forKey: server) ?? []
            state.waiting -= waiters.count
            return (events, next, waiters)
        }
        if let next { ordering.yield(next) }
        for event in events { report(event) }
        let outcome: Outcome =
            switch result {
            case .success: .fetched
            case .failure(let fault): .failed(fault)
            }
        for waiter in waiters { waiter(outcome) }
    }

    private func stop() {
        let waiters = state.withLock { state in
            state.isStopped = true
            defer {
                state.waiters = [:]
                state.waiting = 0
            }
            return state.waiters.values.joined().map(\.self)
        }
        for waiter in waiters { waiter(.failed(.stopped)) }
    }

    // MARK: Policy, and keys seen in passing

    /// A new policy is in force; its pins and its ways to servers count from now on. Pinned servers are never asked; what
    /// was fetched over another network, or from another place, is forgotten.
    package func usePins(of policy: Policy) {
        state.withLock { state in
            let before = state.policy
            state.policy = policy
            state.machine.forget { server in
                (before?.access(to: server) ?? ServerAccess()) != policy.access(to: server)
            }
        }
        var pins: [ServerName: [KeyID: PinnedKey]] = [:]
        for server in policy.listedServers { pins[server] = policy.pinnedKeys(of: server) }
        replacePins(pins)
    }

    /// The same with the pins alone.
    package func replacePins(_ pins: [ServerName: [KeyID: PinnedKey]]) {
        let (events, waiters) = state.withLock { state in
            let (events, dropped) = state.machine.replacePins(pins)
            let waiters = dropped.flatMap { state.waiters.removeValue(forKey: $0) ?? [] }
            state.waiting -= waiters.count
            return (events, waiters)
        }
        for event in events { report(event) }
        for waiter in waiters { waiter(.refused(.pinned)) }
    }

    /// Raises the alarm when a document seen in passing contradicts what is pinned or known. Changes nothing.
    package func observe(_ keys: ServerKeys) {
        for event in state.withLock({ $0.machine.observe(keys) }) { report(event) }
    }
}
