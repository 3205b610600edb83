// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a policy is looked at under: verdicts depend on it, the file does not.
package struct Circumstances: Hashable, Sendable {
    /// `nil`: no date is looked at. Nothing is overdue then, and no exception has ended.
    package var now: Timestamp?
    package var lockdowns: [LockdownInForce]

    package init(now: Timestamp? = nil, lockdowns: [LockdownInForce] = []) {
        self.now = now
        self.lockdowns = lockdowns
    }

    /// Whether a day that ends before `end` is over.
    func isPast(_ end: Timestamp) -> Bool {
        guard let now else { return false }
        return now >= end
    }
}

/// A lockdown profile that officers have put in force.
package struct LockdownInForce: Hashable, Sendable {
    package let profile: String
    /// For profiles with `argument: state`.
    package let state: CountryCode?

    package init(profile: String, state: CountryCode? = nil) {
        self.profile = profile
        self.state = state
    }
}
