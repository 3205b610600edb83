// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// One homeserver behind the gateway.
struct HomeserverSettings: Sendable {
    var serverName: ServerName
    /// Further host names by which peers reach it, in SNI and `Host`.
    var hosts: [String]
    /// Its federation listener, plain HTTP.
    var upstream: NetworkAddress
    /// What `/.well-known/matrix/server` answers, if the gateway serves it.
    var wellKnown: ServerName?

    init?(_ mapping: MappingDecoder) {
        let name = mapping.required("server_name", Self.serverName)
        let hosts = mapping.optional("hosts", default: []) { $0.list(Self.host) }
        let upstream = mapping.required("upstream", NetworkAddress.decodeURL)
        let wellKnown: ServerName?? = mapping.optional("well_known", default: ServerName?.none) {
            value -> ServerName?? in
            Self.serverName(value).map { .some($0) }
        }
        guard let name, let hosts, let upstream, let wellKnown else { return nil }
        serverName = name
        self.hosts = hosts
        self.upstream = upstream
        self.wellKnown = wellKnown
    }

    /// A host name as TLS names it: lower case, without a port.
    private static func host(_ value: ValueDecoder) -> String? {
        guard let name = serverName(value) else { return nil }
        guard name.port == nil, name.text == name.text.lowercased() else {
            value.fail("`\(name.text)` is not a plain host name", todo: "write it in lower case and without a port")
            return nil
        }
        return name.text
    }

    private static func serverName(_ value: ValueDecoder) -> ServerName? {
        guard let text = value.text else { return nil }
        guard let name = try? ServerName(text) else {
            value.fail(
                "`\(text)` is not a server name", todo: "write a host name or address, with a port if it has one")
            return nil
        }
        return name
    }
}
