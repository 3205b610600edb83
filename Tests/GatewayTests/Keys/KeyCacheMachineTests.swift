// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import PolicyEngine
import Testing

@Suite("Key cache: Server-Server API, Retrieving server keys")
struct KeyCacheMachineTests {
    private let alpha: ServerName
    private let a1: KeyID
    private let a2: KeyID
    private let start = KeyFixtures.start

    init() throws {
        alpha = try ServerName("alpha.example")
        a1 = try KeyID("ed25519:a1")
        a2 = try KeyID("ed25519:a2")
    }

    private func after(_ milliseconds: Int64) -> Timestamp { start.advanced(byMilliseconds: milliseconds) }

    /// A machine that has fetched `document` for alpha at `start`.
    private func machine(
        _ document: ServerKeys, limits: KeyCacheLimits = KeyCacheLimits(), denied: Set<Digest> = []
    ) -> KeyCacheMachine {
        var machine = KeyCacheMachine(limits: limits, denied: denied)
        #expect(machine.request(alpha, now: start) == .start)
        _ = machine.finished(alpha, .success(document), now: start)
        return machine
    }

    @Test("AC-14 a lookup of a server that was never fetched starts nothing")
    func nothingUnasked() {
        var machine = KeyCacheMachine()
        for _ in 0..<3 {
            let (answer, starts) = machine.lookup(alpha, a1, now: start)
            #expect(answer == .mustFetch)
            #expect(!starts)
        }
        #expect(machine.serverCount == 0)
        #expect(machine.runningFetches == 0)
        // Positive control: asked to, it starts.
        #expect(machine.request(alpha, now: start) == .start)
    }

