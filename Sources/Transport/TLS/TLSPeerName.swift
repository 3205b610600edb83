// SPDX-License-Identifier: Apache-2.0

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
        self = IPAddress(literal) == nil ? .dns(host) : .ip(literal)
    }

    /// The name alone, without its kind.
    package var text: String {
        switch self {
        case .dns(let text), .ip(let text): text
        }
    }
}
