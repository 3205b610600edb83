// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Where a log is: its tree, and the file of the journal that holds what is in no full bundle.
struct StoreState {
    /// A file that is to be put in its place.
    struct Output {
        let path: String
        let bytes: [UInt8]
    }

    var journal: String
    /// Of the header, to which frames are bound.
    var digest: Digest
    /// Of the header and of the records that this file took over from the one before, in bytes.
    var begun: Int
    /// Up to the last durable record, in bytes.
    var length: Int
    /// The tree over all durable records.
    var tree: TileRows
    /// The records of the bundle that is not full, as they lie in it.
    var bundle: [UInt8] = []
    /// Full bundles and tiles that are not yet put in their place.
    var outbox: [Output] = []

    init(journal: String, digest: Digest, length: Int, tree: TileRows) {
        self.journal = journal
        self.digest = digest
        begun = length
        self.length = length
        self.tree = tree
    }

    /// Takes a durable record.
    ///
    /// - Parameter framed: the record behind its length, as in a bundle.
    mutating func take(_ framed: ArraySlice<UInt8>, _ leaf: Digest, _ hasher: TreeHasher) {
        bundle.append(contentsOf: framed)
        let full = tree.append(leaf, hasher)
        guard let first = full.first else { return }
        outbox.append(Output(path: TilePath.entries(first.index), bytes: bundle))
        bundle = []
        for tile in full { outbox.append(Output(path: tile.path, bytes: tile.bytes)) }
    }

    /// How many records are in the bundle that is not full.
    var pending: Int { Int(tree.size % UInt64(TilePath.width)) }

    /// The partial tiles and the partial bundle, without which the tree cannot be read up to its end.
    var partials: [Output] {
        var outputs = tree.partials.map { Output(path: $0.path, bytes: $0.bytes) }
        if pending > 0 {
            outputs.append(
                Output(
                    path: TilePath.entries(tree.size / UInt64(TilePath.width), partial: pending), bytes: bundle))
        }
        return outputs
    }

    /// How the next file of the journal begins: its header, and what is in no full bundle.
    func successor(_ origin: String, _ hasher: TreeHasher) -> (bytes: [UInt8], state: StoreState) {
        let first = tree.size - UInt64(pending)
        let edge = TileRows(size: first, above: Array(tree.rows.dropFirst())) ?? TileRows()
        let header = JournalHeader(first: first, begun: tree.size, origin: origin, edge: edge)
        var bytes = header.bytes
        let digest = Digest(bytes.span.extracting(last: 32)) ?? TreeHasher.empty
        var frames = FrameWriter(journal: digest)
        var at = 0
        for range in EntryBundle.ranges(bundle.span) ?? [] {
            frames.append(bundle[at..<range.upperBound], hasher)
            at = range.upperBound
        }
        bytes += frames.finish(first: first)
        var next = StoreState(journal: header.fileName, digest: digest, length: bytes.count, tree: tree)
        next.bundle = bundle
        return (bytes, next)
    }

    /// The state of a log without records, and the bytes of its journal.
    static func first(_ origin: String, _ hasher: TreeHasher) -> (bytes: [UInt8], state: StoreState) {
        StoreState(journal: "", digest: TreeHasher.empty, length: 0, tree: TileRows()).successor(origin, hasher)
    }
}
