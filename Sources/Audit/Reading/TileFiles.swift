// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The tiles and bundles of a log's directory, as they belong to a tree of a certain size. Nothing is verified.
package struct TileFiles: SubtreeSource {
    private let files: any LogFiles
    package let size: UInt64
    private let hasher: TreeHasher

    package init(_ files: any LogFiles, size: UInt64, _ hasher: TreeHasher) {
        self.files = files
        self.size = size
        self.hasher = hasher
    }

    /// How many hashes a tile has in this tree, 0 to 256.
    package func width(_ level: Int, _ index: UInt64) -> Int {
        let count = level < 8 ? size >> UInt64(8 * level) : 0
        let start = index * UInt64(TilePath.width)
        return count > start ? Int(min(count - start, UInt64(TilePath.width))) : 0
    }

    /// The hashes of a tile.
    package func tile(_ level: Int, _ index: UInt64) throws(StoreFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        try tile(level, index, into: &bytes)
        return bytes
    }

    func tile(_ level: Int, _ index: UInt64, into bytes: inout [UInt8]) throws(StoreFailure) {
        let width = width(level, index)
        let path = TilePath.tile(level, index, partial: width < TilePath.width ? width : nil)
        let first = (index << UInt64(8 * (level + 1))) + 1
        var isThere = try files.take(path, limit: TilePath.width * 32, into: &bytes)
        if !isThere, width < TilePath.width {
            // The full one takes its place once it is there.
            isThere = try files.take(TilePath.tile(level, index), limit: TilePath.width * 32, into: &bytes)
            bytes.removeLast(max(bytes.count - width * 32, 0))
        }
        guard isThere else { throw .log(LogFault(.fileMissing, path, sequence: first)) }
        guard bytes.count == width * 32 else { throw .log(LogFault(.tileLength, path, sequence: first)) }
    }

    /// The longest bundle, in bytes.
    static let bundleLimit = TilePath.width * (EntryBundle.entryLimit + 2)

    /// A bundle and where its entries lie in it.
    package func bundle(_ index: UInt64) throws(StoreFailure) -> (bytes: [UInt8], entries: [Range<Int>], path: String) {
        var bytes: [UInt8] = []
        let (entries, path) = try bundle(index, into: &bytes)
        return (bytes, entries, path)
    }

    func bundle(
        _ index: UInt64, into bytes: inout [UInt8]
    ) throws(StoreFailure) -> (entries: [Range<Int>], path: String) {
        let width = width(0, index)
        let path = TilePath.entries(index, partial: width < TilePath.width ? width : nil)
        let first = index * UInt64(TilePath.width) + 1
        var isThere = try files.take(path, limit: Self.bundleLimit, into: &bytes)
        var isLonger = false
        if !isThere, width < TilePath.width {
            isThere = try files.take(TilePath.entries(index), limit: Self.bundleLimit, into: &bytes)
            isLonger = true
        }
        guard isThere else { throw .log(LogFault(.fileMissing, path, sequence: first)) }
        guard let entries = EntryBundle.ranges(bytes.span), isLonger ? entries.count >= width : entries.count == width
        else { throw .log(LogFault(.bundleForm, path, sequence: first)) }
        return (entries.count == width ? entries : Array(entries.prefix(width)), path)
    }

    package func subtree(height: Int, index: UInt64) throws(StoreFailure) -> Digest {
        let (level, within) = (height / 8, height % 8)
        let start = index << UInt64(within)
        let place = start / UInt64(TilePath.width)
        let bytes: [UInt8]
        do throws(StoreFailure) {
            bytes = try tile(level, place)
        } catch {
            // A partial tile is there for a tree that was published; what is below it is always there.
            guard case .log(let fault) = error, fault.kind == .fileMissing, width(level, place) < TilePath.width,
                height > 0
            else { throw error }
            return hasher.node(
                try subtree(height: height - 1, index: 2 * index), try subtree(height: height - 1, index: 2 * index + 1)
            )
        }
        let first = Int(start % UInt64(TilePath.width)) * 32
        let hashes = Digest.list(bytes[min(first, bytes.count)..<min(first + 32 << within, bytes.count)])
        guard hashes.count == 1 << within else {
            throw .log(LogFault(.tileLength, TilePath.tile(level, place)))
        }
        return hasher.subtree(hashes[...])
    }
}
