// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import PolicyEngine
internal import Transport

/// Resolvers and authorities that closed networks of a policy name. Listeners have their names in `listeners`.
struct NetworkParts: Sendable {
    struct Resolver: Sendable {
        var servers: NameServers
        /// Ranges that may be dialled although they are private; those of `federation` do not count here.
        var allowedAddresses: [IPNetwork]
        var allowedPorts: Set<UInt16>
    }

    var resolvers: [String: Resolver] = [:]
    /// PEM files by name.
    var trustStores: [String: String] = [:]
    /// Where the configuration says it, for messages: `file:line:column`.
    var listenersPlace: String
    var resolversPlace: String
    var trustStoresPlace: String

    init?(_ top: MappingDecoder, _ paths: FilePaths) {
        func place(_ key: String) -> String {
            let place = top.keyPlace(key)
            return "\(top.diagnostics.file):\(place.line):\(place.column)"
        }
        listenersPlace = place("listeners")
        resolversPlace = place("resolvers")
        trustStoresPlace = place("trust_stores")
        var isComplete = true
        var resolvers: [String: Resolver] = [:]
        top.value("resolvers")?.entries { key, value in
            if let name = key.networkPart, let resolver = value.mapping({ Self.resolver($0) }) ?? nil {
                resolvers[name] = resolver
            } else {
                isComplete = false
            }
        }
        var stores: [String: String] = [:]
        top.value("trust_stores")?.entries { key, value in
            if let name = key.networkPart, let path = paths.path(value) {
                stores[name] = path
            } else {
                isComplete = false
            }
        }
        guard isComplete else { return nil }
        self.resolvers = resolvers
        trustStores = stores
    }

    private static func resolver(_ fields: MappingDecoder) -> Resolver? {
        let written = fields.required("servers") { $0.list(nameServer) }
        let addresses = fields.optional("allow_addresses", default: []) { $0.list(range) }
        let ports = fields.optional("allow_ports", default: [443, 8448]) { $0.list { $0.int(in: 1...65535) } }
        guard let written, let addresses, let ports else { return nil }
        guard let servers = NameServers(written) else {
            fields.fail(
                "a resolver has 1 to \(NameServers.maxCount) name servers",
                todo: "name so many; those of the system are never asked in their place")
            return nil
        }
        return Resolver(
            servers: servers, allowedAddresses: addresses, allowedPorts: Set(ports.map { UInt16(clamping: $0) }))
    }

    /// An address, with a port if that is not 53.
    private static func nameServer(_ value: ValueDecoder) -> NameServer? {
        guard let text = value.text else { return nil }
        if let address = IPAddress(text) { return NameServer(address: address) }
        if let written = NetworkAddress(text), let address = IPAddress(written.host) {
            return NameServer(address: address, port: UInt16(clamping: written.port))
        }
        value.fail(
            "`\(text)` is no address of a name server",
            todo: "write an IP address, for example `10.9.0.53` or `[::1]:5353`")
        return nil
    }

    private static func range(_ value: ValueDecoder) -> IPNetwork? {
        guard let text = value.text else { return nil }
        guard let network = IPNetwork(text) else {
            value.fail("`\(text)` is no address range", todo: "write it like `10.20.0.0/16`")
            return nil
        }
        return network
    }
}

extension ValueDecoder {
    /// A name that a policy may write for a listener, a resolver or authorities.
    var networkPart: String? {
        guard let text else { return nil }
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard isName, (1...40).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7A).contains(first)
        else {
            fail(
                "`\(text)` cannot be such a name",
                todo: "begin with a lower-case letter, then use lower-case letters, digits, `_` and `-`, at most 40")
            return nil
        }
        return text
    }
}
