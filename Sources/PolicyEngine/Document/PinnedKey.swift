// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A signing key that the policy itself vouches for.
package struct PinnedKey: Hashable, Sendable {
    package let key: VerifyKey
    /// The first instant at which the key is overdue; `nil`: as long as the policy says so.
    package let notAfter: Timestamp?

    /// What happens to the server then. Only `refuse` takes the key out of use.
    let onOverdue: Overdue

    init(key: VerifyKey, notAfter: Timestamp?, onOverdue: Overdue = .refuse) {
        self.key = key
        self.notAfter = notAfter
        self.onOverdue = onOverdue
    }

    package init(key: VerifyKey, notAfter: Timestamp?) {
        self.init(key: key, notAfter: notAfter, onOverdue: .refuse)
    }

    package func isValid(at now: Timestamp) -> Bool {
        guard let notAfter, onOverdue == .refuse else { return true }
        return now < notAfter
    }
}
