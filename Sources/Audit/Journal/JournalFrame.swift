// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Some records that were stored together, as they lie in the journal: 24 bytes, a digest of 32, then the entries as in
/// a bundle.
///
/// A batch that is synced once may be several frames; the first has part 0: what stands before it was durable then.
struct JournalFrame {
    /// The number of records before it.
    let first: UInt64
    /// Its place in its batch, from 0.
    let part: UInt32
    /// Where each entry lies, from the first byte of the frame.
    let entries: [Range<Int>]
    let leaves: [Digest]
    /// Of the whole frame, in bytes.
    let length: Int

    /// 0xF5 is in no record: it is in no UTF-8.
    static let magic: [UInt8] = [0xF5] + Array("ENT".utf8)
    static let headLength = 24
    static let digestLength = 32
    static var bodyStart: Int { headLength + digestLength }
    /// A frame takes no more entries once it has so many bytes of them.
    static let bodyGoal = 1 << 20
    /// So no body is longer than this.
    static let bodyLimit = bodyGoal + EntryBundle.entryLimit + 2

    /// The head and the digest of a frame.
    static func head(
        first: UInt64, part: UInt32, bodyLength: Int, leaves: ArraySlice<Digest>, of journal: Digest
    ) -> [UInt8] {
        var head = magic
        JournalHeader.append(UInt64(bodyLength), 4, to: &head)
        JournalHeader.append(first, 8, to: &head)
        JournalHeader.append(UInt64(leaves.count), 4, to: &head)
        JournalHeader.append(UInt64(part), 4, to: &head)
        return head + digest(head[...], leaves, of: journal).bytes
    }

    private static func digest(_ head: ArraySlice<UInt8>, _ leaves: ArraySlice<Digest>, of journal: Digest) -> Digest {
        var input = journal.bytes
        input.reserveCapacity(32 + headLength + leaves.count * 32)
        input += head
        for leaf in leaves { leaf.append(to: &input) }
        return SHA256.hash(input)
    }

    /// How long the frame is whose head begins at `start`; `nil` if there is no head.
    static func length(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        guard bytes.count - start >= bodyStart else { return nil }
        for index in magic.indices where bytes[start + index] != magic[index] { return nil }
        let body = number(bytes, start + 4, 4)
        return body > 0 && body <= bodyLimit ? bodyStart + Int(body) : nil
    }

    /// Reads a whole frame; `nil` if it is not what was written.
    init?(_ bytes: ArraySlice<UInt8>, of journal: Digest, _ hasher: TreeHasher) {
        let span = bytes.span
        guard let length = Self.length(span, at: 0), length == bytes.count else { return nil }
        let count = Int(Self.number(span, 16, 4))
        guard
            let ranges = EntryBundle.ranges(span.extracting(Self.bodyStart..<length), limit: count),
            ranges.count == count
        else { return nil }
        first = Self.number(span, 8, 8)
        part = UInt32(truncatingIfNeeded: Self.number(span, 20, 4))
        entries = ranges.map { $0.lowerBound + Self.bodyStart..<$0.upperBound + Self.bodyStart }
        var leaves: [Digest] = []
        leaves.reserveCapacity(count)
        for range in entries { leaves.append(hasher.leaf(span.extracting(range))) }
        self.leaves = leaves
        self.length = length
        let digest = Self.digest(bytes.prefix(Self.headLength), leaves[...], of: journal)
        guard digest == Digest(span.extracting(Self.headLength..<Self.bodyStart)) else { return nil }
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}
