// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import NIOCore
import NIOEmbedded
import NIOPosix
import PolicyEngine
import Synchronization
import Testing

@Suite("Key ring")
struct KeyRingTests {
    private let alpha: ServerName
    private let a1: KeyID
    private let key: VerifyKey
    private let source = FakeKeySource()

    init() throws {
        alpha = try ServerName("alpha.example")
        a1 = try KeyID("ed25519:a1")
        key = try KeyFixtures.key(1)
    }

    /// Runs `body` with a ring whose fetches are performed; the ring stands still afterwards.
    private func withRing(
        limits: KeyCacheLimits = KeyCacheLimits(), pins: [ServerName: [KeyID: PinnedKey]] = [:],
        events: @escaping @Sendable (KeyEvent) -> Void = { _ in },
        now: @escaping @Sendable () -> Timestamp = { KeyFixtures.start },
        _ body: (KeyRing) async throws -> Void
    ) async throws {
        let ring = KeyRing(source: source, limits: limits, pins: pins, now: now, report: events)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ring.run() }
            try await body(ring)
            group.cancelAll()
        }
    }

    private func turn(until condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test("a fetch makes the key valid, and the asking loop is told on itself")
    func fetch() async throws {
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 1)])))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        try await withRing { ring in
            #expect(ring.lookup(alpha, a1, now: KeyFixtures.start) == .mustFetch)
            for loop in group.makeIterator() {
                let promise = loop.makePromise(of: Bool.self)
                ring.fetch(alpha, on: loop) { outcome in
                    promise.succeed(
                        loop.inEventLoop
                            && (outcome == .fetched
                                || outcome
                                    == .refused(.tooSoon(until: KeyFixtures.start.advanced(byMilliseconds: 60_000))))
                    )
                }
                let isRight = try await promise.futureResult.get()
                #expect(isRight)
            }
            #expect(ring.lookup(alpha, a1, now: KeyFixtures.start) == .known(.valid(key)))
        }
        try await group.shutdownGracefully()
        #expect(source.asked == [alpha])
    }

    @Test("AC-14 nothing is fetched unless asked for")
    func nothingUnasked() async throws {
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 1)])))
        try await withRing { ring in
            for number in 0..<1_000 {
                let server = try ServerName("s\(number).example")
                #expect(ring.lookup(server, a1, now: KeyFixtures.start) == .mustFetch)
            }
            #expect(source.asked.isEmpty)
            #expect(await ring.fetch(alpha) == .fetched)
            #expect(source.asked == [alpha])
        }
    }

    @Test("a thousand askers share one fetch and are all told")
    func singleFlight() async throws {
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 1)])))
        source.hold()
        try await withRing { ring in
            let told = Mutex(0)
            let loop = NIOAsyncTestingEventLoop()
            for _ in 0..<1_000 {
                ring.fetch(alpha, on: loop) { outcome in
                    told.withLock { $0 += outcome == .fetched ? 1 : 0 }
                }
            }
            await turn { source.heldCount == 1 }
            source.release()
            while told.withLock({ $0 }) < 1_000 {
                await loop.run()
                await Task.yield()
            }
            #expect(source.asked.count == 1)
            await loop.shutdownGracefully()
        }
    }

    @Test("askers beyond the bound are refused at once")
    func waitersBounded() async throws {
        source.hold()
        try await withRing { ring in
            let refused = Mutex(0)
            let loop = NIOAsyncTestingEventLoop()
            for _ in 0..<(KeyRing.maxWaiting + 10) {
                ring.fetch(alpha, on: loop) { outcome in
                    if outcome == .refused(.overload) { refused.withLock { $0 += 1 } }
                }
            }
            await loop.run()
            #expect(refused.withLock { $0 } == 10)
            await turn { source.heldCount == 1 }
            source.release()
            await loop.shutdownGracefully()
        }
    }

    @Test("many servers are fetched a few at a time, each once, and none is forgotten")
    func concurrency() async throws {
        source.answerKey("ed25519:a1", 1)
        var limits = KeyCacheLimits()
        limits.maxConcurrentFetches = 4
        try await withRing(limits: limits) { ring in
            let servers = try (0..<200).map { try ServerName("s\($0).example") }
            await withTaskGroup(of: KeyRing.Outcome.self) { group in
                for server in servers { group.addTask { await ring.fetch(server) } }
                for await outcome in group { #expect(outcome == .fetched) }
            }
            #expect(source.asked.count == 200 && Set(source.asked).count == 200)
            #expect(source.mostRunning <= 4)
        }
    }

    @Test("AC-04 when the refresh fails the key ends with its time")
    func failClosed() async throws {
        let now = Mutex(KeyFixtures.start)
        let end = KeyFixtures.start.advanced(byMilliseconds: KeyFixtures.day)
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 1)], validUntil: end)))
        try await withRing(now: { now.withLock { $0 } }) { ring in
            #expect(await ring.fetch(alpha) == .fetched)
            source.answer(.failure(.exchange(.unreachable)))
            let late = end.advanced(byMilliseconds: 1)
            now.withLock { $0 = late }
            #expect(ring.lookup(alpha, a1, now: late) == .mustFetch)
            #expect(await ring.fetch(alpha) == .failed(.exchange(.unreachable)))
            #expect(ring.lookup(alpha, a1, now: late) == .known(.expired(since: end)))
        }
    }

    @Test("half of the life over, a lookup refreshes in the background and still answers at once")
    func background() async throws {
        let half = KeyFixtures.start.advanced(byMilliseconds: KeyFixtures.day / 2)
        let now = Mutex(KeyFixtures.start)
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 1)])))
        try await withRing(now: { now.withLock { $0 } }) { ring in
            #expect(await ring.fetch(alpha) == .fetched)
            now.withLock { $0 = half }
            for _ in 0..<100 { #expect(ring.lookup(alpha, a1, now: half) == .known(.valid(key))) }
            await turn { source.asked.count == 2 }
        }
        #expect(source.asked.count == 2)
    }

    @Test("AC-06 AC-18 a pinned server is never asked, whatever key is wanted; an alarm is raised for other bytes")
    func pinned() async throws {
        source.answer(.success(try KeyFixtures.document([("ed25519:a1", 9)])))
        let events = Mutex<[KeyEvent]>([])
        let pins = [alpha: [a1: PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)]]
        try await withRing(pins: pins, events: { event in events.withLock { $0.append(event) } }) { ring in
            #expect(ring.lookup(alpha, a1, now: KeyFixtures.start) == .known(.valid(key)))
            let other = try KeyID("ed25519:x")
            #expect(ring.lookup(alpha, other, now: KeyFixtures.start) == .known(.unknown))
            #expect(await ring.fetch(alpha) == .refused(.pinned))
            #expect(source.asked.isEmpty)
            ring.observe(try KeyFixtures.document([("ed25519:a1", 9)]))
            #expect(events.withLock { $0.count } == 1)
            #expect(ring.lookup(alpha, a1, now: KeyFixtures.start) == .known(.valid(key)))
            // Positive control: without the pin it is asked.
            ring.replacePins([:])
            #expect(await ring.fetch(alpha) == .fetched)
        }
    }

    @Test("askers that wait for their turn hear of a pin that forbids the fetch")
    func pinnedWhileWaiting() async throws {
        var limits = KeyCacheLimits()
        limits.maxConcurrentFetches = 1
        source.hold()
        let bravo = try ServerName("bravo.example")
        try await withRing(limits: limits) { ring in
            let loop = NIOAsyncTestingEventLoop()
            let told = Mutex<[KeyRing.Outcome]>([])
            ring.fetch(alpha, on: loop) { _ in }
            ring.fetch(bravo, on: loop) { outcome in told.withLock { $0.append(outcome) } }
            ring.replacePins([bravo: [a1: PinnedKey(key: try KeyFixtures.key(1), notAfter: nil)]])
            await loop.run()
            #expect(told.withLock { $0 } == [.refused(.pinned)])
            await turn { source.heldCount == 1 }
            source.release()
            await loop.shutdownGracefully()
        }
        #expect(source.asked == [alpha])
    }

    @Test("when the ring stops, every asker is told")
    func stops() async throws {
        var limits = KeyCacheLimits()
        limits.maxConcurrentFetches = 1
        let ring = KeyRing(source: source, limits: limits, now: { KeyFixtures.start }, report: { _ in })
        let task = Task { await ring.run() }
        source.hold()
        let servers = try (0..<3).map { try ServerName("s\($0).example") }
        await withTaskGroup(of: KeyRing.Outcome.self) { group in
            for server in servers { group.addTask { await ring.fetch(server) } }
            await turn { source.heldCount == 1 }
            task.cancel()
            source.release()
            await task.value
            var outcomes: [KeyRing.Outcome] = []
            for await outcome in group { outcomes.append(outcome) }
            #expect(outcomes.filter { $0 == .failed(.stopped) }.count >= 2)
        }
        #expect(await ring.fetch(alpha) == .failed(.stopped))
    }
}
