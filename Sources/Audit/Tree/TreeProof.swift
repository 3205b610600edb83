// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Where the hashes of complete subtrees come from.
package protocol SubtreeSource {
    /// The hash of the subtree of 2^`height` entries that begins at entry `index` · 2^`height`.
    func subtree(height: Int, index: UInt64) throws(StoreFailure) -> Digest
}

/// Proofs that an entry is in a tree, and that a tree is the beginning of another. RFC 6962, sections 2.1.1 and 2.1.2.
package struct TreeProver<Source: SubtreeSource> {
    private let source: Source
    private let hasher: TreeHasher

    package init(_ source: Source, _ hasher: TreeHasher) {
        self.source = source
        self.hasher = hasher
    }

    /// - Parameter index: below `size`.
    package func inclusion(of index: UInt64, in size: UInt64) throws(StoreFailure) -> [Digest] {
        var path: [Digest] = []
        var range = 0..<size
        while range.count > 1 {
            let middle = range.lowerBound + Self.split(range)
            if index < middle {
                path.append(try hash(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                path.append(try hash(range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return path.reversed()
    }

    /// - Parameter old: not above `size`.
    package func consistency(of old: UInt64, with size: UInt64) throws(StoreFailure) -> [Digest] {
        guard old > 0, old < size else { return [] }
        var path: [Digest] = []
        var range = 0..<size
        var isWhole = true
        while old < range.upperBound {
            let middle = range.lowerBound + Self.split(range)
            if old <= middle {
                path.append(try hash(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                path.append(try hash(range.lowerBound..<middle))
                range = middle..<range.upperBound
                isWhole = false
            }
        }
        if !isWhole { path.append(try hash(range)) }
        return path.reversed()
    }

    package func root(of size: UInt64) throws(StoreFailure) -> Digest { try hash(0..<size) }

    /// The root of the entries in `range`, which begins where a subtree of its size does.
    private func hash(_ range: Range<UInt64>) throws(StoreFailure) -> Digest {
        // Complete subtrees from left to right, each smaller than the one before.
        var peaks: [Digest] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let height = 63 - (range.upperBound - start).leadingZeroBitCount
            peaks.append(try source.subtree(height: height, index: start >> UInt64(height)))
            start += 1 << UInt64(height)
        }
        guard var root = peaks.popLast() else { return TreeHasher.empty }
        while let peak = peaks.popLast() { root = hasher.node(peak, root) }
        return root
    }

    /// The largest power of two below the number of entries, of which there are at least two.
    private static func split(_ range: Range<UInt64>) -> UInt64 {
        1 << UInt64(63 - (range.upperBound - range.lowerBound - 1).leadingZeroBitCount)
    }
}

/// Checks proofs; shares no code with what makes them. RFC 9162, sections 2.1.3.2 and 2.1.4.2.
package struct ProofCheck {
    private let hasher: TreeHasher

    package init(_ hasher: TreeHasher) { self.hasher = hasher }

    package func inclusion(_ path: [Digest], of leaf: Digest, at index: UInt64, in size: UInt64, root: Digest) -> Bool {
        guard index < size else { return false }
        var first = index
        var last = size - 1
        var hash = leaf
        for step in path {
            if last == 0 { return false }
            if first & 1 == 1 || first == last {
                hash = hasher.node(step, hash)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                hash = hasher.node(hash, step)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    package func consistency(
        _ path: [Digest], of old: UInt64, root oldRoot: Digest, with size: UInt64, root: Digest
    ) -> Bool {
        if old == size { return path.isEmpty && oldRoot == root }
        guard old < size else { return false }
        if old == 0 { return path.isEmpty && oldRoot == TreeHasher.empty }
        var path = path[...]
        guard let begun = old & (old - 1) == 0 ? oldRoot : path.popFirst() else { return false }
        var first = old - 1
        var last = size - 1
        while first & 1 == 1 {
            first >>= 1
            last >>= 1
        }
        var (oldHash, hash) = (begun, begun)
        for step in path {
            if last == 0 { return false }
            if first & 1 == 1 || first == last {
                oldHash = hasher.node(step, oldHash)
                hash = hasher.node(step, hash)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                hash = hasher.node(hash, step)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && hash == root
    }
}
