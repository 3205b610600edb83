// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Puts the records of one batch into frames.
struct FrameWriter {
    private let journal: Digest
    /// The entries, each behind its length, of all frames.
    private(set) var body: [UInt8] = []
    /// Where each entry ends in `body`.
    private(set) var ends: [Int] = []
    private(set) var leaves: [Digest] = []

    init(journal: Digest) { self.journal = journal }

    mutating func removeAll() {
        body.removeAll(keepingCapacity: body.capacity <= 1 << 22)
        ends.removeAll(keepingCapacity: ends.capacity <= 1 << 14)
        leaves.removeAll(keepingCapacity: leaves.capacity <= 1 << 14)
    }

    /// - Parameter framed: an entry behind its length.
    mutating func append(_ framed: ArraySlice<UInt8>, _ hasher: TreeHasher) {
        let start = body.count
        body.append(contentsOf: framed)
        finishEntry(from: start, hasher)
    }

    /// Appends a record with the digits of its number.
    mutating func append(
        _ head: ArraySlice<UInt8>, _ number: UInt64, _ tail: ArraySlice<UInt8>, _ hasher: TreeHasher
    ) {
        let start = body.count
        body.append(0)
        body.append(0)
        body.append(contentsOf: head)
        appendDecimal(number)
        body.append(contentsOf: tail)
        let length = body.count - start - 2
        body[start] = UInt8(truncatingIfNeeded: length >> 8)
        body[start + 1] = UInt8(truncatingIfNeeded: length)
        finishEntry(from: start, hasher)
    }

    private mutating func finishEntry(from start: Int, _ hasher: TreeHasher) {
        leaves.append(hasher.leaf(body.span.extracting(start + 2..<body.count)))
        ends.append(body.count)
    }

    private mutating func appendDecimal(_ value: UInt64) {
        let start = body.count
        var rest = value
        repeat {
            body.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        body[start...].reverse()
    }

    /// All frames, to be written at once.
    ///
    /// - Parameter first: the number of records before them.
    func finish(first: UInt64) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(body.count + JournalFrame.bodyStart * (1 + body.count / JournalFrame.bodyGoal))
        var part: UInt32 = 0
        var (entry, start) = (0, 0)
        while entry < ends.count {
            var next = entry
            repeat { next += 1 } while next < ends.count && ends[next - 1] - start < JournalFrame.bodyGoal
            let end = ends[next - 1]
            output += JournalFrame.head(
                first: first + UInt64(entry), part: part, bodyLength: end - start, leaves: leaves[entry..<next],
                of: journal)
            output += body[start..<end]
            part += 1
            (entry, start) = (next, end)
        }
        return output
    }
}
