// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Whether traffic may pass although a sink gets no records. Set from outside of the loops; asked with one atomic read.
package final class EvidenceGate: Sendable {
    package enum Position: Int, Sendable {
        case open
        /// Servers of the own state go on.
        case ownOnly
        case shut
    }

    private let position = Atomic(Position.open.rawValue)

    package init() {}

    package func set(_ position: Position) { self.position.store(position.rawValue, ordering: .releasing) }

    /// - Parameter isOwn: whether the server that asks is proved and of the own state; asked only where that matters.
    func lets(_ isOwn: @autoclosure () -> Bool) -> Bool {
        switch position.load(ordering: .acquiring) {
        case Position.open.rawValue: true
        case Position.ownOnly.rawValue: isOwn()
        default: false
        }
    }
}
