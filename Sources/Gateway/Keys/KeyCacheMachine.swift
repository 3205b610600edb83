// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Decides which key of which server counts, and when a server is asked for its keys.
///
/// No clock and no network: `now` is an argument, and what should be fetched comes back as an answer. Servers are told
/// apart by their exact names, keys by server, id and bytes.
package struct KeyCacheMachine {
    private struct Slot {
        var server: ServerName
        var keys: [Entry] = []
        var old: [KeyID] = []
        var fingerprints: [(id: KeyID, digest: Digest)] = []
        var hasDocument = false
        /// From here on a use of a valid key asks for a refresh.
        var refreshAt = Timestamp(milliseconds: .max)
        /// INVARIANT: no fetch starts before this.
        var nextFetch = Timestamp(milliseconds: .min)
        var failures = 0
        var fetch = FetchState.idle
        var lastUse: Timestamp
    }

    private struct Entry {
        let id: KeyID
        let key: VerifyKey
        let validUntil: Timestamp
        let isDenied: Bool
    }

    private enum FetchState { case idle, queued, running }

    /// The answer to a wish for a fetch.
    package enum Request: Hashable, Sendable {
        /// The caller fetches now and reports with `finished`.
        case start
        /// Under way or waiting for its turn already.
        case wait
        case refused(KeyFetchRefusal)
    }

    package let limits: KeyCacheLimits
    private let denied: Set<Digest>
    private var pins: [ServerName: [PinnedKey]]
    private var deniedPins: Set<VerifyKey> = []
    /// INVARIANT: `index[slots[i].server] == i` for every `i`.
    private var index: [ServerName: Int] = [:]
    private var slots: [Slot] = []
    /// INVARIANT: the servers whose fetch is `.queued`, in order; never more than `maxQueuedFetches`.
    private var queue: [ServerName] = []
    /// INVARIANT: how many fetches are `.running`; never more than `maxConcurrentFetches`.
    package private(set) var runningFetches = 0

    /// `denied` are fingerprints of keys that are never used, whoever publishes or pins them.
    package init(
        limits: KeyCacheLimits = KeyCacheLimits(), pins: [ServerName: [PinnedKey]] = [:], denied: Set<Digest> = []
    ) {
        self.limits = limits
        self.denied = denied
        self.pins = pins
        deniedPins = KeyCacheMachine.deniedKeys(pins, denied)
    }

    package var serverCount: Int { slots.count }
    package var queuedFetches: Int { queue.count }

    // MARK: Looking up

    /// What is known of a key; `start` names the server when its keys should be refreshed in the background now.
    package mutating func lookup(
        _ server: ServerName, _ id: KeyID, now: Timestamp
    ) -> (answer: KeyLookup, start: Bool) {
        if !pins.isEmpty, let pinned = pins[server] { return (lookup(pinned: pinned, id, now: now), false) }
        guard let at = index[server] else { return (.mustFetch, false) }
        slots[at].lastUse = now
        if let entry = slots[at].keys.first(where: { $0.id == id }) {
            if entry.isDenied { return (.denylisted, false) }
            if now <= entry.validUntil {
                guard now >= slots[at].refreshAt, slots[at].fetch == .idle else { return (.valid(entry.key), false) }
                return (.valid(entry.key), refresh(at, now: now))
            }
            return (mayFetch(at, now: now) ? .mustFetch : .expired, false)
        }
        if slots[at].old.contains(id) { return (.old, false) }
        if mayFetch(at, now: now) { return (.mustFetch, false) }
        return (slots[at].hasDocument ? .unknown : .unavailable, false)
    }

    private func lookup(pinned: [PinnedKey], _ id: KeyID, now: Timestamp) -> KeyLookup {
        guard let pin = pinned.first(where: { $0.id == id }) else { return .unknown }
        if !deniedPins.isEmpty, deniedPins.contains(pin.key) { return .denylisted }
        if let notAfter = pin.notAfter, now > notAfter { return .expired }
        return .valid(pin.key)
    }

    private func mayFetch(_ at: Int, now: Timestamp) -> Bool {
        slots[at].fetch != .idle || now >= slots[at].nextFetch
    }

    private mutating func refresh(_ at: Int, now: Timestamp) -> Bool {
        // Once per interval at most, also when there is no room for it now.
        slots[at].refreshAt = now.advanced(byMilliseconds: limits.minFetchInterval)
        guard now >= slots[at].nextFetch else { return false }
        return request(at, now: now) == .start
    }

    // MARK: Fetching

    /// Somebody needs the keys of `server`.
    package mutating func request(_ server: ServerName, now: Timestamp) -> Request {
        if pins[server] != nil { return .refused(.pinned) }
        if let at = index[server] {
            slots[at].lastUse = now
            return request(at, now: now)
        }
        guard let at = makeSlot(server, now: now) else { return .refused(.overload) }
        let answer = request(at, now: now)
        if case .refused = answer { removeSlot(at) }
        return answer
    }

    private mutating func request(_ at: Int, now: Timestamp) -> Request {
        guard slots[at].fetch == .idle else { return .wait }
        guard now >= slots[at].nextFetch else { return .refused(.tooSoon(until: slots[at].nextFetch)) }
        if runningFetches < limits.maxConcurrentFetches {
            start(at, now: now)
            return .start
        }
        guard queue.count < limits.maxQueuedFetches else { return .refused(.overload) }
        slots[at].fetch = .queued
        queue.append(slots[at].server)
        return .wait
    }

    private mutating func start(_ at: Int, now: Timestamp) {
        slots[at].fetch = .running
        slots[at].nextFetch = now.advanced(byMilliseconds: limits.minFetchInterval)
        runningFetches += 1
    }

    /// A fetch that was started has ended. Returns what the operator should hear, and the server to fetch from next.
    package mutating func finished(
        _ server: ServerName, _ result: Result<FetchedKeys, KeyFetchFault>, now: Timestamp
    ) -> (events: [KeyEvent], next: ServerName?) {
        guard let at = index[server], slots[at].fetch == .running else { return ([], nil) }
        slots[at].fetch = .idle
        runningFetches -= 1
        var events: [KeyEvent] = []
        switch result {
        // Pinned since the fetch began: what it brought is compared, not kept.
        case .success(let keys) where pins[server] != nil: events = observe(keys, of: server)
        case .success(let keys): accept(keys, at, now: now, &events)
        case .failure(let fault): fail(fault, at, now: now, &events)
        }
        return (events, startNext(now: now))
    }

    private mutating func startNext(now: Timestamp) -> ServerName? {
        while runningFetches < limits.maxConcurrentFetches, !queue.isEmpty {
            let server = queue.removeFirst()
            guard let at = index[server], slots[at].fetch == .queued else { continue }
            start(at, now: now)
            return server
        }
        return nil
    }

    private mutating func accept(_ keys: FetchedKeys, _ at: Int, now: Timestamp, _ events: inout [KeyEvent]) {
        let server = slots[at].server
        let cap = now.advanced(byMilliseconds: limits.maxValidity)
        var wasCapped = keys.wasCapped
        slots[at].keys = []
        for key in keys.current.prefix(limits.maxKeysPerServer) {
            let digest = key.key.fingerprint
            let isDenied = denied.contains(digest)
            if isDenied { events.append(.denylisted(server: server, key: key.id, fingerprint: digest)) }
            if key.validUntil > cap { wasCapped = true }
            remember(key.id, digest, at, &events)
            slots[at].keys.append(
                Entry(id: key.id, key: key.key, validUntil: min(key.validUntil, cap), isDenied: isDenied))
        }
        slots[at].old = []
        for key in keys.old.prefix(limits.maxKeysPerServer) {
            remember(key.id, key.key.fingerprint, at, &events)
            slots[at].old.append(key.id)
        }
        if wasCapped { events.append(.validityCapped(server: server)) }
        slots[at].hasDocument = true
        slots[at].failures = 0
        let validUntil = slots[at].keys.map(\.validUntil).min() ?? now
        let life = max(0, validUntil.milliseconds.subtractingReportingOverflow(now.milliseconds).partialValue)
        slots[at].refreshAt = max(now.advanced(byMilliseconds: life / 2), slots[at].nextFetch)
        events.append(.fetched(server: server, keys: slots[at].keys.count, validUntil: validUntil))
    }

    private mutating func fail(_ fault: KeyFetchFault, _ at: Int, now: Timestamp, _ events: inout [KeyEvent]) {
        slots[at].failures += 1
        // 2^20 times any sensible first pause is beyond the cap.
        let (pause, overflow) = limits.firstBackoff.multipliedReportingOverflow(
            by: 1 << Int64(min(slots[at].failures - 1, 20)))
        let next = now.advanced(byMilliseconds: overflow ? limits.maxBackoff : min(pause, limits.maxBackoff))
        slots[at].nextFetch = max(slots[at].nextFetch, next)
        // Keys that are still valid stay; their refresh is tried again when the pause is over.
        slots[at].refreshAt = slots[at].nextFetch
        events.append(
            .fetchFailed(server: slots[at].server, because: fault, nextTry: slots[at].nextFetch))
    }

    // MARK: Noticing changes

    /// Compares keys seen in passing, for example a pinned server's document on its way through, with what is known.
    package mutating func observe(_ keys: FetchedKeys, of server: ServerName) -> [KeyEvent] {
        var events: [KeyEvent] = []
        let seen = keys.current.map { ($0.id, $0.key) } + keys.old.map { ($0.id, $0.key) }
        for (id, key) in seen.prefix(2 * limits.maxKeysPerServer) {
            if let pin = pins[server]?.first(where: { $0.id == id }) {
                guard pin.key != key else { continue }
                events.append(
                    .conflict(
                        server: server, key: id, known: pin.key.fingerprint, new: key.fingerprint, isPinned: true))
            } else if pins[server] == nil, let at = index[server],
                let known = slots[at].fingerprints.first(where: { $0.id == id })?.digest, known != key.fingerprint
            {
                events.append(
                    .conflict(server: server, key: id, known: known, new: key.fingerprint, isPinned: false))
            }
        }
        return events
    }

    private mutating func remember(_ id: KeyID, _ digest: Digest, _ at: Int, _ events: inout [KeyEvent]) {
        if let known = slots[at].fingerprints.firstIndex(where: { $0.id == id }) {
            let before = slots[at].fingerprints[known].digest
            guard before != digest else { return }
            slots[at].fingerprints[known].digest = digest
            events.append(
                .conflict(server: slots[at].server, key: id, known: before, new: digest, isPinned: false))
        } else {
            if slots[at].fingerprints.count >= limits.maxFingerprintsPerServer { slots[at].fingerprints.removeFirst() }
            slots[at].fingerprints.append((id, digest))
        }
    }

    // MARK: Policy

    /// A new policy is in force: its pins count from now on. Fetched keys that contradict a pin are reported; fetches
    /// that were waiting for their turn and are forbidden now are dropped.
    package mutating func replacePins(
        _ pins: [ServerName: [PinnedKey]]
    ) -> (events: [KeyEvent], dropped: [ServerName]) {
        self.pins = pins
        deniedPins = KeyCacheMachine.deniedKeys(pins, denied)
        var events: [KeyEvent] = []
        for (server, pinned) in pins {
            guard let at = index[server] else { continue }
            for pin in pinned {
                let digest = pin.key.fingerprint
                guard let known = slots[at].fingerprints.first(where: { $0.id == pin.id })?.digest, known != digest
                else { continue }
                events.append(.conflict(server: server, key: pin.id, known: known, new: digest, isPinned: true))
            }
        }
        let dropped = queue.filter { pins[$0] != nil }
        queue.removeAll { pins[$0] != nil }
        for server in dropped {
            if let at = index[server] { slots[at].fetch = .idle }
        }
        return (events, dropped)
    }

    private static func deniedKeys(_ pins: [ServerName: [PinnedKey]], _ denied: Set<Digest>) -> Set<VerifyKey> {
        guard !denied.isEmpty else { return [] }
        return Set(pins.values.joined().map(\.key).filter { denied.contains($0.fingerprint) })
    }

    // MARK: Slots

    private mutating func makeSlot(_ server: ServerName, now: Timestamp) -> Int? {
        if slots.count >= limits.maxServers {
            // Rare, and bounded by `maxServers`: only admitted servers come here.
            let idle = slots.indices.filter { slots[$0].fetch == .idle }
            guard let oldest = idle.min(by: { slots[$0].lastUse < slots[$1].lastUse }) else { return nil }
            removeSlot(oldest)
        }
        index[server] = slots.count
        slots.append(Slot(server: server, lastUse: now))
        return slots.count - 1
    }

    private mutating func removeSlot(_ at: Int) {
        index[slots[at].server] = nil
        slots.swapAt(at, slots.count - 1)
        slots.removeLast()
        if at < slots.count { index[slots[at].server] = at }
    }
}
