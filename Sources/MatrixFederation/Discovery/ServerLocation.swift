// SPDX-License-Identifier: Apache-2.0

/// Where to connect for a server, what to call it in HTTP, and whom the certificate has to name.
package struct ServerLocation: Hashable, Sendable {
    package enum Dial: Hashable, Sendable {
        /// An IPv4 or IPv6 literal without brackets.
        case address(String, port: UInt16)
        /// A name to look up: A, AAAA, and CNAME where it is not an SRV target.
        case host(String, port: UInt16)
    }

    package enum CertificateName: Hashable, Sendable {
        case dns(String)
        /// Without brackets.
        case ip(String)
    }

    /// Never empty; the later ones are for when the earlier ones cannot be connected to.
    package let dial: [Dial]
    /// N or D, with the port if that name has one. Never an SRV target.
    package let hostHeader: String
    package let certificateName: CertificateName
    /// SNI; nil for IP literals.
    package let serverNameIndication: String?

    /// The location of a name that needs no lookup beyond addresses: an IP literal, or a host with a port.
    init?(direct name: ServerName) {
        if name.isIPLiteral {
            let address = HostShape.withoutBrackets(name.host)
            dial = [.address(address, port: name.port ?? ServerDiscovery.defaultPort)]
            certificateName = .ip(address)
            serverNameIndication = nil
        } else if let port = name.port, !HostShape.looksLikeAddress(name.host) {
            dial = [.host(name.host, port: port)]
            certificateName = .dns(name.host)
            serverNameIndication = name.host
        } else {
            return nil
        }
        hostHeader = name.text
    }

    init(_ name: ServerName, through dial: [Dial]) {
        self.dial = dial
        hostHeader = name.text
        certificateName = .dns(name.host)
        serverNameIndication = name.host
    }
}

/// What a host looks like to a resolver.
enum HostShape {
    static func withoutBrackets(_ host: String) -> String {
        host.utf8.first == UInt8(ascii: "[") ? String(host.dropFirst().dropLast()) : host
    }

    /// Whether the last label is all digits or hexadecimal with `0x`: the system resolver may take the whole for an address
    /// (`127.1`, `2130706433`, `0x7f.0.0.1`, `256.1.1.1`).
    static func looksLikeAddress(_ host: String) -> Bool {
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let last = labels.last ?? host.utf8[...]
        if last.isEmpty { return true }
        if last.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return true }
        return last.first == UInt8(ascii: "0")
            && (last.dropFirst().first == UInt8(ascii: "x") || last.dropFirst().first == UInt8(ascii: "X"))
    }
}
