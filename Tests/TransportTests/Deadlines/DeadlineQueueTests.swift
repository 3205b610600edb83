// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("Deadlines of an event loop")
struct DeadlineQueueTests {
    /// Notes when it was called; may set its deadline again from there.
    private final class Owner: DeadlineOwner {
        let deadline = Deadline()
        var calls: [NIODeadline] = []
        var again: TimeAmount?
        let queue: DeadlineQueue
        let loop: EmbeddedEventLoop

        init(_ queue: DeadlineQueue, _ loop: EmbeddedEventLoop) {
            self.queue = queue
            self.loop = loop
        }

        func set(in delay: TimeAmount) { queue.set(deadline, to: loop.now + delay, owner: self, on: loop) }

        func deadlinePassed() {
            calls.append(loop.now)
            if let again { set(in: again) }
        }
    }

    let loop = EmbeddedEventLoop()
    let queue = DeadlineQueue()

    @Test("each is called once, at its time and not before, however they are set, moved and cleared")
    func model() {
        var seed = UInt64.random(in: 0..<UInt64.max)
        let first = seed
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let owners = (0..<50).map { _ in Owner(queue, loop) }
        var due = [NIODeadline?](repeating: nil, count: owners.count)
        for _ in 0..<5000 {
            let index = next(owners.count)
            switch next(8) {
            case 0..<4:
                let delay = TimeAmount.milliseconds(Int64(next(500)) + 1)
                owners[index].set(in: delay)
                due[index] = loop.now + delay
            case 4, 5:
                queue.clear(owners[index].deadline)
                due[index] = nil
            default:
                loop.advanceTime(by: .milliseconds(Int64(next(40))))
                for (number, owner) in owners.enumerated() {
                    let passed = due[number].flatMap { $0 <= loop.now ? $0 : nil }
                    #expect(owner.calls == (passed.map { [$0] } ?? []), "owner \(number), seed \(first)")
                    owner.calls = []
                    if passed != nil { due[number] = nil }
                }
            }
            #expect(queue.count == due.count { $0 != nil }, "seed \(first)")
        }
    }

    @Test("one that is set again from its call is called again, and one that is always due does not spin")
    func again() {
        let owner = Owner(queue, loop)
        owner.again = .seconds(1)
        owner.set(in: .seconds(1))
        loop.advanceTime(by: .seconds(3))
        #expect(owner.calls.count == 3)
        queue.clear(owner.deadline)
        owner.calls = []
        loop.advanceTime(by: .seconds(3))
        #expect(owner.calls.isEmpty)
    }

    @Test("an owner is let go when its deadline is cleared or has passed")
    func lifetimes() {
        weak var cleared: Owner?
        weak var passed: Owner?
        do {
            let one = Owner(queue, loop)
            let two = Owner(queue, loop)
            cleared = one
            passed = two
            one.set(in: .seconds(5))
            two.set(in: .seconds(1))
            queue.clear(one.deadline)
            loop.advanceTime(by: .seconds(1))
        }
        #expect(cleared == nil && passed == nil)
    }
}
