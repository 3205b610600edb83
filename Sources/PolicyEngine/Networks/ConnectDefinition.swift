// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// `connect` of an entry of `servers`: how the server is reached, instead of or within what it publishes itself.
struct ConnectDefinition: Sendable {
    /// An address to dial, not a name to admit: it stands in place of the server's delegation.
    var host: Located<String>?
    var port: UInt16?
    /// SHA-256 of public keys, one of which its TLS certificate must have.
    var pins: [Digest] = []
    var pinsRule: RuleReference?
    var ranges: [AddressRange] = []
    var rangesRule: RuleReference?
    /// Whether requests must come from these ranges, too.
    var checksSource = false

    /// The same with rules that are called by the server's name: its place in the list means nothing.
    func named(_ id: String) -> ConnectDefinition {
        var named = self
        named.pinsRule = pinsRule.map { RuleReference(id: id + ".spki", file: $0.file, place: YAMLPlace($0)) }
        named.rangesRule = rangesRule.map { RuleReference(id: id + ".cidrs", file: $0.file, place: YAMLPlace($0)) }
        return named
    }

    /// For the canonical policy.
    func canonical(_ server: String) -> [String] {
        var lines: [String] = []
        if let host { lines.append("connect \(server) to \(host.value) \(port.map(String.init) ?? "8448")") }
        lines += pins.map(\.hex).sorted().map { "connect \(server) pin \($0)" }
        lines += ranges.map(\.canonical).sorted().map { "connect \(server) within \($0)" }
        if checksSource { lines.append("connect \(server) from there only") }
        return lines
    }
}

/// Where the policy has a server dialled.
package struct DialledPlace: Hashable, Sendable {
    /// A DNS name in lower case, or an IP address without brackets.
    package let host: String
    package let port: UInt16
    package let isAddress: Bool

    package init(host: String, port: UInt16, isAddress: Bool) {
        (self.host, self.port, self.isAddress) = (host, port, isAddress)
    }
}

/// How the gateway may reach a server: over which network, where, and what must be shown there.
package struct ServerAccess: Hashable, Sendable {
    package struct Network: Hashable, Sendable {
        package let name: String
        /// Names that the node's configuration gives.
        package let resolver: String
        package let trust: String

        package init(name: String, resolver: String, trust: String) {
            (self.name, self.resolver, self.trust) = (name, resolver, trust)
        }
    }

    /// `nil`: the Internet.
    package var network: Network?
    package var place: DialledPlace?
    /// Empty: any key of a certificate that is good otherwise.
    package var pins: Set<Digest> = []
    /// Empty: any address.
    package var ranges: [AddressRange] = []

    package init() {}
}
