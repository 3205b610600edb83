// SPDX-License-Identifier: Apache-2.0

/// Numbers short texts in the order in which they were first seen, by their bytes. For logs that are read whole: a text
/// that is known costs one look-up and no memory.
package struct ByteTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The high half is the hash's, the low half the number plus one; 0 is free. At most half full.
    private var slots = [UInt64](repeating: 0, count: 64)
    /// Nobody who writes the log can know which texts meet.
    private let seed = UInt64.random(in: 0 ... .max)

    package var count: Int { ends.count }

    package init(_ words: [String] = []) { for word in words { _ = number(of: word.utf8.span) } }

    package func known(_ text: Span<UInt8>) -> Int? {
        let hash = hash(text)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] >> 32 == hash >> 32 {
                let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if isSame(text, number) { return number }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The number of a text; a new one when it was not seen before.
    package mutating func number(of text: Span<UInt8>) -> Int {
        if let known = known(text) { return known }
        if (ends.count + 1) * 2 > slots.count { grow() }
        for index in text.indices { bytes.append(text[index]) }
        ends.append(bytes.count)
        place(hash(text), ends.count)
        return ends.count - 1
    }

    /// The bytes of a text by its number.
    package subscript(number: Int) -> ArraySlice<UInt8> { bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]] }

    package mutating func removeAll() { self = ByteTable() }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 2)
        for number in ends.indices { place(hash(self[number].span), number + 1) }
    }

    private mutating func place(_ hash: UInt64, _ entry: Int) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(entry)
    }

    private func isSame(_ text: Span<UInt8>, _ number: Int) -> Bool {
        let start = number == 0 ? 0 : ends[number - 1]
        guard text.count == ends[number] - start else { return false }
        for index in text.indices where text[index] != bytes[start + index] { return false }
        return true
    }

    private func hash(_ text: Span<UInt8>) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: text.count)
        var word: UInt64 = 0
        for index in text.indices {
            word = word << 8 | UInt64(text[index])
            if index & 7 == 7 { hash = Self.fold(hash ^ word) }
        }
        return Self.fold(hash ^ word)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
