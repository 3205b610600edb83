// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The right edge of a growing tree: of each level the hashes in the tile that is not full yet.
///
/// It is all that is needed to add entries, to write tiles when they are full, and to compute the root.
package struct TileRows {
    /// How many entries the tree has.
    package private(set) var size: UInt64 = 0
    /// By level; each has fewer than 256 hashes.
    package private(set) var rows: [[Digest]] = []

    /// A tile that became full.
    package struct Tile {
        package let level: Int
        package let index: UInt64
        package let hashes: [Digest]
    }

    package init() {}

    /// The edge of a tree whose size is a multiple of 256.
    ///
    /// - Parameter rows: from level 1 up.
    /// - Returns: `nil` if they do not belong to a tree of that size.
    package init?(size: UInt64, above rows: [[Digest]]) {
        guard size % UInt64(TilePath.width) == 0 else { return nil }
        self.size = size
        self.rows = rows.isEmpty ? [] : [[]] + rows
        var rest = size / UInt64(TilePath.width)
        for row in rows {
            guard row.count == Int(rest % UInt64(TilePath.width)) else { return nil }
            rest /= UInt64(TilePath.width)
        }
        guard rest == 0, rows.last?.isEmpty != true else { return nil }
    }

    /// - Returns: the tiles that became full by it, the lowest first; most often none.
    package mutating func append(_ leaf: Digest, _ hasher: TreeHasher) -> [Tile] {
        size += 1
        if rows.isEmpty { rows.append([]) }
        rows[0].append(leaf)
        guard rows[0].count == TilePath.width else { return [] }
        var full: [Tile] = []
        var level = 0
        var index = (size - 1) / UInt64(TilePath.width)
        while rows[level].count == TilePath.width {
            let hashes = rows[level]
            full.append(Tile(level: level, index: index, hashes: hashes))
            rows[level].removeAll(keepingCapacity: true)
            level += 1
            if rows.count == level { rows.append([]) }
            rows[level].append(hasher.subtree(hashes[...]))
            index /= UInt64(TilePath.width)
        }
        return full
    }

    /// The tree's root. RFC 6962, section 2.1.
    package func root(_ hasher: TreeHasher) -> Digest {
        var root: Digest?
        for row in rows {
            var end = row.count
            var width = 1
            while end > 0 {
                if end & width != 0 {
                    let peak = hasher.subtree(row[end - width..<end])
                    root = root.map { hasher.node(peak, $0) } ?? peak
                    end -= width
                }
                width *= 2
            }
        }
        return root ?? TreeHasher.empty
    }

    /// Of each level that has one the tile that is not full: its index, and the hashes in it.
    package var partials: [Tile] {
        var tiles: [Tile] = []
        var count = size
        for (level, row) in rows.enumerated() {
            if !row.isEmpty {
                tiles.append(Tile(level: level, index: count / UInt64(TilePath.width), hashes: row))
            }
            count /= UInt64(TilePath.width)
        }
        return tiles
    }
}

extension TileRows.Tile {
    /// As it lies on disk: 32 bytes for each hash.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * 32)
        for hash in hashes { hash.append(to: &bytes) }
        return bytes
    }

    package var path: String {
        TilePath.tile(level, index, partial: hashes.count == TilePath.width ? nil : hashes.count)
    }
}
