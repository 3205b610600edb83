// SPDX-License-Identifier: Apache-2.0

// Server discovery, version and signing keys. Spec: "Server discovery", "Retrieving server keys".

extension Endpoint {
    package static let wellKnownServer: Endpoint = .get(
        "wellknown_server", "/.well-known/matrix/server", endpointClass: .discovery, authentication: .none)
    package static let version: Endpoint = .get(
        "version", "/_matrix/federation/v1/version", endpointClass: .discovery, authentication: .none)
    package static let keyServer: Endpoint = .get(
        "key_server", "/_matrix/key/v2/server", endpointClass: .keys, authentication: .none, trailingSlash: true)
    package static let keyServerKeyID: Endpoint = .get(
        "key_server_keyid", "/_matrix/key/v2/server/{keyId}", endpointClass: .keys, authentication: .none)
    package static let keyQueryOne: Endpoint = .get(
        "key_query_one", "/_matrix/key/v2/query/{serverName}", endpointClass: .notary, authentication: .none)
    package static let keyQueryBatch: Endpoint = .post(
        "key_query_batch", "/_matrix/key/v2/query", endpointClass: .notary, upTo: smallBody, authentication: .none)

    static let discoverySection: [Endpoint] = [
        .wellKnownServer, .version, .keyServer, .keyServerKeyID, .keyQueryOne, .keyQueryBatch,
    ]
}
