// SPDX-License-Identifier: Apache-2.0

/// IPv6 addresses that stand for an IPv4 address, and lead there.
extension IPAddress {
    /// The IPv4 address of an IPv4-mapped address (`::ffff:0:0/96`, RFC 4291 section 2.5.5.2), else the address itself.
    package var unmapped: IPAddress {
        guard family == .v6, bits >> 32 == 0xFFFF else { return self }
        return IPAddress(v4: UInt32(truncatingIfNeeded: bits))
    }

    /// The IPv4 address carried by an IPv4-compatible (`::/96`), translated (`64:ff9b::/96`, RFC 6052; `::ffff:0:0:0/96`,
    /// RFC 2765) or 6to4 address (`2002::/16`, RFC 3056).
    package var carriedIPv4: IPAddress? {
        guard family == .v6 else { return nil }
        if bits >> 112 == 0x2002 { return IPAddress(v4: UInt32(truncatingIfNeeded: bits >> 80)) }
        switch bits >> 32 {
        case 0, 0xFFFF, 0xFFFF_0000, 0x0064_FF9B << 64: return IPAddress(v4: UInt32(truncatingIfNeeded: bits))
        default: return nil
        }
    }
}
