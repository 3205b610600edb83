// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine
internal import Synchronization

/// Sends each question for keys to the network on which the server is.
///
/// Each network has its own resolver, rules, TLS and memory of delegations; a network that is not there is not asked, and
/// neither is any other in its place.
package final class NetworkKeySource: KeySource {
    private let internet: OriginKeySource
    private let networks: Mutex<[ServerAccess.Network: OriginKeySource]>

    package init(internet: OriginKeySource, closed: [ServerAccess.Network: OriginKeySource] = [:]) {
        self.internet = internet
        networks = Mutex(closed)
    }

    /// Other networks, or other authorities of the same, count from now on.
    package func replace(with closed: [ServerAccess.Network: OriginKeySource]) { networks.withLock { $0 = closed } }

    package var closed: [ServerAccess.Network: OriginKeySource] { networks.withLock { $0 } }

    package func keys(of server: ServerName, along access: ServerAccess) async throws(KeyFetchFault) -> ServerKeys {
        guard let network = access.network else { return try await internet.keys(of: server, along: access) }
        guard let source = networks.withLock({ $0[network] }) else { throw .discovery(.noNetwork(network.name)) }
        return try await source.keys(of: server, along: access)
    }
}