    @Test("a fetched key is valid, and only for its exact server name")
    func valid() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)]))
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.valid(try KeyFixtures.key(1))))
        for other in ["Alpha.example", "alpha.example:8448", "lpha.example", "xalpha.example"] {
            #expect(machine.lookup(try ServerName(other), a1, now: start).answer == .mustFetch)
        }
    }

    @Test("AC-04 a key is valid up to the millisecond of its end, then expired or to be fetched, never valid")
    func expiry() throws {
        let end = after(KeyFixtures.day)
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)], validUntil: end))
        #expect(machine.lookup(alpha, a1, now: end).answer == .known(.valid(try KeyFixtures.key(1))))
        #expect(machine.lookup(alpha, a1, now: end.advanced(byMilliseconds: 1)).answer == .mustFetch)
        // The refresh that the lookup at `end` began fails: fail closed, no grace.
        _ = machine.finished(alpha, .failure(.timeout), now: end)
        #expect(machine.lookup(alpha, a1, now: end.advanced(byMilliseconds: 1)).answer == .known(.expired(since: end)))
    }

    @Test("AC-04 a pin ends at its own time and is never fetched")
    func pinExpiry() throws {
        let pin = PinnedKey(key: try KeyFixtures.key(1), notAfter: after(10))
        var machine = KeyCacheMachine(pins: [alpha: [a1: pin]])
        #expect(machine.lookup(alpha, a1, now: after(9)).answer == .known(.valid(pin.key)))
        #expect(machine.lookup(alpha, a1, now: after(11)).answer == .known(.expired(since: after(10))))
        #expect(machine.request(alpha, now: after(11)) == .refused(.pinned))
        let forever = PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)
        _ = machine.replacePins([alpha: [a1: forever]])
        #expect(machine.lookup(alpha, a1, now: after(.max / 4)).answer == .known(.valid(pin.key)))
    }

    @Test("AC-05 no fetched key lives longer than seven days, and the cap is reported")
    func cap() throws {
        let far = Timestamp(milliseconds: 9_007_199_254_740_991)
        let week = 7 * KeyFixtures.day
        for (validUntil, isCapped) in [(far, true), (after(week + 1), true), (after(week), false)] {
            var machine = KeyCacheMachine()
            _ = machine.request(alpha, now: start)
            let document = try KeyFixtures.document([("ed25519:a1", 1)], validUntil: validUntil)
            let events = machine.finished(alpha, .success(document), now: start).events
            #expect(events.contains(.validityCapped(server: alpha)) == isCapped)
            #expect(machine.lookup(alpha, a1, now: after(week)).answer == .known(.valid(try KeyFixtures.key(1))))
            #expect(machine.lookup(alpha, a1, now: after(week + 1)).answer == .mustFetch)
        }
    }

    @Test("AC-06 other bytes under a known key id raise the alarm with both fingerprints")
    func conflict() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1), ("ed25519:a2", 2)]))
        let later = after(KeyFixtures.day / 2)
        #expect(machine.lookup(alpha, a1, now: later).start)
        let changed = try KeyFixtures.document(
            [("ed25519:a1", 9), ("ed25519:a2", 2)], validUntil: after(2 * KeyFixtures.day))
        let events = machine.finished(alpha, .success(changed), now: later).events
        let alarm = KeyEvent.conflict(
            server: alpha, key: a1, known: try KeyFixtures.key(1).fingerprint, new: try KeyFixtures.key(9).fingerprint,
            isPinned: false)
        #expect(events.filter { if case .conflict = $0 { true } else { false } } == [alarm])
        #expect(machine.lookup(alpha, a1, now: later).answer == .known(.valid(try KeyFixtures.key(9))))
    }

    @Test("AC-06 a key id that went away and comes back with other bytes still raises the alarm")
    func conflictLater() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)]))
        var now = start
        var conflicts = 0
        for document in [[("ed25519:a2", UInt8(2))], [("ed25519:a1", 3)]] {
            now = now.advanced(byMilliseconds: KeyFixtures.day)
            #expect(machine.request(alpha, now: now) == .start)
            let fetched = try KeyFixtures.document(
                document, validUntil: now.advanced(byMilliseconds: KeyFixtures.day), fetchedAt: now)
            for case .conflict in machine.finished(alpha, .success(fetched), now: now).events { conflicts += 1 }
        }
        #expect(conflicts == 1)
    }

    @Test("AC-06 a pinned server's other key is reported and never used; the same id of two servers is two keys")
    func pinnedConflict() throws {
        let bravo = try ServerName("bravo.example")
        let pin = PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)
        var machine = KeyCacheMachine(pins: [
            alpha: [a1: pin], bravo: [a1: PinnedKey(key: try KeyFixtures.key(2), notAfter: nil)],
        ])
        let events = machine.observe(try KeyFixtures.document([("ed25519:a1", 7)]))
        #expect(
            events == [
                .conflict(
                    server: alpha, key: a1, known: pin.key.fingerprint, new: try KeyFixtures.key(7).fingerprint,
                    isPinned: true)
            ])
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.valid(pin.key)))
        #expect(machine.lookup(bravo, a1, now: start).answer == .known(.valid(try KeyFixtures.key(2))))
        #expect(machine.lookup(alpha, a2, now: start).answer == .known(.unknown))
        #expect(machine.observe(try KeyFixtures.document([("ed25519:a1", 1)])).isEmpty)
    }

    @Test("AC-06 a pin that contradicts what was fetched is reported when the policy changes")
    func pinAgainstFetched() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)]))
        let same = PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)
        #expect(machine.replacePins([alpha: [a1: same]]).events.isEmpty)
        let other = PinnedKey(key: try KeyFixtures.key(5), notAfter: nil)
        #expect(machine.replacePins([alpha: [a1: other]]).events.count == 1)
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.valid(other.key)))
    }

    @Test("AC-07 a key on the deny list is never valid, fetched or pinned")
    func denied() throws {
        let bad = try KeyFixtures.key(6)
        var machine = machine(
            try KeyFixtures.document([("ed25519:a1", 6), ("ed25519:a2", 2)]), denied: [bad.fingerprint])
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.denylisted))
        #expect(machine.lookup(alpha, a2, now: start).answer == .known(.valid(try KeyFixtures.key(2))))
        _ = machine.replacePins([
            alpha: [a1: PinnedKey(key: bad, notAfter: nil), a2: PinnedKey(key: try KeyFixtures.key(2), notAfter: nil)]
        ])
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.denylisted))
        #expect(machine.lookup(alpha, a2, now: start).answer == .known(.valid(try KeyFixtures.key(2))))
    }

    @Test("AC-03 an old key is old, whatever the time")
    func old() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)], old: [("ed25519:a2", 2)]))
        #expect(machine.lookup(alpha, a2, now: start).answer == .known(.old(since: Timestamp(milliseconds: 1))))
        #expect(
            machine.lookup(alpha, a2, now: after(3 * KeyFixtures.day)).answer
                == .known(.old(since: Timestamp(milliseconds: 1))))
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.valid(try KeyFixtures.key(1))))
    }

    @Test("an unknown key id of a freshly fetched server asks for one fetch an interval, whoever asks how often")
    func unknownKey() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)]))
        var fetches = 0
        for second in 0..<3_600 {
            let now = after(Int64(second) * 1_000)
            for number in 0..<3 {
                let id = try KeyID("ed25519:x\(second)_\(number)")
                if machine.lookup(alpha, id, now: now).answer == .mustFetch, machine.request(alpha, now: now) == .start
                {
                    fetches += 1
                    let same = try KeyFixtures.document([("ed25519:a1", 1)])
                    _ = machine.finished(alpha, .success(same), now: now)
                }
            }
            #expect(machine.lookup(alpha, a1, now: now).answer == .known(.valid(try KeyFixtures.key(1))))
        }
        #expect(fetches == 59)
        // Positive control: a key that was really added is found after the interval.
        let now = after(3_700_000)
        #expect(machine.lookup(alpha, a2, now: now).answer == .mustFetch)
        #expect(machine.request(alpha, now: now) == .start)
        _ = machine.finished(
            alpha, .success(try KeyFixtures.document([("ed25519:a1", 1), ("ed25519:a2", 2)])), now: now)
        #expect(machine.lookup(alpha, a2, now: now).answer == .known(.valid(try KeyFixtures.key(2))))
    }

    @Test("many askers share one fetch")
    func singleFlight() throws {
        var machine = KeyCacheMachine()
        #expect(machine.request(alpha, now: start) == .start)
        for _ in 0..<100 { #expect(machine.request(alpha, now: start) == .wait) }
        #expect(machine.lookup(alpha, a1, now: start).answer == .mustFetch)
        #expect(machine.runningFetches == 1)
    }

    @Test("failures grow the pause to one hour, and a key that is still valid stays")
    func backoff() throws {
        let end = after(7 * KeyFixtures.day)
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)], validUntil: end))
        var now = after(4 * KeyFixtures.day)
        var pauses: [Int64] = []
        for _ in 0..<12 {
            #expect(machine.request(alpha, now: now) == .start)
            guard case .fetchFailed(_, _, let next) = machine.finished(alpha, .failure(.timeout), now: now).events.first
            else {
                Issue.record("a failure is reported")
                return
            }
            pauses.append((next.milliseconds - now.milliseconds) / 1_000)
            let before = next.advanced(byMilliseconds: -1)
            #expect(machine.request(alpha, now: before) == .refused(.tooSoon(until: next)))
            #expect(machine.lookup(alpha, a1, now: before) == (.known(.valid(try KeyFixtures.key(1))), false))
            #expect(machine.lookup(alpha, a2, now: before).answer == .known(.unknown))
            now = next
        }
        #expect(pauses == [60, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600])
        #expect(machine.request(alpha, now: now) == .start)
        _ = machine.finished(alpha, .success(try KeyFixtures.document([("ed25519:a1", 1)], validUntil: end)), now: now)
        now = now.advanced(byMilliseconds: KeyFixtures.minute)
        #expect(machine.request(alpha, now: now) == .start)
        guard case .fetchFailed(_, _, let next) = machine.finished(alpha, .failure(.timeout), now: now).events.first
        else {
            Issue.record("a failure is reported")
            return
        }
        #expect(next == now.advanced(byMilliseconds: 60_000), "a success starts the pauses anew")
    }

    @Test("a server whose keys could never be fetched is unavailable until the pause is over")
    func unavailable() {
        var machine = KeyCacheMachine()
        #expect(machine.request(alpha, now: start) == .start)
        _ = machine.finished(alpha, .failure(.timeout), now: start)
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.unavailable))
        #expect(machine.lookup(alpha, a1, now: after(60_000)).answer == .mustFetch)
    }

    @Test("half of the life over, a use refreshes in the background, once")
    func refresh() throws {
        var machine = machine(try KeyFixtures.document([("ed25519:a1", 1)]))
        let half = KeyFixtures.day / 2
        #expect(machine.lookup(alpha, a1, now: after(half - 1)) == (.known(.valid(try KeyFixtures.key(1))), false))
        #expect(machine.lookup(alpha, a1, now: after(half)) == (.known(.valid(try KeyFixtures.key(1))), true))
        #expect(machine.lookup(alpha, a1, now: after(half)) == (.known(.valid(try KeyFixtures.key(1))), false))
        _ = machine.finished(alpha, .failure(.timeout), now: after(half))
        #expect(machine.lookup(alpha, a1, now: after(half + 59_999)) == (.known(.valid(try KeyFixtures.key(1))), false))
        #expect(machine.lookup(alpha, a1, now: after(half + 60_000)) == (.known(.valid(try KeyFixtures.key(1))), true))
    }

    @Test("fetches that exceed the concurrency wait in order, and beyond the queue are refused")
    func queue() throws {
        var limits = KeyCacheLimits()
        limits.maxConcurrentFetches = 2
        limits.maxQueuedFetches = 3
        var machine = KeyCacheMachine(limits: limits)
        let servers = try (0..<7).map { try ServerName("s\($0).example") }
        let answers = servers.map { machine.request($0, now: start) }
        #expect(
            answers == [
                .start, .start, .wait, .wait, .wait, .refused(.overload), .refused(.overload),
            ])
        #expect(machine.serverCount == 5)
        #expect(machine.finished(servers[1], .failure(.timeout), now: start).next == servers[2])
        #expect(machine.finished(servers[0], .failure(.timeout), now: start).next == servers[3])
        // Pinned while it waited: never fetched.
        let pins = [servers[4]: [a1: PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)]]
        #expect(machine.replacePins(pins).dropped == [servers[4]])
        #expect(machine.finished(servers[2], .failure(.timeout), now: start).next == nil)
        #expect(machine.runningFetches == 1)
    }

    @Test("what a fetch brought for a server that was pinned meanwhile is compared, not kept")
    func pinnedMeanwhile() throws {
        var machine = KeyCacheMachine()
        #expect(machine.request(alpha, now: start) == .start)
        _ = machine.replacePins([alpha: [a1: PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)]])
        let events = machine.finished(alpha, .success(try KeyFixtures.document([("ed25519:a1", 8)])), now: start).events
        #expect(events.count == 1)
        _ = machine.replacePins([:])
        #expect(machine.lookup(alpha, a1, now: start).answer != .known(.valid(try KeyFixtures.key(8))))
    }

    @Test("a refusal to report what was not started changes nothing")
    func strayFinish() throws {
        var machine = KeyCacheMachine()
        let stray = machine.finished(alpha, .success(try KeyFixtures.document([("ed25519:a1", 1)])), now: start)
        #expect(stray.events.isEmpty)
        #expect(machine.lookup(alpha, a1, now: start).answer == .mustFetch)
        #expect(machine.runningFetches == 0)
    }

    @Test("what another server's document says is not believed")
    func otherServer() throws {
        var machine = KeyCacheMachine()
        #expect(machine.request(alpha, now: start) == .start)
        let bravo = try KeyFixtures.document([("ed25519:a1", 1)], of: "bravo.example")
        _ = machine.finished(alpha, .success(bravo), now: start)
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.responseInvalid))
        #expect(machine.lookup(try ServerName("bravo.example"), a1, now: start).answer == .mustFetch)
    }

    @Test("AC-20 a document that proves nothing leaves the reason, and the keys of before")
    func invalidDocument() throws {
        var machine = KeyCacheMachine()
        #expect(machine.request(alpha, now: start) == .start)
        _ = machine.finished(alpha, .failure(.invalid("unsigned")), now: start)
        #expect(machine.lookup(alpha, a1, now: start).answer == .known(.responseInvalid))
        #expect(machine.request(alpha, now: after(60_000)) == .start)
        _ = machine.finished(alpha, .success(try KeyFixtures.document([("ed25519:a1", 1)])), now: after(60_000))
        #expect(machine.request(alpha, now: after(120_000)) == .start)
        _ = machine.finished(alpha, .failure(.invalid("unsigned")), now: after(120_000))
        #expect(machine.lookup(alpha, a1, now: after(120_000)).answer == .known(.valid(try KeyFixtures.key(1))))
    }

    @Test("memory is bounded; the least used server goes first")
    func bounded() throws {
        var limits = KeyCacheLimits()
        limits.maxServers = 8
        limits.maxFingerprintsPerServer = 3
        var machine = KeyCacheMachine(limits: limits)
        let ids = (0..<5).map { ("ed25519:k\($0)", UInt8($0 + 1)) }
        let first = try ServerName("s0.example")
        for number in 0..<30 {
            let server = try ServerName("s\(number).example")
            let now = after(Int64(number))
            #expect(machine.request(server, now: now) == .start)
            _ = machine.finished(server, .success(try KeyFixtures.document(ids, of: server.text)), now: now)
            _ = machine.lookup(first, try KeyID("ed25519:k0"), now: now)
            #expect(machine.serverCount <= 8)
        }
        let k0 = try KeyID("ed25519:k0")
        #expect(machine.lookup(first, k0, now: after(200)).answer == .known(.valid(try KeyFixtures.key(1))))
        #expect(machine.lookup(try ServerName("s1.example"), k0, now: after(200)).answer == .mustFetch)
    }
}
