// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Which homeserver a `Host` field or a TLS server name means. Compared byte by byte: no name is served by accident.
package struct ServedNames: Sendable {
    private struct Entry {
        let name: [UInt8]
        let homeserver: Int
    }

    /// `Host` values: each host name alone, with the listener's port, with 443 and with 8448; names as configured.
    private let authorities: [Entry]
    /// TLS server names: host names without ports.
    private let serverNames: [Entry]
    /// Whether peers may come without a TLS server name, as those do who dial an address.
    package let acceptsAbsentServerName: Bool

    package init(_ homeservers: [Homeserver], port: Int, acceptsAbsentServerName: Bool) {
        var authorities: [Entry] = []
        var serverNames: [Entry] = []
        for (index, homeserver) in homeservers.enumerated() {
            for host in Set(homeserver.hosts + [homeserver.name.host] + (homeserver.wellKnown.map { [$0.host] } ?? []))
            {
                serverNames.append(Entry(name: Array(host.utf8), homeserver: index))
                for text in Set([host, "\(host):\(port)", "\(host):443", "\(host):8448"]) {
                    authorities.append(Entry(name: Array(text.utf8), homeserver: index))
                }
            }
            for name in [homeserver.name.text, homeserver.wellKnown?.text].compactMap({ $0 }) {
                authorities.append(Entry(name: Array(name.utf8), homeserver: index))
            }
        }
        self.authorities = authorities
        self.serverNames = serverNames
        self.acceptsAbsentServerName = acceptsAbsentServerName
    }

    /// The index of the homeserver that `host` means, if the TLS server name means the same one (AC-28).
    ///
    /// - Parameter serverName: from the handshake; `nil` where the peer sent none.
    package func homeserver(host: Span<UInt8>, serverName: String?) -> Int? {
        guard let homeserver = Self.find(host, in: authorities) else { return nil }
        guard let serverName else { return acceptsAbsentServerName ? homeserver : nil }
        return Self.find(serverName.utf8.span, in: serverNames) == homeserver ? homeserver : nil
    }

    private static func find(_ name: Span<UInt8>, in entries: [Entry]) -> Int? {
        for entry in entries where entry.name.count == name.count {
            var index = 0
            while index < name.count, entry.name[index] == name[index] { index += 1 }
            if index == name.count { return entry.homeserver }
        }
        return nil
    }
}
