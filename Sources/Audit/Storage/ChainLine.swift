// SPDX-License-Identifier: Apache-2.0

/// The form of a line: `{"batch":B,"chain":"H","record":R}` and a line feed.
///
/// B counts the records that were synced together, from 0: what stands before a 0 was durable when it was written.
/// H, 64 hexadecimal digits, is SHA-256 of: the 32 bytes of the line before's H, the digits of B, the bytes of R.
enum ChainLine {
    static let opening = Array(#"{"batch":"#.utf8)
    static let middle = Array(#","chain":""#.utf8)
    static let beforeRecord = Array(#"","record":"#.utf8)
    static let closing = Array("}\n".utf8)
    /// The longest line that is ever written.
    static let limit = RecordEncoder.recordLimit + 160

    struct Parts {
        let batch: Int
        let batchDigits: Range<Int>
        /// Of the 64 digits.
        let chain: Range<Int>
        let record: Range<Int>
    }

    /// The parts of the line in `range` of `bytes`, which leaves out its line feed; nil when it has another form.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Parts? {
        guard range.count <= limit, starts(bytes, range, with: opening) else { return nil }
        var at = range.lowerBound + opening.count
        let digits = at
        var batch = 0
        while at < range.upperBound, at - digits < 8, isDigit(bytes[at]) {
            batch = batch * 10 + Int(bytes[at] - UInt8(ascii: "0"))
            at += 1
        }
        guard at > digits, starts(bytes, at..<range.upperBound, with: middle) else { return nil }
        let batchDigits = digits..<at
        at += middle.count
        let chain = at..<at + 2 * ChainHash.length
        guard chain.upperBound <= range.upperBound else { return nil }
        at = chain.upperBound
        guard starts(bytes, at..<range.upperBound, with: beforeRecord) else { return nil }
        at += beforeRecord.count
        let record = at..<range.upperBound - 1
        guard record.count >= 2, bytes[record.lowerBound] == UInt8(ascii: "{"),
            bytes[record.upperBound - 1] == UInt8(ascii: "}"), bytes[record.upperBound] == UInt8(ascii: "}")
        else { return nil }
        return Parts(batch: batch, batchDigits: batchDigits, chain: chain, record: record)
    }

    private static func starts(_ bytes: Span<UInt8>, _ range: Range<Int>, with prefix: [UInt8]) -> Bool {
        guard range.count >= prefix.count else { return false }
        for index in prefix.indices where bytes[range.lowerBound + index] != prefix[index] { return false }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// The 64 digits of the hash at the front of `hash`.
    static func appendHexadecimal(_ hash: [UInt8], to bytes: inout [UInt8]) {
        for byte in hash.prefix(ChainHash.length) {
            bytes.append(JSONWriter.digit(byte >> 4))
            bytes.append(JSONWriter.digit(byte & 15))
        }
    }
}
