// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// How the gateway reaches the receivers of syslog over TLS that a policy may name: `audit.sinks`.
struct SinkSettings: Sendable {
    struct Receiver: Sendable {
        /// By which the policy names it.
        var address: NetworkAddress
        /// What the gateway shows: PEM files.
        var chainFile: String
        var keyFile: String
        /// PEM file of the authorities that may vouch for it.
        var rootsFile: String
        /// The name in its certificate; `nil`: that of the address.
        var serverName: String?
        /// Keys one of which its certificate must have; empty: any.
        var pins: Set<SPKIHash>
        /// Where the configuration says it, for messages: `file:line:column`.
        var place: String
    }

    var receivers: [Receiver] = []
    /// Where it would be written, for messages: `file:line:column`.
    var place: String

    init?(_ audit: MappingDecoder, _ paths: FilePaths) {
        let place = audit.keyPlace("sinks")
        self.place = "\(audit.diagnostics.file):\(place.line):\(place.column)"
        let read = audit.optional("sinks", default: []) { list in
            list.list { item in item.mapping { Self.receiver($0, item, paths) } ?? nil }
        }
        guard let read else { return nil }
        var seen: Set<NetworkAddress> = []
        for receiver in read where !seen.insert(receiver.address).inserted {
            audit.fail(
                "`\(receiver.address)` stands twice under `sinks`", todo: "keep one entry for each receiver")
        }
        guard seen.count == read.count else { return nil }
        receivers = read
    }

    func receiver(host: String, port: Int) -> Receiver? {
        guard let wanted = NetworkAddress("\(host):\(port)")?.lowercased else { return nil }
        return receivers.first { $0.address == wanted }
    }

    private static func receiver(_ fields: MappingDecoder, _ item: ValueDecoder, _ paths: FilePaths) -> Receiver? {
        let address = fields.required("syslog_tls", NetworkAddress.decode)
        let chain = fields.required("chain") { paths.path($0) }
        let key = fields.required("key") { paths.path($0) }
        let roots = fields.required("roots") { paths.path($0) }
        let name: String?? = fields.optional("server_name", default: String?.none) { value -> String?? in
            guard let name = value.serverName else { return nil }
            guard name.port == nil else {
                value.fail("`server_name` has a port", todo: "write the name that its certificate has, and no port")
                return nil
            }
            return .some(name.host)
        }
        let pins = fields.optional("spki", default: []) { $0.list(pin) }
        guard let address, let chain, let key, let roots, let name, let pins else { return nil }
        return Receiver(
            address: address.lowercased, chainFile: chain, keyFile: key, rootsFile: roots, serverName: name,
            pins: Set(pins), place: "\(fields.diagnostics.file):\(item.place.line):\(item.place.column)")
    }

    private static func pin(_ value: ValueDecoder) -> SPKIHash? {
        guard let text = value.text else { return nil }
        guard let hash = PinText.hash(text) else {
            value.fail(
                "`\(text)` is no hash of a public key",
                todo: "write `sha256/` and 44 signs, as `entente probe` prints it")
            return nil
        }
        return hash
    }
}

extension NetworkAddress {
    fileprivate var lowercased: NetworkAddress {
        var address = self
        address.host = host.lowercased()
        return address
    }
}
