// SPDX-License-Identifier: Apache-2.0

package import Transport

/// Where the gateway may connect to when a peer names the place.
package struct EgressRules: Sendable {
    package var addresses: AddressRules
    /// Ports that may be connected to; the operator adds those of his peers.
    package var ports: Set<UInt16>
    /// Whether a server may be named by an address. A delegation may name one either way: its address is checked.
    package var allowsIPLiterals: Bool

    package static let standardPorts: Set<UInt16> = [443, 8448]

    package init(
        addresses: AddressRules = AddressRules(), ports: Set<UInt16> = EgressRules.standardPorts,
        allowsIPLiterals: Bool = false
    ) {
        self.addresses = addresses
        self.ports = ports
        self.allowsIPLiterals = allowsIPLiterals
    }
}
