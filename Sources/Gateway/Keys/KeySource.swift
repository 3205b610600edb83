// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// Fetches the keys of a server. A seam: tests answer without a network.
package protocol KeySource: Sendable {
    /// The keys of `server`, from a document that proved itself. Bounded in time.
    ///
    /// - Parameter access: over which network, and within what bounds; never widened.
    func keys(of server: ServerName, along access: ServerAccess) async throws(KeyFetchFault) -> ServerKeys
}
