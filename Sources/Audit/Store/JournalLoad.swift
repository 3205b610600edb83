// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Goes through one file of the journal and builds the tree again.
struct JournalLoad {
    enum Result {
        case loaded(JournalLoad)
        /// A stop came while the file was begun: nothing was ever added behind that.
        case unbegun
    }

    var state: StoreState
    /// The edge of the tree where this file begins.
    let edge: TileRows
    /// What an unclean stop left half written behind the last record, in bytes.
    let cutBytes: Int
    /// The root at the size that was asked for, if this file goes through it.
    var rootAsked: Digest?

    /// - Parameter asked: a size of the tree whose root is wanted.
    static func run(
        _ files: any LogFiles, _ journal: String, origin: String, rootAt asked: UInt64?, _ hasher: TreeHasher
    ) throws(StoreFailure) -> Result {
        var scan = JournalScan(files, journal, hasher)
        guard let header = try scan.header(), header.origin == origin, let digest = scan.digest else {
            return .unbegun
        }
        var state = StoreState(journal: journal, digest: digest, length: scan.offset, tree: header.edge)
        var root = asked == header.first ? header.edge.root(hasher) : nil
        walk: while true {
            switch try scan.peek() {
            case .end, .blank: break walk
            case .torn:
                let (offset, next) = (scan.offset, state.tree.size + 1)
                if try scan.wasDurable() {
                    throw .log(LogFault(.journalFrame, journal, sequence: next, offset: offset))
                }
                break walk
            case .frame(let frame):
                guard frame.first == state.tree.size else {
                    throw .log(
                        LogFault(.journalFrame, journal, sequence: state.tree.size + 1, offset: scan.offset))
                }
                let bytes = scan.bytes(of: frame)
                for (range, leaf) in zip(frame.entries, frame.leaves) {
                    let start = bytes.startIndex
                    state.take(bytes[start + range.lowerBound - 2..<start + range.upperBound], leaf, hasher)
                    if state.tree.size == asked { root = state.tree.root(hasher) }
                }
                scan.advance(over: frame)
                state.length = scan.offset
                if state.tree.size <= header.begun { state.begun = state.length }
            }
        }
        guard state.tree.size >= header.begun else { return .unbegun }
        let cutBytes = max(try scan.findContentEnd() - state.length, 0)
        return .loaded(JournalLoad(state: state, edge: header.edge, cutBytes: cutBytes, rootAsked: root))
    }
}
