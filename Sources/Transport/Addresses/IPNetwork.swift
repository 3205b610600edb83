// SPDX-License-Identifier: Apache-2.0

/// A range of addresses that share a prefix (RFC 4632 for IPv4, RFC 4291 section 2.3 for IPv6).
package struct IPNetwork: Hashable, Sendable {
    package let base: IPAddress
    package let prefix: Int

    /// `nil` when the prefix is longer than the address, or when bits behind the prefix are set: `10.1.2.3/8` is more
    /// likely a slip than a wish.
    package init?(_ base: IPAddress, prefix: Int) {
        guard (0...base.width).contains(prefix), base.bits & ~IPNetwork.mask(base, prefix) == 0 else { return nil }
        self.base = base
        self.prefix = prefix
    }

    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address.
    package init?(_ text: String) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(text: first) else { return nil }
        guard parts.count > 1 else {
            self.init(address, prefix: address.width)
            return
        }
        guard parts.count == 2, (1...3).contains(parts[1].count),
            parts[1].count == 1 || parts[1].first != UInt8(ascii: "0")
        else { return nil }
        var prefix = 0
        for byte in parts[1] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            prefix = prefix * 10 + Int(byte - UInt8(ascii: "0"))
        }
        self.init(address, prefix: prefix)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == base.family && address.bits & IPNetwork.mask(base, prefix) == base.bits
    }

    private static func mask(_ address: IPAddress, _ prefix: Int) -> UInt128 {
        let ones: UInt128 = address.family == .v4 ? 0xFFFF_FFFF : UInt128.max
        return prefix == 0 ? 0 : ones & ~((UInt128(1) << UInt128(address.width - prefix)) &- 1)
    }
}

extension IPNetwork: CustomStringConvertible {
    package var description: String { "\(base)/\(prefix)" }
}
