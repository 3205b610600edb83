// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Finds a server by the exact bytes of its name, without allocating.
///
/// Open addressing over a power of two, at most half full. The names are the operator's, so nobody else can make it slow;
/// a name asked for is compared byte by byte, so a hash that collides finds nothing.
struct NameTable: Sendable {
    private var bytes: [UInt8] = []
    private var starts: [Int32] = [0]
    /// The high half is the hash's, the low half the index plus one; 0 is free.
    private var slots: [UInt64]
    private let mask: Int

    /// - Parameter names: distinct.
    init(_ names: [ServerName]) {
        var capacity = 16
        while capacity < names.count * 2 { capacity *= 2 }
        slots = [UInt64](repeating: 0, count: capacity)
        mask = capacity - 1
        for (index, name) in names.enumerated() {
            bytes.append(contentsOf: name.text.utf8)
            starts.append(Int32(bytes.count))
            let hash = Self.hash(name.text.utf8.span)
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(index + 1)
        }
    }

    func index(of name: Span<UInt8>) -> Int? {
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let entry = slots[slot]
            if entry >> 32 == hash >> 32 {
                let index = Int(entry & 0xFFFF_FFFF) - 1
                if matches(name, index) { return index }
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func matches(_ name: Span<UInt8>, _ index: Int) -> Bool {
        let start = Int(starts[index])
        guard name.count == Int(starts[index + 1]) - start else { return false }
        let own = unsafe bytes.span.bytes
        let other = unsafe name.bytes
        var offset = 0
        while offset + 8 <= name.count {
            if Self.word(own, start + offset) != Self.word(other, offset) { return false }
            offset += 8
        }
        while offset < name.count {
            if bytes[start + offset] != name[offset] { return false }
            offset += 1
        }
        return true
    }

    /// Multiply and fold, eight bytes at a time; quality matters little, since names are compared.
    private static func hash(_ name: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: name.count)
        let raw = unsafe name.bytes
        var offset = 0
        while offset + 8 <= name.count {
            hash = fold(hash ^ word(raw, offset))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < name.count {
            tail = tail << 8 | UInt64(name[offset])
            offset += 1
        }
        return fold(hash ^ tail)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// Eight bytes; the load checks that they are within the span.
    private static func word(_ raw: RawSpan, _ offset: Int) -> UInt64 {
        unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
