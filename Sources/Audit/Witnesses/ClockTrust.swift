// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Whether the clock may decide if a key is still valid. Witnesses, who are not under the operator's hand, say so. AC-95.
package final class ClockTrust: Sendable {
    /// A witness whose clock differs by more seconds than this says that ours, or its own, is wrong.
    package static let limit: UInt64 = 60

    private let doubtful = Atomic<Bool>(false)

    package init() {}

    package var isDoubtful: Bool { doubtful.load(ordering: .relaxed) }

    /// - Returns: whether that is another answer than before.
    package func set(_ isDoubtful: Bool) -> Bool {
        doubtful.exchange(isDoubtful, ordering: .relaxed) != isDoubtful
    }

    /// By half of the witnesses or more: one alone of three may be wrong itself, one of two may not be.
    ///
    /// - Parameter skews: what each said last, in seconds; those that never said anything are left out.
    package static func isDoubtful(_ skews: [Int64]) -> Bool {
        let wrong = skews.count { $0.magnitude > limit }
        return wrong > 0 && wrong * 2 >= skews.count
    }
}
