// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// Where and how other servers reach the gateway.
struct ListenerSettings: Sendable {
    enum AbsentServerName: String, CaseIterable, Sendable { case refuse, accept }
    enum ClientCertificates: String, CaseIterable, Sendable { case none, optional, required }
    enum MinimumTLS: String, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    struct Certificate: Sendable {
        var chainFile: String
        var keyFile: String
    }

    /// By which a policy gives it to a network; without one it is the Internet's. Several may share a name.
    var name: String?
    var address: NetworkAddress
    var certificates: [Certificate]
    var absentServerName: AbsentServerName
    var clientCertificates: ClientCertificates
    var clientRootsFile: String?
    var minimumTLS: MinimumTLS

    init?(_ mapping: MappingDecoder, _ paths: FilePaths) {
        let name: String?? = mapping.optional("name", default: String?.none) { value -> String?? in
            value.networkPart.map { .some($0) }
        }
        let address = mapping.required("listen", NetworkAddress.decode)
        let certificates = mapping.required("certificates") { list in
            list.list { item -> Certificate? in
                item.mapping { entry -> Certificate? in
                    let chain = entry.required("chain") { paths.path($0) }
                    let key = entry.required("key") { paths.path($0) }
                    guard let chain, let key else { return nil }
                    return Certificate(chainFile: chain, keyFile: key)
                } ?? nil
            }
        }
        let absent = mapping.optional("absent_sni", default: .refuse) { $0.word(AbsentServerName.self) }
        let client = mapping.optional("client_certificates", default: .none) { $0.word(ClientCertificates.self) }
        let roots: String?? = mapping.optional("client_roots", default: String?.none) { value -> String?? in
            paths.path(value).map { .some($0) }
        }
        let minimum = mapping.optional("min_tls", default: .tls12) { $0.word(MinimumTLS.self) }
        guard let name, let address, let certificates, let absent, let client, let roots, let minimum else {
            return nil
        }
        if certificates.isEmpty {
            mapping.fail("a listener needs a certificate", todo: "add `{ chain: FILE, key: FILE }` to `certificates`")
            return nil
        }
        if name != nil, roots != nil {
            mapping.fail(
                "`client_roots` of a listener with a name: the policy's network says whose client certificates count",
                todo: "remove it; name the authorities under `trust_stores`, and that name under `ca` of the network")
            return nil
        }
        if name == nil, client != ClientCertificates.none, roots == nil {
            mapping.fail(
                "`client_certificates: \(client.rawValue)` without `client_roots`",
                todo: "name the PEM file of the authorities that sign your peers' client certificates")
            return nil
        }
        if client == ClientCertificates.none, roots != nil {
            mapping.fail(
                "`client_roots` without `client_certificates`: no certificate would be asked for",
                todo: "add `client_certificates: required` or `optional`, or remove `client_roots`")
            return nil
        }
        self.name = name
        self.address = address
        self.certificates = certificates
        absentServerName = absent
        clientCertificates = client
        clientRootsFile = roots
        minimumTLS = minimum
    }
}
