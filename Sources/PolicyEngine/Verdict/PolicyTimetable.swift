// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What time does to a policy that is in force: when it changes, and when to warn that it will run out. AC-101.
///
/// Time only goes forward here: a clock that is set back gives nothing back that had expired.
package struct PolicyTimetable: Sendable {
    package enum Event: Equatable, Sendable {
        /// `inForce` is another now.
        case changed
        /// So many days are left, rounded up.
        case expiresSoon(days: Int)
    }

    /// Days before expiry at which a warning falls due.
    private static let warnings: [Int64] = [30, 7, 1]
    private static let day: Int64 = 86_400_000

    /// As it was compiled.
    package let whole: Policy
    package private(set) var inForce: Policy
    private var latest: Timestamp
    /// The nearest warning that was given, in days.
    private var warned: Int64?

    package init(_ policy: Policy, now: Timestamp) {
        whole = policy
        latest = now
        inForce = policy.inForce(at: now)
    }

    /// When `advance` has something to say again; `nil`: never.
    package var next: Timestamp? {
        guard let change = inForce.nextChange else { return nil }
        guard !inForce.isExpired, let expires = whole.validity.expires else { return change }
        let alarms = Self.warnings.filter { $0 < warned ?? .max }
        return alarms.map { expires.advanced(byMilliseconds: -$0 * Self.day) }.reduce(change, min)
    }

    /// - Parameter now: by the clock of the world.
    package mutating func advance(to now: Timestamp) -> [Event] {
        latest = max(latest, now)
        var events: [Event] = []
        if let change = inForce.nextChange, latest >= change {
            inForce = whole.inForce(at: latest)
            events.append(.changed)
        }
        guard !inForce.isExpired, let expires = whole.validity.expires else { return events }
        let due = Self.warnings.filter { latest >= expires.advanced(byMilliseconds: -$0 * Self.day) }.min()
        if let due, due < warned ?? .max {
            warned = due
            let left = expires.milliseconds - latest.milliseconds
            events.append(.expiresSoon(days: Int((left + Self.day - 1) / Self.day)))
        }
        return events
    }
}
