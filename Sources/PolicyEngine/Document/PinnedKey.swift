// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A signing key that the policy itself vouches for.
package struct PinnedKey: Hashable, Sendable {
    package let key: VerifyKey
    /// The first instant at which the key no longer counts; `nil`: as long as the policy says so.
    package let notAfter: Timestamp?

    package init(key: VerifyKey, notAfter: Timestamp?) {
        self.key = key
        self.notAfter = notAfter
    }

    package func isValid(at now: Timestamp) -> Bool {
        guard let notAfter else { return true }
        return now < notAfter
    }
}
