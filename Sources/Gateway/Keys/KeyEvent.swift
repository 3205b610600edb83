// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What the operator should hear of a server's keys.
package enum KeyEvent: Hashable, Sendable {
    /// Other bytes under a key id that was known. An alarm: either the server's operator erred, or it is not the server.
    /// A pinned server's new key is not used; a fetched server's is, because its document verified.
    case conflict(server: ServerName, key: KeyID, known: Digest, new: Digest, isPinned: Bool)
    /// The document asked for a longer life than seven days; the cap holds.
    case validityCapped(server: ServerName)
    /// A key of the deny list was published; it is never used.
    case denylisted(server: ServerName, key: KeyID, fingerprint: Digest)
    case fetched(server: ServerName, keys: Int, validUntil: Timestamp)
    case fetchFailed(server: ServerName, because: KeyFetchFault, nextTry: Timestamp)
}
