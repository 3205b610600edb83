// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// One policy as it is at different times. Between two of its dates nothing changes, so few are worked out.
struct PolicyTimes {
    private let policy: Policy
    private let changes: [Timestamp]
    private var known: [(span: Int, policy: Policy)] = []
    private var current: (span: Int, policy: Policy, from: Timestamp?, until: Timestamp?)?

    /// Times go forwards; a log whose clock jumps needs a few.
    private static let kept = 8

    init(_ policy: Policy) {
        self.policy = policy
        changes = policy.instantsOfChange
    }

    /// The policy at that time, and a number that is the same as long as it says the same.
    mutating func policy(at time: Timestamp) -> (policy: Policy, span: Int) {
        if let current, current.from.map({ time >= $0 }) ?? true, current.until.map({ time < $0 }) ?? true {
            return (current.policy, current.span)
        }
        let span = changes.firstIndex { $0 > time } ?? changes.count
        let found: Policy
        if let entry = known.first(where: { $0.span == span }) {
            found = entry.policy
        } else {
            found = policy.under(Circumstances(now: time))
            if known.count == Self.kept { known.removeFirst() }
            known.append((span, found))
        }
        current = (
            span, found, span == 0 ? nil : changes[span - 1], span == changes.count ? nil : changes[span]
        )
        return (found, span)
    }
}
