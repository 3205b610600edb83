// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// How a file of the journal begins: the right edge of the tree over all records of full bundles, so that the tree can be
/// continued from this file alone.
///
/// Numbers have the higher byte first. docs/audit-format.md, "Journal".
struct JournalHeader {
    /// The number of records before the first bundle of this file; a multiple of 256.
    let first: UInt64
    /// How many records the log had when this file was begun: those from `first` on are its first frames.
    let begun: UInt64
    /// The log's origin.
    let origin: String
    /// The edge of the tree over the first `first` entries.
    let edge: TileRows

    static let magic = Array("\u{1}entente journal 1\n".utf8)
    /// Names up to 255 bytes, rows of 255 hashes at 8 levels at most.
    static let limit = 128 << 10

    init(first: UInt64, begun: UInt64, origin: String, edge: TileRows) {
        self.first = first
        self.begun = begun
        self.origin = origin
        self.edge = edge
    }

    var fileName: String { Self.fileName(begun) }

    /// `journal.` and the number of records before this file, in twenty digits, so that names sort by age.
    static func fileName(_ begun: UInt64) -> String {
        let digits = String(begun)
        return "journal." + String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// With its digest at the end.
    var bytes: [UInt8] {
        var bytes = Self.magic
        let rows = edge.rows.dropFirst()
        Self.append(first, 8, to: &bytes)
        Self.append(begun, 8, to: &bytes)
        Self.append(UInt64(origin.utf8.count), 2, to: &bytes)
        bytes += Array(origin.utf8)
        Self.append(UInt64(rows.count), 1, to: &bytes)
        for row in rows {
            Self.append(UInt64(row.count), 2, to: &bytes)
            for hash in row { hash.append(to: &bytes) }
        }
        SHA256.hash(bytes).append(to: &bytes)
        return bytes
    }

    /// Reads a header at the beginning of a file.
    ///
    /// - Returns: the header, how long it is, and its digest, to which the frames are bound; `nil` if it is not whole.
    static func parse(_ bytes: [UInt8]) -> (header: JournalHeader, length: Int, digest: Digest)? {
        guard bytes.starts(with: magic) else { return nil }
        var reader = ByteReader(bytes, at: magic.count)
        guard let first = reader.number(8), let begun = reader.number(8), first <= begun, begun <= Checkpoint.sizeLimit,
            let nameLength = reader.number(2), nameLength <= NoteName.limit, let name = reader.take(Int(nameLength)),
            let origin = String(validating: name, as: UTF8.self), let levels = reader.number(1), levels <= 8
        else { return nil }
        var rows: [[Digest]] = []
        for _ in 0..<levels {
            guard let count = reader.number(2), count < TilePath.width, let hashes = reader.take(Int(count) * 32) else {
                return nil
            }
            rows.append(Digest.list(hashes))
        }
        let end = reader.at
        guard let stated = reader.take(32), let edge = TileRows(size: first, above: rows) else { return nil }
        let digest = SHA256.hash(Array(bytes[..<end]))
        guard digest == Digest(Array(stated).span) else { return nil }
        return (JournalHeader(first: first, begun: begun, origin: origin, edge: edge), reader.at, digest)
    }

    static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}

extension Digest {
    /// - Parameter bytes: 32 for each; what is left over is not read.
    static func list(_ bytes: ArraySlice<UInt8>) -> [Digest] {
        let span = bytes.span
        return (0..<span.count / 32).compactMap { Digest(span.extracting(32 * $0..<32 * $0 + 32)) }
    }
}

/// Reads numbers and bytes one after the other.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var at: Int

    init(_ bytes: [UInt8], at start: Int = 0) {
        self.bytes = bytes
        at = start
    }

    /// The next `count` bytes, or `nil` if there are not so many.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<at + count]
    }

    /// A number of up to 8 bytes, the higher ones first.
    mutating func number(_ count: Int) -> UInt64? { take(count)?.reduce(0) { $0 << 8 | UInt64($1) } }
}
