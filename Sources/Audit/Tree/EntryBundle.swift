// SPDX-License-Identifier: Apache-2.0

/// Entries one after the other, each behind its length as two bytes, the higher first. C2SP tlog-tiles.
package enum EntryBundle {
    /// The longest entry.
    package static let entryLimit = 65_535

    /// Where the entries lie in `bytes`, or `nil` if they are no whole entries.
    ///
    /// - Parameter limit: more entries are not read, and are none of a bundle.
    package static func ranges(_ bytes: Span<UInt8>, limit: Int = TilePath.width) -> [Range<Int>]? {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(min(limit, TilePath.width))
        var at = 0
        while at < bytes.count {
            guard ranges.count < limit, at + 2 <= bytes.count else { return nil }
            let end = at + 2 + (Int(bytes[at]) << 8 | Int(bytes[at + 1]))
            guard end <= bytes.count else { return nil }
            ranges.append(at + 2..<end)
            at = end
        }
        return ranges
    }

    /// - Parameter entry: at most `entryLimit` bytes.
    package static func append(_ entry: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: entry.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: entry.count))
        bytes.append(contentsOf: entry)
    }
}
