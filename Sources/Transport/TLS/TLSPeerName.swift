// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The name a server's certificate must cover.
package enum TLSPeerName: Hashable, Sendable {
    /// A DNS name without a port and without a final dot; also sent as SNI.
    case dns(String)
    /// An IPv4 or IPv6 address in text, without brackets; never sent as SNI.
    case ip(String)

    /// The name of a host as it stands in a URL or server name: an address literal (IPv6 with or without brackets)
    /// or else a DNS name.
    package init(host: String) {
        var text = host[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        let literal = String(text)
        self = Self.isAddress(literal) ? .ip(literal) : .dns(host)
    }

    /// The name alone, without its kind.
    package var text: String {
        switch self {
        case .dns(let text), .ip(let text): text
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        var v4 = in_addr()
        var v6 = in6_addr()
        return unsafe inet_pton(AF_INET, text, &v4) == 1 || inet_pton(AF_INET6, text, &v6) == 1
    }
}
