// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Compares the journal with the bundles, and looks at what is in it alone.
struct JournalVerifier {
    private var scan: JournalScan
    private let header: JournalHeader
    /// The hashes of the records from `first` on that are in bundles.
    private var leaves: [Digest] = []

    var first: UInt64 { header.first }

    /// - Returns: `nil` for a copy without a journal.
    init?(_ files: any LogFiles, _ hasher: TreeHasher) throws(StoreFailure) {
        let journals: [String]
        do throws(DiskFailure) {
            journals = try files.journals()
        } catch {
            throw .disk(error)
        }
        for (index, name) in journals.enumerated().reversed() {
            scan = JournalScan(files, name, hasher)
            if let header = try scan.header() {
                self.header = header
                return
            }
            // The newest may have been begun only.
            guard index > 0 else { throw .log(LogFault(.journalHeader, name)) }
        }
        return nil
    }

    /// The header is to hold the edge of this tree.
    func check(edge: TileRows, _ hasher: TreeHasher) throws(StoreFailure) {
        guard header.edge.root(hasher) == edge.root(hasher) else {
            throw .log(LogFault(.journalHeader, scan.journal, sequence: first + 1))
        }
    }

    /// - Parameter size: how many records there are up to the last of these.
    mutating func add(_ leaves: [Digest], before size: UInt64) {
        if size > first { self.leaves += leaves }
    }

    /// - Parameter size: how many records the checkpoint counts.
    mutating func run(after size: UInt64) throws(StoreFailure) -> (behind: UInt64, tornBytes: Int) {
        var next = first
        while true {
            let offset = scan.offset
            switch try scan.peek() {
            case .end, .blank:
                // What was signed was in it once: it does not end before.
                guard next >= size else {
                    throw .log(LogFault(.journalFrame, scan.journal, sequence: next + 1, offset: offset))
                }
                return (next - size, 0)
            case .torn(let count):
                // What was signed was durable once.
                if try scan.wasDurable() || next < size {
                    throw .log(LogFault(.journalFrame, scan.journal, sequence: next + 1, offset: offset))
                }
                return (next - size, count)
            case .frame(let frame):
                guard frame.first == next else {
                    throw .log(LogFault(.journalFrame, scan.journal, sequence: next + 1, offset: offset))
                }
                for leaf in frame.leaves {
                    if next < size, leaves[Int(next - first)] != leaf {
                        throw .log(LogFault(.journalFrame, scan.journal, sequence: next + 1, offset: offset))
                    }
                    next += 1
                }
                scan.advance(over: frame)
            }
        }
    }
}
