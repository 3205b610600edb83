// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// The Merkle tree as RFC 6962, section 2.1, writes it down: slow, and easy to compare with the text.
enum NaiveTree {
    static func leaf(_ entry: [UInt8]) -> Digest { SHA256.hash([0] + entry) }

    static func node(_ left: Digest, _ right: Digest) -> Digest { SHA256.hash([1] + left.bytes + right.bytes) }

    /// MTH.
    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard let first = leaves.first else { return SHA256.hash([UInt8]()) }
        guard leaves.count > 1 else { return first }
        let middle = leaves.startIndex + split(leaves.count)
        return node(root(leaves[..<middle]), root(leaves[middle...]))
    }

    /// PATH.
    static func inclusion(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return index < k
            ? inclusion(index, leaves[..<middle]) + [root(leaves[middle...])]
            : inclusion(index - k, leaves[middle...]) + [root(leaves[..<middle])]
    }

    /// SUBPROOF.
    static func consistency(_ old: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool = true) -> [Digest] {
        if old == leaves.count { return isWhole ? [] : [root(leaves)] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return old <= k
            ? consistency(old, leaves[..<middle], isWhole: isWhole) + [root(leaves[middle...])]
            : consistency(old - k, leaves[middle...], isWhole: false) + [root(leaves[..<middle])]
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        var k = 1
        while 2 * k < count { k *= 2 }
        return k
    }
}
