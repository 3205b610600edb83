// SPDX-License-Identifier: Apache-2.0

/// Numbers of records, as an auditor names them: `4711`, `4713-4720`.
package struct RecordRanges: Hashable, Sendable {
    /// So many ranges, and so many records in all.
    package static let (mostRanges, mostRecords): (Int, UInt64) = (64, 10_000)

    /// Sorted, apart from each other.
    package let ranges: [ClosedRange<UInt64>]

    /// - Returns: `nil` for what is no number or range, for none, for too many, and for records that are named twice.
    package init?(_ texts: [String]) {
        guard (1...Self.mostRanges).contains(texts.count) else { return nil }
        var ranges: [ClosedRange<UInt64>] = []
        for text in texts {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
            guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1],
                first <= last, last - first < Self.mostRecords
            else { return nil }
            ranges.append(first...last)
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var count: UInt64 = 0
        for (index, range) in ranges.enumerated() {
            if index > 0, ranges[index - 1].upperBound >= range.lowerBound { return nil }
            count += range.upperBound - range.lowerBound + 1
        }
        guard count <= Self.mostRecords else { return nil }
        self.ranges = ranges
    }

    package var texts: [String] {
        ranges.map { range in
            range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }
    }

    /// One spelling: digits, no zero before; up to what JSON has exactly.
    private static func number(_ text: Substring) -> UInt64? {
        guard let number = UInt64(text), String(number) == text, (1...1 << 53).contains(number) else { return nil }
        return number
    }
}

/// The number of the case for which records are opened.
package enum CaseNumber {
    /// 1 to 64 letters, digits and `-_./#:` of ASCII: it stands in a record for ever, and is to be found there.
    package static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_./#:".utf8.contains(byte)
                }
            }
    }
}
