// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import MatrixFederation

/// Reads one file of the journal from its header to its end, frame by frame, in bounded memory.
///
/// Opening, recovery and the reader all walk a journal with it, so they cannot disagree.
struct JournalScan {
    private let files: any LogFiles
    let journal: String
    private let hasher: TreeHasher
    private var buffer: [UInt8] = []
    private var start = 0
    /// File offset of `buffer[0]`.
    private var base = 0
    private var isAtEnd = false
    /// To which the frames are bound; set by `header`.
    private(set) var digest: Digest?
    /// Where the zeros at the end of the file begin; nil until somebody asks.
    private var contentEnd: Int?
    /// From where on there were nothing but zeros. The writer goes on exactly there, so that one byte tells whether it did.
    private var blankStart: Int?

    static let chunk = 1 << 18

    init(_ files: any LogFiles, _ journal: String, _ hasher: TreeHasher) {
        self.files = files
        self.journal = journal
        self.hasher = hasher
    }

    /// File offset of what is looked at.
    var offset: Int { base + start }

    /// What a look at the next frame found.
    enum Step {
        case frame(JournalFrame)
        /// No frame: so many bytes, up to the last that is not zero.
        case torn(Int)
        /// Nothing but zeros follows: space for frames that are to come.
        case blank
        case end
    }

    /// The bytes of a frame that `peek` returned.
    func bytes(of frame: JournalFrame) -> ArraySlice<UInt8> { buffer[start..<start + frame.length] }

    mutating func advance(over frame: JournalFrame) { start += frame.length }

    /// Reads the header; `nil` if it is not whole.
    mutating func header() throws(StoreFailure) -> JournalHeader? {
        _ = try fill(JournalHeader.limit)
        guard let (header, length, digest) = JournalHeader.parse(Array(buffer.prefix(JournalHeader.limit))),
            header.fileName == journal
        else { return nil }
        start = length
        self.digest = digest
        return header
    }

    /// Forgets what was read behind the frames that were consumed: the file may have grown.
    mutating func lookAgain() {
        (base, start) = (offset, 0)
        buffer = []
        isAtEnd = false
        contentEnd = nil
    }

    /// The next frame. It is consumed by `advance`.
    mutating func peek() throws(StoreFailure) -> Step {
        guard let digest else { return .torn(max(try findContentEnd() - offset, 1)) }
        guard try fill(1) else { return .end }
        if buffer[start] == 0 {
            if blankStart == offset { return .blank }
            if try findContentEnd() <= offset {
                blankStart = offset
                return .blank
            }
        }
        if try fill(JournalFrame.bodyStart), let length = JournalFrame.length(buffer.span, at: start),
            try fill(length), let frame = JournalFrame(buffer[start..<start + length], of: digest, hasher)
        {
            return .frame(frame)
        }
        return .torn(max(try findContentEnd() - offset, 1))
    }

    /// Whether the place that is looked at was durable once, so that its fault is no unclean stop.
    ///
    /// A torn batch leaves holes, zeros before later parts of it. So the place was durable if any later frame begins a batch.
    mutating func wasDurable() throws(StoreFailure) -> Bool {
        guard let digest else { return false }
        let end = try findContentEnd()
        while offset < end {
            start += 1
            guard try fill(JournalFrame.bodyStart) else { return false }
            guard let candidate = nextMagic() else {
                start = max(buffer.count - JournalFrame.magic.count + 1, start)
                continue
            }
            start = candidate
            guard try fill(JournalFrame.bodyStart), let length = JournalFrame.length(buffer.span, at: start),
                try fill(length), let frame = JournalFrame(buffer[start..<start + length], of: digest, hasher)
            else { continue }
            if frame.part == 0 { return true }
        }
        return false
    }

    /// Where the next frame may begin, in `buffer`.
    private func nextMagic() -> Int? {
        let span = buffer.span
        var at = start
        while at + JournalFrame.magic.count <= span.count {
            if span[at] == JournalFrame.magic[0] {
                var length = 1
                while length < JournalFrame.magic.count, span[at + length] == JournalFrame.magic[length] { length += 1 }
                if length == JournalFrame.magic.count { return at }
            }
            at += 1
        }
        return nil
    }

    /// Reads until `count` bytes lie before us, at least; false if the file has not so many.
    private mutating func fill(_ count: Int) throws(StoreFailure) -> Bool {
        while buffer.count - start < count, !isAtEnd {
            if start > 0 {
                let gone = min(start, buffer.count)
                buffer.removeSubrange(..<gone)
                base += gone
                start -= gone
            }
            let before = buffer.count
            let wanted = max(Self.chunk, count - before)
            do throws(DiskFailure) {
                try files.read(journal, from: base + before, count: wanted, into: &buffer)
            } catch {
                throw .disk(error)
            }
            isAtEnd = buffer.count - before < wanted
        }
        return buffer.count - start >= count
    }

    /// Where the zeros at the end of the file begin, or its end; looked for from behind, once.
    mutating func findContentEnd() throws(StoreFailure) -> Int {
        if let contentEnd { return contentEnd }
        do throws(DiskFailure) {
            var end = try files.length(of: journal)
            var chunk: [UInt8] = []
            while end > 0 {
                let from = max(end - Self.chunk, 0)
                chunk.removeAll(keepingCapacity: true)
                try files.read(journal, from: from, count: end - from, into: &chunk)
                let count = Self.countWithoutTrailingZeros(chunk)
                end = from + count
                if count > 0 { break }
            }
            contentEnd = end
            return end
        } catch {
            throw .disk(error)
        }
    }

    /// By halves, each compared with itself one byte further: a journal is mostly zeros, and this is what reading them costs.
    private static func countWithoutTrailingZeros(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBytes { bytes in
            var (low, high) = (0, bytes.count)
            // Everything from `high` on is zero, and something from `low` on is not, unless all is.
            while low < high {
                let middle = low + (high - low) / 2
                if unsafe isZero(UnsafeRawBufferPointer(rebasing: bytes[middle..<high])) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            return high
        }
    }

    private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.baseAddress, unsafe !bytes.isEmpty else { return true }
        guard unsafe bytes[0] == 0 else { return false }
        return unsafe memcmp(first, first + 1, bytes.count - 1) == 0
    }
}
