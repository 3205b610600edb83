// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A key that the policy fixes for a server; the pins of a server are exclusive, nothing is fetched for it.
package struct PinnedKey: Hashable, Sendable {
    package let id: KeyID
    package let key: VerifyKey
    /// Usable up to and including this time; `nil`: until the policy says otherwise.
    package let notAfter: Timestamp?

    package init(id: KeyID, key: VerifyKey, notAfter: Timestamp? = nil) {
        self.id = id
        self.key = key
        self.notAfter = notAfter
    }
}
