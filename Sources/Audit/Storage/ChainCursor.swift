// SPDX-License-Identifier: Apache-2.0

/// Walks along a chain, line by line, and knows what the next one must be.
struct ChainCursor {
    /// The hash of the last line, 32 bytes.
    private(set) var chain: [UInt8]
    private var hash: [UInt8] = []
    private(set) var next: UInt64

    init(chain: [UInt8], next: UInt64) {
        self.chain = chain
        self.next = next
    }

    /// Picks the chain up behind a line that is believed.
    init?(after parts: ChainLine.Parts, of bytes: Span<UInt8>) {
        var chain: [UInt8] = []
        for index in stride(from: parts.chain.lowerBound, to: parts.chain.upperBound, by: 2) {
            guard let high = ChainHeader.nibble(bytes[index]), let low = ChainHeader.nibble(bytes[index + 1]) else {
                return nil
            }
            chain.append(high << 4 | low)
        }
        guard let sequence = Self.sequence(of: parts.record, in: bytes), sequence < .max else { return nil }
        self.init(chain: chain, next: sequence + 1)
    }

    /// Takes the line with these parts as the next one, or says why it is not.
    mutating func take(_ parts: ChainLine.Parts, of bytes: Span<UInt8>) -> ChainFault.Kind? {
        guard Self.sequence(of: parts.record, in: bytes) == next else { return .sequence }
        hash.removeAll(keepingCapacity: true)
        hash.append(contentsOf: chain)
        for index in parts.batchDigits { hash.append(bytes[index]) }
        unsafe bytes.extracting(parts.record).withUnsafeBufferPointer { unsafe hash.append(contentsOf: $0) }
        ChainHash.replace(&hash)
        for index in 0..<ChainHash.length {
            let high = bytes[parts.chain.lowerBound + 2 * index]
            let low = bytes[parts.chain.lowerBound + 2 * index + 1]
            if JSONWriter.digit(hash[index] >> 4) != high || JSONWriter.digit(hash[index] & 15) != low {
                return .hash
            }
        }
        swap(&chain, &hash)
        next += 1
        return nil
    }

    /// The number in `,"seq":N`. No other key of a record is called so, and inside a text its quotes are escaped.
    private static func sequence(of record: Range<Int>, in bytes: Span<UInt8>) -> UInt64? {
        var at = record.lowerBound
        let last = record.upperBound - key.count - 1
        while at < last {
            if bytes[at] == key[0], matches(bytes, at) {
                return number(bytes, from: at + key.count, to: record.upperBound)
            }
            at += 1
        }
        return nil
    }

    private static let key = Array(#","seq":"#.utf8)

    private static func matches(_ bytes: Span<UInt8>, _ offset: Int) -> Bool {
        for index in key.indices where bytes[offset + index] != key[index] { return false }
        return true
    }

    private static func number(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64? {
        var value: UInt64 = 0
        var at = start
        while at < end, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(bytes[at] - UInt8(ascii: "0")))
            if tooLarge || overflow { return nil }
            value = sum
            at += 1
        }
        return at > start ? value : nil
    }
}
