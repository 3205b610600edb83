// SPDX-License-Identifier: Apache-2.0

/// Which addresses the gateway may connect to when a peer has a say in the address.
///
/// Only addresses that are reachable from the whole internet pass; everything else is a way into somebody's inside.
/// The list is always on. `exceptions` are the operator's own ranges (a closed network, a laboratory).
package struct AddressRules: Sendable {
    /// Why an address is refused; the cases name the ranges of the IANA special-purpose registries.
    package enum Refusal: String, Error, Hashable, Sendable {
        case unspecified = "this network"
        case loopback = "loopback"
        case privateUse = "private use"
        case sharedSpace = "carrier-grade translation"
        case linkLocal = "link local"
        case protocolAssignment = "protocol assignments"
        case documentation = "documentation"
        case benchmark = "benchmarking"
        case multicast = "multicast"
        case reserved = "reserved"
        case relay = "6to4 relay"
        case teredo = "Teredo tunnel"
        case localTranslation = "local-use translation"
        case notGlobal = "not global unicast"
    }

    package let exceptions: [IPNetwork]

    package init(exceptions: [IPNetwork] = []) { self.exceptions = exceptions }

    /// `nil` when the gateway may connect to `address`.
    ///
    /// An IPv4-mapped address is the IPv4 address: the kernel connects there. The other forms that carry an IPv4
    /// address lead through a translator or tunnel: what they carry is checked against the deny list, and an exception
    /// must name the outer form, because only the operator knows where his translator leads.
    package func refusal(of address: IPAddress) -> Refusal? {
        let address = address.unmapped
        if exceptions.contains(where: { $0.contains(address) }) { return nil }
        return AddressRules.denied(address)
    }

    private static func denied(_ address: IPAddress) -> Refusal? {
        if let range = (address.family == .v4 ? deniedV4 : deniedV6).first(where: { $0.contains(address) }) {
            return range.refusal
        }
        guard address.family == .v6 else { return nil }
        if let inner = address.carriedIPv4 { return denied(inner) }
        return globalUnicast.contains(address) ? nil : .notGlobal
    }

    private struct Range: Sendable {
        let base: UInt128
        let mask: UInt128
        let refusal: Refusal

        func contains(_ address: IPAddress) -> Bool { address.bits & mask == base }
    }

    private static func v4(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ prefix: UInt32, _ refusal: Refusal) -> Range {
        Range(
            base: UInt128(a << 24 | b << 16 | c << 8), mask: 0xFFFF_FFFF & ~((UInt128(1) << UInt128(32 - prefix)) - 1),
            refusal: refusal)
    }

    private static func v6(_ first64: UInt64, _ prefix: Int, _ refusal: Refusal) -> Range {
        Range(base: UInt128(first64) << 64, mask: ~((UInt128(1) << UInt128(128 - prefix)) &- 1), refusal: refusal)
    }

    private static let globalUnicast = v6(0x2000_0000_0000_0000, 3, .notGlobal)

    /// IANA IPv4 Special-Purpose Address Registry, and multicast.
    private static let deniedV4: [Range] = [
        v4(0, 0, 0, 8, .unspecified),
        v4(10, 0, 0, 8, .privateUse),
        v4(100, 64, 0, 10, .sharedSpace),
        v4(127, 0, 0, 8, .loopback),
        v4(169, 254, 0, 16, .linkLocal),
        v4(172, 16, 0, 12, .privateUse),
        v4(192, 0, 0, 24, .protocolAssignment),
        v4(192, 0, 2, 24, .documentation),
        v4(192, 88, 99, 24, .relay),
        v4(192, 168, 0, 16, .privateUse),
        v4(198, 18, 0, 15, .benchmark),
        v4(198, 51, 100, 24, .documentation),
        v4(203, 0, 113, 24, .documentation),
        v4(224, 0, 0, 4, .multicast),
        v4(240, 0, 0, 4, .reserved),
    ]

    /// IANA IPv6 Special-Purpose Address Registry; what is outside 2000::/3 is refused by that rule anyway, and named
    /// here where the name helps the operator. Teredo is refused whole: the tunnel is dead and carries two addresses.
    private static let deniedV6: [Range] = [
        Range(base: 0, mask: .max, refusal: .unspecified),
        Range(base: 1, mask: .max, refusal: .loopback),
        v6(0x0064_FF9B_0001_0000, 48, .localTranslation),
        v6(0x0100_0000_0000_0000, 64, .reserved),
        v6(0x2001_0000_0000_0000, 32, .teredo),
        v6(0x2001_0002_0000_0000, 48, .benchmark),
        v6(0x2001_0000_0000_0000, 23, .protocolAssignment),
        v6(0x2001_0DB8_0000_0000, 32, .documentation),
        v6(0x3FFF_0000_0000_0000, 20, .documentation),
        v6(0x5F00_0000_0000_0000, 16, .reserved),
        v6(0xFC00_0000_0000_0000, 7, .privateUse),
        v6(0xFE80_0000_0000_0000, 10, .linkLocal),
        v6(0xFEC0_0000_0000_0000, 10, .privateUse),
        v6(0xFF00_0000_0000_0000, 8, .multicast),
    ]
}
