// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// When to say that a policy will run out, or something in it: 30, 7 and 1 days before. AC-101.
package struct ExpiryAlarm: Sendable {
    private static let days: [Int64] = [30, 7, 1]
    private static let day: Int64 = 86_400_000

    private let policy: Policy
    private let expires: Timestamp?
    /// The nearest one that was given, in days.
    private var given: Int64 = .max

    /// Up to when dates were looked at.
    private var seen: Timestamp?

    /// Dates of reviews, pinned keys and exceptions that come near.
    package struct Approaching: Hashable, Sendable {
        /// 30, 7 or 1.
        package let days: Int
        /// Of the rules, sorted: `servers.a.example.review_by`, `exceptions.x.until`.
        package let rules: [String]
    }

    package init(_ policy: Policy) {
        self.policy = policy
        expires = policy.validity.expires
    }

    /// Which of the policy's other dates are nearer than 30, 7 or 1 days since this was asked last; each is named once for
    /// each, the first time with the nearest that has come.
    package mutating func approaching(at now: Timestamp) -> [Approaching] {
        let before = seen
        guard before.map({ $0 < now }) ?? true else { return [] }
        seen = now
        var found: [Int: Set<String>] = [:]
        for (end, rule) in policy.compiled.dates where end > now && rule != "policy.expires" {
            func hasBegun(_ days: Int64, _ at: Timestamp) -> Bool {
                at >= end.advanced(byMilliseconds: -days * Self.day)
            }
            guard let due = Self.days.filter({ hasBegun($0, now) }).min() else { continue }
            if let before, hasBegun(due, before) { continue }
            found[Int(due), default: []].insert(rule)
        }
        return found.sorted { $0.key < $1.key }.map { Approaching(days: $0.key, rules: $0.value.sorted()) }
    }

    /// How many days are left, rounded up, if it is time to say so; each alarm is given once.
    package mutating func daysLeft(at now: Timestamp) -> Int? {
        guard let expires, now < expires,
            let due = Self.days.filter({ now >= expires.advanced(byMilliseconds: -$0 * Self.day) }).min(), due < given
        else { return nil }
        given = due
        return Int((expires.milliseconds - now.milliseconds + Self.day - 1) / Self.day)
    }
}
