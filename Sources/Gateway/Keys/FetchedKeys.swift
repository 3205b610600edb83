// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What one verified key document says, in the form that the cache keeps.
package struct FetchedKeys: Sendable {
    package struct Key: Hashable, Sendable {
        package let id: KeyID
        package let key: VerifyKey
        /// Usable for requests up to and including this time.
        package let validUntil: Timestamp

        package init(id: KeyID, key: VerifyKey, validUntil: Timestamp) {
            self.id = id
            self.key = key
            self.validUntil = validUntil
        }
    }

    /// Keys that the server no longer uses: never for requests.
    package struct OldKey: Hashable, Sendable {
        package let id: KeyID
        package let key: VerifyKey

        package init(id: KeyID, key: VerifyKey) {
            self.id = id
            self.key = key
        }
    }

    package let current: [Key]
    package let old: [OldKey]
    /// Whether the document asked for a longer validity than the specification allows.
    package let wasCapped: Bool

    package init(current: [Key], old: [OldKey] = [], wasCapped: Bool = false) {
        self.current = current
        self.old = old
        self.wasCapped = wasCapped
    }
}
