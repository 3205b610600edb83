// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// What one node is told by its operator, in `gateway.yaml`: where it listens, for whom, and where its files are.
///
/// What may cross the border is not here but in the policy. `docs/operations.md` describes each key.
struct Configuration: Sendable {
    /// This node's name, in every record. 1 to 64 letters, digits, `-`, `_` or `.`.
    var node: String
    var policy: PolicySettings
    var mixed: MixedTransactions
    var listeners: [ListenerSettings]
    var homeservers: [HomeserverSettings]
    /// What closed networks of a policy need here.
    var networks: NetworkParts
    var federation: FederationSettings
    var auditDirectory: String
    /// The secret key of the log; `nil`: one beside the directory.
    var auditKeyFile: String?
    var witnesses: WitnessSettings
    /// What receivers of copies that a policy names need here.
    var sinks: SinkSettings
    var console: NetworkAddress?
    /// The control socket's path; `nil`: there is none.
    var controlSocket: String?
    var eventLoops: Int

    var policyFile: String { policy.file }

    static let maxBytes = 1 << 20

    /// Reads the configuration file; every relative path in it is relative to the file's own directory.
    ///
    /// - Throws: `ConfigurationErrors` with everything that is wrong, `FileBytes.Failure`.
    static func load(_ path: String) throws -> Configuration {
        try decode(FileBytes.read(path, limit: maxBytes), file: path)
    }

    static func decode(_ bytes: [UInt8], file: String) throws -> Configuration {
        let diagnostics = Diagnostics(file: file, meanwhile: "this configuration is not used")
        let configuration = YAMLDocument.decode(bytes, reportingTo: diagnostics) { top in
            Configuration(top, FilePaths(besides: file))
        }
        guard let configuration else { throw ConfigurationErrors(diagnostics: diagnostics.errors) }
        return configuration
    }

    /// The policy that a configuration names, however wrong the rest of it is; `nil` if that cannot be told.
    static func policyFile(in bytes: [UInt8], file: String) -> String? {
        var found: String?
        _ = YAMLDocument.decode(bytes, reportingTo: Diagnostics(file: file, meanwhile: "")) { top in
            found =
                top.value("policy")?.mapping { $0.value("file").flatMap(FilePaths(besides: file).path) } ?? nil
            return found
        }
        return found
    }

    private typealias AuditParts = (
        directory: String, key: String?, witnesses: WitnessSettings, sinks: SinkSettings
    )

    private init?(_ top: MappingDecoder, _ paths: FilePaths) {
        let format = top.required("entente") { $0.integer(in: 1...1) }
        let node = top.required("node", Self.nodeName)
        let policy = top.required("policy") { $0.mapping { PolicySettings($0, paths) } ?? nil }
        let mixed = top.required("mixed") { $0.word(MixedTransactions.self) }
        let listeners = top.required("listeners") { list in
            Self.notEmpty(list, list.list { $0.mapping { ListenerSettings($0, paths) } ?? nil })
        }
        let homeservers = top.required("homeservers") { list in
            Self.notEmpty(list, list.list { $0.mapping { HomeserverSettings($0) } ?? nil })
        }
        if let homeservers { Self.refuseSharedHosts(homeservers, top) }
        let networks = NetworkParts(top, paths)
        let federation = top.optional("federation", default: FederationSettings()) {
            $0.mapping { FederationSettings($0, paths) } ?? nil
        }
        let audit = top.required("audit") { value -> AuditParts? in
            value.mapping { audit in
                let key: String?? = audit.optional("key", default: String?.none) { paths.path($0).map { .some($0) } }
                let witnesses = WitnessSettings(audit, paths)
                let sinks = SinkSettings(audit, paths)
                guard let directory = audit.required("directory", { paths.path($0) }), let key, let witnesses, let sinks
                else { return nil }
                return (directory, key, witnesses, sinks)
            } ?? nil
        }
        let console: NetworkAddress?? = top.optional("console", default: NetworkAddress?.none) {
            value -> NetworkAddress?? in
            let address = value.mapping { $0.required("listen", NetworkAddress.decode) } ?? nil
            return address.map { .some($0) }
        }
        let control = top.optional("control", default: String?.none) { value -> String?? in
            let path = value.mapping { $0.required("socket") { Self.socketPath($0, paths) } } ?? nil
            return path.map { .some($0) }
        }
        let eventLoops = top.optional("event_loops", default: 1) { $0.int(in: 1...64) }
        guard format != nil, let node, let policy, let mixed, let listeners, let homeservers, let networks,
            let federation, let audit, let console, let control, let eventLoops
        else { return nil }
        self.node = node
        self.policy = policy
        self.mixed = mixed
        self.listeners = listeners
        self.homeservers = homeservers
        self.networks = networks
        self.federation = federation
        auditDirectory = audit.directory
        auditKeyFile = audit.key
        witnesses = audit.witnesses
        sinks = audit.sinks
        self.console = console
        controlSocket = control
        self.eventLoops = eventLoops
    }

    /// A host that means two homeservers would send the requests of one to the other.
    private static func refuseSharedHosts(_ homeservers: [HomeserverSettings], _ top: MappingDecoder) {
        var owners: [String: String] = [:]
        for homeserver in homeservers {
            let names = homeserver.hosts + [homeserver.serverName.host] + (homeserver.wellKnown.map { [$0.host] } ?? [])
            for host in Set(names).sorted() {
                if let other = owners.updateValue(homeserver.serverName.text, forKey: host) {
                    top.fail(
                        "host `\(host)` means both `\(other)` and `\(homeserver.serverName.text)`",
                        todo: "give each homeserver host names of its own")
                }
            }
        }
    }

    private static func socketPath(_ value: ValueDecoder, _ paths: FilePaths) -> String? {
        guard let path = paths.path(value) else { return nil }
        guard (1...LocalSocket.maxPathBytes).contains(path.utf8.count) else {
            value.fail(
                "the path of \(value.name) has \(path.utf8.count) bytes, a socket's may have \(LocalSocket.maxPathBytes)",
                todo: "name a shorter one, as `/run/entente/control`")
            return nil
        }
        return path
    }

    private static func nodeName(_ value: ValueDecoder) -> String? {
        guard let text = value.text else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 64 else {
            value.fail("`node` is not a plain name", todo: "use 1 to 64 letters, digits, `-`, `_` or `.`")
            return nil
        }
        return text
    }

    private static func notEmpty<Element>(_ value: ValueDecoder, _ elements: [Element]?) -> [Element]? {
        guard let elements else { return nil }
        guard !elements.isEmpty else {
            value.fail("`\(value.path)` is empty", todo: "add at least one entry")
            return nil
        }
        return elements
    }
}

/// Everything that is wrong with a configuration, a line each.
struct ConfigurationErrors: Error, CustomStringConvertible {
    var diagnostics: [Diagnostic]
    var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Turns paths written in a configuration into paths from here.
struct FilePaths: Sendable {
    /// The configuration file's directory with a `/` at its end, or empty.
    let directory: String

    init(besides file: String) {
        directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    func path(_ value: ValueDecoder) -> String? {
        value.text.map { $0.hasPrefix("/") ? $0 : directory + $0 }
    }
}
