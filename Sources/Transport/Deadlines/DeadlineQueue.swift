// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What a `Deadline` calls.
protocol DeadlineOwner: AnyObject {
    func deadlinePassed()
}

/// The moment at which one connection has to act, if it has one. Held by its owner, which it holds while it is set.
final class Deadline {
    fileprivate(set) var due = NIODeadline.distantFuture
    fileprivate var owner: (any DeadlineOwner)?
    fileprivate var place = 0

    var isSet: Bool { owner != nil }
}

/// The deadlines of the connections of one event loop. Confined to that loop.
///
/// To cancel a task of the loop's own it looks at all its tasks, so that connections at rest would make each new one
/// dearer. Here setting and clearing one of N costs log N, and the loop has a task only for the earliest.
package final class DeadlineQueue {
    /// A binary heap, earliest first. INVARIANT: each knows its place.
    private var heap: [Deadline] = []
    /// When the loop will call; later than the earliest deadline never, earlier at times.
    private var wakeUp = NIODeadline.distantFuture
    private var isWaking = false

    package init() {}

    var count: Int { heap.count }

    /// Sets a deadline, or changes it; its owner is called once when it has passed.
    func set(_ deadline: Deadline, to due: NIODeadline, owner: any DeadlineOwner, on eventLoop: any EventLoop) {
        if deadline.isSet {
            let isEarlier = due < deadline.due
            deadline.due = due
            if isEarlier { rise(deadline.place) } else { sink(deadline.place) }
        } else {
            deadline.due = due
            deadline.place = heap.count
            heap.append(deadline)
            rise(deadline.place)
        }
        deadline.owner = owner
        if !isWaking { schedule(on: eventLoop) }
    }

    /// Forgets a deadline, if it is set.
    func clear(_ deadline: Deadline) {
        guard deadline.isSet else { return }
        deadline.owner = nil
        let place = deadline.place
        let last = heap.removeLast()
        guard last !== deadline else { return }
        put(last, at: place)
        rise(place)
        sink(last.place)
    }

    private func schedule(on eventLoop: any EventLoop) {
        guard let first = heap.first, first.due < wakeUp else { return }
        let due = first.due
        wakeUp = due
        eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.wake(due, eventLoop) }
    }

    private func wake(_ scheduled: NIODeadline, _ eventLoop: any EventLoop) {
        // An earlier one has taken its place.
        guard scheduled == wakeUp else { return }
        wakeUp = .distantFuture
        isWaking = true
        let now = max(scheduled, eventLoop.now)
        // At most as many as there are: an owner may set its deadline again.
        for _ in 0..<heap.count {
            guard let first = heap.first, first.due <= now else { break }
            let owner = first.owner
            clear(first)
            owner?.deadlinePassed()
        }
        isWaking = false
        schedule(on: eventLoop)
    }

    // MARK: Heap

    private func put(_ deadline: Deadline, at place: Int) {
        heap[place] = deadline
        deadline.place = place
    }

    private func rise(_ start: Int) {
        let deadline = heap[start]
        var place = start
        while place > 0, deadline.due < heap[(place - 1) / 2].due {
            put(heap[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(deadline, at: place)
    }

    private func sink(_ start: Int) {
        let deadline = heap[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].due < heap[child].due { child += 1 }
            guard heap[child].due < deadline.due else { break }
            put(heap[child], at: place)
            place = child
        }
        put(deadline, at: place)
    }
}
