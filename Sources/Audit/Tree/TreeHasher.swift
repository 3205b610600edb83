// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The two hashes of a Merkle tree. RFC 6962, section 2.1; SHA-256.
///
/// For one thread at a time.
package final class TreeHasher {
    private let hasher = SHA256Hasher()

    package init() {}

    /// Of an entry: SHA-256(0x00 ‖ entry).
    package func leaf(_ entry: Span<UInt8>) -> Digest { hasher.hash(0, entry) }

    package func leaf(_ entry: [UInt8]) -> Digest { leaf(entry.span) }

    /// Of two subtrees: SHA-256(0x01 ‖ left ‖ right).
    package func node(_ left: Digest, _ right: Digest) -> Digest { hasher.hash(1, left, right) }

    /// Of a complete subtree.
    ///
    /// - Parameter hashes: 2, 4, 8 … of them, or one.
    package func subtree(_ hashes: ArraySlice<Digest>) -> Digest {
        var row = Array(hashes)
        while row.count > 1 {
            for index in 0..<row.count / 2 { row[index] = node(row[2 * index], row[2 * index + 1]) }
            row.removeLast(row.count - row.count / 2)
        }
        return row.first ?? Self.empty
    }

    /// The root of a tree without entries: SHA-256 of nothing.
    package static let empty = SHA256.hash([UInt8]())
}
