// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// When to say that a policy will run out: 30, 7 and 1 days before. AC-101.
package struct ExpiryAlarm: Sendable {
    private static let days: [Int64] = [30, 7, 1]
    private static let day: Int64 = 86_400_000

    private let expires: Timestamp?
    /// The nearest one that was given, in days.
    private var given: Int64 = .max

    package init(_ policy: Policy) { expires = policy.validity.expires }

    /// How many days are left, rounded up, if it is time to say so; each alarm is given once.
    package mutating func daysLeft(at now: Timestamp) -> Int? {
        guard let expires, now < expires,
            let due = Self.days.filter({ now >= expires.advanced(byMilliseconds: -$0 * Self.day) }).min(), due < given
        else { return nil }
        given = due
        return Int((expires.milliseconds - now.milliseconds + Self.day - 1) / Self.day)
    }
}
