// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What the policy says of one list of servers that somebody else keeps: where it is and when it counts.
///
/// The engine reads no file: whoever loads the policy reads what these name and gives the result to `Policy.compile`.
package struct ListSource: Hashable, Sendable {
    package enum Form: String, CaseIterable, Hashable, Sendable {
        /// A JSON Web Signature in compact form with the signer's certificates.
        case jws
        /// One server name a line.
        case text
    }

    /// What happens to a list's servers once the list is too old.
    package enum OnStale: String, CaseIterable, Hashable, Sendable {
        case refuse
        case keep
    }

    /// The name that the policy gives it: lower-case letters, digits, `_` and `-`, so that it can name a file.
    package let name: String
    /// As written; relative to the policy's directory.
    package let file: String
    package let form: Form
    /// PEM file of the authorities that the signer's certificate must lead to; as written. Only `jws`.
    package let roots: String?
    package let signer: ListSignerPins
    /// How old the list may become; `nil`: as old as it likes, only `text`.
    package let maxAge: Duration?
    package let onStale: OnStale
    /// Versions below it are refused.
    package let minVersion: Int64?

    /// The instant from which the list is stale; `nil`: never.
    ///
    /// The first of: its own end, the end of the signer's certificates, and `max_age` after it was issued or, where it
    /// does not say when, after its file was written.
    package func end(of list: ServerList, written: Timestamp) -> Timestamp? {
        var ends = [list.expires, list.signer?.validUntil].compactMap { $0 }
        if let maxAge {
            let milliseconds = Int64(maxAge.components.seconds) * 1000
            ends.append((list.issued ?? written).advanced(byMilliseconds: milliseconds))
        }
        return ends.min()
    }
}

/// What the certificate of a list's signer must be, beside leading to a root. All that are given must hold.
package struct ListSignerPins: Hashable, Sendable {
    /// The whole subject, as `entente check` prints it.
    package let subject: String?
    /// One of its DNS names, lower case.
    package let dns: String?
    /// SHA-256 of its public key.
    package let spki: Digest?

    package static let none = ListSignerPins(subject: nil, dns: nil, spki: nil)
    package var isEmpty: Bool { self == .none }
}

/// Who signed a list: made by whoever verified the signature.
package struct ListSigner: Hashable, Sendable {
    package let subject: String
    /// The first end among the certificates from the signer's to the root.
    package let validUntil: Timestamp

    package init(subject: String, validUntil: Timestamp) {
        self.subject = subject
        self.validUntil = validUntil
    }
}
