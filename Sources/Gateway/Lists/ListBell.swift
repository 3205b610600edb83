// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Rung when a server asks that no list names: perhaps a list has changed. Costs a stranger's request one store.
package final class ListBell: Sendable {
    private let isRung = Atomic<Bool>(false)

    package init() {}

    package func ring() {
        if !isRung.load(ordering: .relaxed) { isRung.store(true, ordering: .relaxed) }
    }

    /// Whether it was rung since it was last asked.
    package func answer() -> Bool { isRung.exchange(false, ordering: .relaxed) }
}

/// When to look at the files of lists again: each minute, when one becomes too old, and a while after the bell.
package struct ListPace: Sendable {
    /// However often the bell rings, files are looked at no oftener.
    package static let least = Duration.seconds(5)
    package static let most = Duration.seconds(60)

    private var last: ContinuousClock.Instant
    private var isAsked = false

    package init(now: ContinuousClock.Instant) { last = now }

    /// - Parameters:
    ///   - isRung: whether the bell was rung since the last call.
    ///   - isDue: whether a list became too old.
    package mutating func isTime(now: ContinuousClock.Instant, isRung: Bool, isDue: Bool) -> Bool {
        isAsked = isAsked || isRung || isDue
        guard now - last >= (isAsked ? Self.least : Self.most) else { return false }
        last = now
        isAsked = false
        return true
    }
}
