// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// Decides which key of which server counts, and when a server is asked for its keys.
///
/// No clock and no network: `now` is an argument, and what should be fetched comes back as an answer. Servers are told
/// apart by their exact names, keys by server, id and bytes.
package struct KeyCacheMachine {
    private struct Slot {
        var server: ServerName
        var keys: ServerKeys?
        var deniedKeys: [KeyID] = []
        var fingerprints: [(id: KeyID, digest: Digest)] = []
        /// What a key is while none was ever fetched: why the last fetch brought none.
        var unfetched = RequestKey.unavailable
        /// From here on a use of a valid key asks for a refresh.
        var refreshAt = Timestamp(milliseconds: .max)
        /// INVARIANT: no fetch starts before this.
        var nextFetch = Timestamp(milliseconds: .min)
        var failures = 0
        var fetch = FetchState.idle
        var lastUse: Timestamp
        /// The key that was found last, with the end of its validity: servers sign with one key for years, and this saves
        /// the second look-up and the counting of references on each request.
        ///
        /// INVARIANT: a current key of `keys` that is not denied.
        var latest: (id: KeyID, key: VerifyKey, validUntil: Timestamp)?
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
    private var pins: [ServerName: [KeyID: PinnedKey]]
    private var deniedPins: Set<VerifyKey> = []
    /// By the text of the name, which is ASCII: hashing a `String` here costs a seventh less of a look-up than hashing
    /// a type of another module.
    ///
    /// INVARIANT: `index[slots[i].server.text] == i` for every `i`.
    private var index: [String: Int] = [:]
    private var slots: [Slot] = []
    /// INVARIANT: the servers whose fetch is `.queued`, in order; never more than `maxQueuedFetches`.
    private var queue: [ServerName] = []
    /// INVARIANT: how many fetches are `.running`; never more than `maxConcurrentFetches`.
    package private(set) var runningFetches = 0

    /// `denied` are fingerprints of keys that are never used, whoever publishes or pins them.
    package init(
        limits: KeyCacheLimits = KeyCacheLimits(), pins: [ServerName: [KeyID: PinnedKey]] = [:],
        denied: Set<Digest> = []
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
        if !pins.isEmpty, let pinned = pins[server] { return (.known(lookup(pinned: pinned, id, now: now)), false) }
        return lookup(unpinned: server, id, now: now)
    }

    /// What was fetched of a server, for a request whose policy does not pin its keys.
    ///
    /// When a later policy does, nothing is fetched any more; what was known before still counts for that request.
    package mutating func lookupFetched(
        _ server: ServerName, _ id: KeyID, now: Timestamp
    ) -> (answer: KeyLookup, start: Bool) {
        guard pins.isEmpty || pins[server] == nil else {
            guard let at = index[server.text], let keys = slots[at].keys else { return (.known(.unavailable), false) }
            return (.known(slots[at].deniedKeys.contains(id) ? .denylisted : keys.key(id, forRequestAt: now)), false)
        }
        return lookup(unpinned: server, id, now: now)
    }

    private mutating func lookup(
        unpinned server: ServerName, _ id: KeyID, now: Timestamp
    ) -> (answer: KeyLookup, start: Bool) {
        guard let at = index[server.text] else { return (.mustFetch, false) }
        slots[at].lastUse = now
        if let latest = slots[at].latest, latest.id == id, now <= latest.validUntil, now < slots[at].refreshAt {
            return (.known(.valid(latest.key)), false)
        }
        guard let keys = slots[at].keys else {
            if mayFetch(at, now: now) { return (.mustFetch, false) }
            return (.known(slots[at].unfetched), false)
        }
        if !slots[at].deniedKeys.isEmpty, slots[at].deniedKeys.contains(id) { return (.known(.denylisted), false) }
        let key = keys.key(id, forRequestAt: now)
        switch key {
        case .valid(let valid):
            slots[at].latest = (id, valid, keys.validUntil)
            guard now >= slots[at].refreshAt, slots[at].fetch == .idle else { return (.known(key), false) }
            return (.known(key), refresh(at, now: now))
        case .expired, .unknown:
            return (mayFetch(at, now: now) ? .mustFetch : .known(key), false)
        case .old, .conflicting, .denylisted, .responseInvalid, .unavailable:
            return (.known(key), false)
        }
    }

    private func lookup(pinned: [KeyID: PinnedKey], _ id: KeyID, now: Timestamp) -> RequestKey {
        guard let pin = pinned[id] else { return .unknown }
        if !deniedPins.isEmpty, deniedPins.contains(pin.key) { return .denylisted }
        return pin.isValid(at: now) ? .valid(pin.key) : .expired(since: pin.notAfter ?? now)
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
        if let at = index[server.text] {
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
        _ server: ServerName, _ result: Result<ServerKeys, KeyFetchFault>, now: Timestamp
    ) -> (events: [KeyEvent], next: ServerName?) {
        guard let at = index[server.text], slots[at].fetch == .running else { return ([], nil) }
        slots[at].fetch = .idle
        runningFetches -= 1
        var events: [KeyEvent] = []
        switch result {
        // Pinned since the fetch began: what it brought is compared, not kept.
        case .success(let keys) where pins[server] != nil: events = observe(keys)
        case .success(let keys) where keys.server != server:
            fail(.invalid("keys of `\(keys.server.text)`"), at, now: now, &events)
        case .success(let keys): accept(keys, at, now: now, &events)
        case .failure(let fault): fail(fault, at, now: now, &events)
        }
        return (events, startNext(now: now))
    }

    private mutating func startNext(now: Timestamp) -> ServerName? {
        while runningFetches < limits.maxConcurrentFetches, !queue.isEmpty {
            let server = queue.removeFirst()
            guard let at = index[server.text], slots[at].fetch == .queued else { continue }
            start(at, now: now)
            return server
        }
        return nil
    }

    private mutating func accept(_ keys: ServerKeys, _ at: Int, now: Timestamp, _ events: inout [KeyEvent]) {
        let server = keys.server
        slots[at].deniedKeys = []
        for (id, key) in KeyCacheMachine.listed(keys) {
            if denied.contains(key.fingerprint) {
                slots[at].deniedKeys.append(id)
                events.append(.denylisted(server: server, key: id, fingerprint: key.fingerprint))
            }
            remember(id, key.fingerprint, at, &events)
        }
        if keys.wasCapped { events.append(.validityCapped(server: server)) }
        slots[at].keys = keys
        slots[at].latest = nil
        slots[at].failures = 0
        let (life, overflow) = keys.validUntil.milliseconds.subtractingReportingOverflow(now.milliseconds)
        let half = now.advanced(byMilliseconds: overflow ? 0 : max(0, life / 2))
        slots[at].refreshAt = max(half, slots[at].nextFetch)
        events.append(.fetched(server: server, keys: keys.current.count, validUntil: keys.validUntil))
    }

    /// All keys of a document, in an order that does not depend on hashing.
    private static func listed(_ keys: ServerKeys) -> [(KeyID, VerifyKey)] {
        let all = keys.current.map { ($0.key, $0.value) } + keys.old.map { ($0.key, $0.value.key) }
        return all.sorted { $0.0.text < $1.0.text }
    }

    private mutating func fail(_ fault: KeyFetchFault, _ at: Int, now: Timestamp, _ events: inout [KeyEvent]) {
        slots[at].failures += 1
        slots[at].unfetched =
            fault == .denylisted ? .denylisted : fault.isInvalidDocument ? .responseInvalid : .unavailable
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
    package func observe(_ keys: ServerKeys) -> [KeyEvent] {
        let server = keys.server
        let pinned = pins[server]
        var events: [KeyEvent] = []
        for (id, key) in KeyCacheMachine.listed(keys) {
            let known: Digest?
            if let pinned {
                known = pinned[id]?.key.fingerprint
            } else {
                known = index[server.text].flatMap { at in slots[at].fingerprints.first { $0.id == id }?.digest }
            }
            guard let known, known != key.fingerprint else { continue }
            events.append(
                .conflict(server: server, key: id, known: known, new: key.fingerprint, isPinned: pinned != nil))
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
        _ pins: [ServerName: [KeyID: PinnedKey]]
    ) -> (events: [KeyEvent], dropped: [ServerName]) {
        self.pins = pins
        deniedPins = KeyCacheMachine.deniedKeys(pins, denied)
        var events: [KeyEvent] = []
        for (server, pinned) in pins {
            guard let at = index[server.text] else { continue }
            for (id, pin) in pinned {
                let digest = pin.key.fingerprint
                guard let known = slots[at].fingerprints.first(where: { $0.id == id })?.digest, known != digest
                else { continue }
                events.append(.conflict(server: server, key: id, known: known, new: digest, isPinned: true))
            }
        }
        let dropped = queue.filter { pins[$0] != nil }
        queue.removeAll { pins[$0] != nil }
        for server in dropped {
            if let at = index[server.text] { slots[at].fetch = .idle }
        }
        return (events, dropped)
    }

    /// Servers are reached otherwise from now on: what was fetched of them does not count any more. Fingerprints stay, so
    /// that other keys under known ids are noticed.
    package mutating func forget(where isReachedOtherwise: (ServerName) -> Bool) {
        for at in slots.indices where isReachedOtherwise(slots[at].server) {
            slots[at].keys = nil
            slots[at].latest = nil
            slots[at].deniedKeys = []
            slots[at].unfetched = .unavailable
            slots[at].refreshAt = Timestamp(milliseconds: .max)
            slots[at].nextFetch = Timestamp(milliseconds: .min)
            slots[at].failures = 0
        }
    }

    private static func deniedKeys(_ pins: [ServerName: [KeyID: PinnedKey]], _ denied: Set<Digest>) -> Set<VerifyKey> {
        guard !denied.isEmpty else { return [] }
        return Set(pins.values.flatMap(\.values).map(\.key).filter { denied.contains($0.fingerprint) })
    }

    // MARK: Slots

    private mutating func makeSlot(_ server: ServerName, now: Timestamp) -> Int? {
        if slots.count >= limits.maxServers {
            // Rare, and bounded by `maxServers`: only admitted servers come here.
            let idle = slots.indices.filter { slots[$0].fetch == .idle }
            guard let oldest = idle.min(by: { slots[$0].lastUse < slots[$1].lastUse }) else { return nil }
            removeSlot(oldest)
        }
        index[server.text] = slots.count
        slots.append(Slot(server: server, lastUse: now))
        return slots.count - 1
    }

    private mutating func removeSlot(_ at: Int) {
        index[slots[at].server.text] = nil
        slots.swapAt(at, slots.count - 1)
        slots.removeLast()
        if at < slots.count { index[slots[at].server.text] = at }
    }
}
