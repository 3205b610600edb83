// SPDX-License-Identifier: Apache-2.0

/// A range of IPv4 or IPv6 addresses that share a prefix, as `192.0.2.0/24`; a single address is a range of one.
///
/// Reads no more than what the network side reads as a range, a test holds the two together: what the policy compares on
/// the way in is compared there on the way out.
package struct AddressRange: Hashable, Sendable {
    package let address: AddressBits
    package let prefix: Int
    /// As it is written.
    package let text: String

    /// `nil` for what is no address, a prefix that is too long, and bits behind the prefix that are set.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = AddressBits(String(Substring(first))) else { return nil }
        var prefix = address.width
        if parts.count > 1 {
            let digits = Array(parts[1])
            guard parts.count == 2, (1...3).contains(digits.count), digits.count == 1 || digits[0] != UInt8(ascii: "0"),
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            prefix = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard prefix <= address.width, address.bits & ~Self.mask(address.width, prefix) == 0 else { return nil }
        self.address = address
        self.prefix = prefix
        self.text = text
    }

    /// The same for every spelling.
    var canonical: String { "\(address.width):\(String(address.bits, radix: 16))/\(prefix)" }

    package static func == (a: AddressRange, b: AddressRange) -> Bool {
        a.address == b.address && a.prefix == b.prefix
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(prefix)
    }

    package func contains(_ other: AddressBits) -> Bool {
        other.width == address.width && other.bits & Self.mask(address.width, prefix) == address.bits
    }

    private static func mask(_ width: Int, _ prefix: Int) -> UInt128 {
        let ones: UInt128 = width == 32 ? 0xFFFF_FFFF : .max
        return prefix == 0 ? 0 : ones & ~((UInt128(1) << UInt128(width - prefix)) &- 1)
    }
}

/// An address as a number.
package struct AddressBits: Hashable, Sendable {
    /// 32 or 128.
    package let width: Int
    /// In host order; of an IPv4 address the low 32 bits.
    package let bits: UInt128

    package init(v4 bits: UInt32) { (width, self.bits) = (32, UInt128(bits)) }
    package init(v6 bits: UInt128) { (width, self.bits) = (128, bits) }

    /// Four decimal numbers without leading zeros, or eight groups of hexadecimal digits with at most one `::`.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let bits = Self.v6(text) else { return nil }
            self.init(v6: bits)
        } else {
            guard let bits = Self.v4(text[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func v4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.count == 1 || part.utf8.first != 0x30,
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt32(part), value <= 255
            else { return nil }
            bits = bits << 8 | value
        }
        return bits
    }

    /// Without the form that ends in IPv4: nobody writes a range so.
    private static func v6(_ text: String) -> UInt128? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else {
            return head.count == 8 ? head.reduce(0) { $0 << 16 | UInt128($1) } : nil
        }
        guard let tail = groups(halves[1]), head.count + tail.count <= 7 else { return nil }
        let all = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        return all.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard groups.count < 8, (1...4).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }),
                let value = UInt16(part, radix: 16)
            else { return nil }
            groups.append(value)
        }
        return groups
    }
}
