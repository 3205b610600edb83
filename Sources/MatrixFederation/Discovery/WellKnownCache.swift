// SPDX-License-Identifier: Apache-2.0

/// What well-known answers are known, and whether one has to be asked for again. Bounded; time is given by the caller.
package struct WellKnownCache: Sendable {
    package enum Lookup: Hashable, Sendable {
        /// Use it; nil means that the server has none.
        case fresh(ServerName?)
        /// Use it, and ask again meanwhile: the last fifth of its life has begun.
        case refresh(ServerName)
        /// Ask before going on; with the answer that was valid last.
        case ask(last: ServerName?)
    }

    private struct Entry {
        var delegated: ServerName?
        /// The answer is used until here, nil included.
        var expires: Timestamp
        /// From here on it is asked for again while it is still used.
        var refreshes: Timestamp
        /// Until here a valid answer outlives failures.
        var staleUntil: Timestamp
        var failures: Int
    }

    private var entries: [String: Entry] = [:]
    private let capacity: Int

    /// - Parameter capacity: hosts that are remembered at once.
    package init(capacity: Int = 4_096) { self.capacity = max(capacity, 1) }

    package var count: Int { entries.count }

    package func lookUp(_ host: String, now: Timestamp) -> Lookup {
        guard let entry = entries[host] else { return .ask(last: nil) }
        guard now < entry.expires else {
            return .ask(last: now < entry.staleUntil ? entry.delegated : nil)
        }
        if let delegated = entry.delegated, entry.failures == 0, now >= entry.refreshes { return .refresh(delegated) }
        return .fresh(entry.delegated)
    }

    /// A valid answer came, to be kept for `seconds`.
    package mutating func answered(_ host: String, _ delegated: ServerName, keepFor seconds: Int64, now: Timestamp) {
        makeRoom(for: host)
        let life = min(max(seconds, 0), WellKnownLifetime.maxSeconds) * 1_000
        entries[host] = Entry(
            delegated: delegated, expires: now.advanced(byMilliseconds: life),
            refreshes: now.advanced(byMilliseconds: life / 5 * 4),
            staleUntil: now.advanced(byMilliseconds: life + WellKnownLifetime.staleSeconds * 1_000), failures: 0)
    }

    /// No usable answer came. A valid answer of before is kept until two hours past its life.
    package mutating func failed(_ host: String, now: Timestamp) {
        makeRoom(for: host)
        let old = entries[host]
        let failures = min((old?.failures ?? 0) + 1, 100)
        let pause = now.advanced(byMilliseconds: WellKnownLifetime.seconds(afterFailures: failures) * 1_000)
        let keepsOld = old.map { $0.delegated != nil && now < $0.staleUntil } ?? false
        let staleUntil = keepsOld ? (old?.staleUntil ?? now) : now
        let expires = keepsOld ? min(pause, staleUntil) : pause
        entries[host] = Entry(
            delegated: keepsOld ? old?.delegated : nil, expires: expires, refreshes: expires, staleUntil: staleUntil,
            failures: failures)
    }

    private mutating func makeRoom(for host: String) {
        guard entries[host] == nil, entries.count >= capacity else { return }
        if let oldest = entries.min(by: { $0.value.expires < $1.value.expires }) { entries[oldest.key] = nil }
    }
}
