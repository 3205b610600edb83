// SPDX-License-Identifier: Apache-2.0

internal import CResolver
package import Transport

/// Where a name server is asked.
package struct NameServer: Hashable, Sendable {
    package let address: IPAddress
    package let port: UInt16

    package init(address: IPAddress, port: UInt16 = 53) {
        self.address = address
        self.port = port
    }

    /// As the C side takes it.
    var native: ent_nameserver {
        var server = ent_nameserver()
        server.family = address.family == .v4 ? 4 : 6
        server.port = port
        unsafe withUnsafeMutableBytes(of: &server.bytes) { bytes in
            let count = address.family == .v4 ? 4 : 16
            for index in 0..<count {
                unsafe bytes[index] = UInt8(truncatingIfNeeded: address.bits >> UInt128(8 * (count - 1 - index)))
            }
        }
        return server
    }
}

/// The name servers of a closed network: never none, which would mean those of the system.
package struct NameServers: Sendable {
    package static let maxCount = Int(ENT_NAMESERVERS)

    package let all: [NameServer]

    /// `nil` for none and for more than are asked.
    package init?(_ all: [NameServer]) {
        guard (1...Self.maxCount).contains(all.count) else { return nil }
        self.all = all
    }
}
