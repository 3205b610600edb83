// SPDX-License-Identifier: Apache-2.0

/// One IPv4 or IPv6 address as a number, without zone, port or text.
package struct IPAddress: Hashable, Sendable {
    package enum Family: Hashable, Sendable { case v4, v6 }

    package let family: Family
    /// The address in host order; an IPv4 address sits in the low 32 bits.
    package let bits: UInt128

    package init(v4 bits: UInt32) {
        self.family = .v4
        self.bits = UInt128(bits)
    }

    package init(v6 bits: UInt128) {
        self.family = .v6
        self.bits = bits
    }

    /// Reads the strict text forms: four decimal numbers without leading zeros, or RFC 4291 section 2.2 without
    /// brackets and zone. `nil` for everything else, also for what a system resolver might still read as an address.
    package init?(_ text: String) {
        self.init(text: Array(text.utf8)[...])
    }

    init?(text: ArraySlice<UInt8>) {
        if text.contains(UInt8(ascii: ":")) {
            guard let bits = IPAddress.readV6(text) else { return nil }
            self.init(v6: bits)
        } else {
            guard let bits = IPAddress.readV4(text) else { return nil }
            self.init(v4: bits)
        }
    }

    /// How many bits an address of this family has.
    package var width: Int { family == .v4 ? 32 : 128 }

    // MARK: Reading

    private static func readV4(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard text.count <= 15 else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            bits = bits << 8 | value
        }
        return bits
    }

    private static func readV6(_ text: ArraySlice<UInt8>) -> UInt128? {
        guard text.count <= 45 else { return nil }
        let colon = UInt8(ascii: ":")
        let gaps = text.indices.dropLast().filter { text[$0] == colon && text[$0 + 1] == colon }
        let groups: [UInt16]
        if let gap = gaps.first {
            // `::` once, for at least one group; `:::` shows as two gaps.
            guard gaps.count == 1,
                let head = readGroups(text[..<gap], mayEndInV4: false),
                let tail = readGroups(text[(gap + 2)...], mayEndInV4: true),
                head.count + tail.count <= 7
            else { return nil }
            groups = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        } else {
            guard let all = readGroups(text, mayEndInV4: true), all.count == 8 else { return nil }
            groups = all
        }
        return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    /// The groups of one side of the gap; none for empty text.
    private static func readGroups(_ text: ArraySlice<UInt8>, mayEndInV4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let v4 = readV4(part) else { return nil }
                groups += [UInt16(v4 >> 16), UInt16(v4 & 0xFFFF)]
            } else {
                guard let group = readGroup(part) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func readGroup(_ part: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for byte in part {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the eight groups of RFC 5952 with the longest run of zeros shortened.
    package var description: String {
        if family == .v4 {
            return (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> UInt128(24 - 8 * $0))) }
                .joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        let hex = { (run: ArraySlice<UInt16>) in run.map { String($0, radix: 16) }.joined(separator: ":") }
        if best.isEmpty { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}
