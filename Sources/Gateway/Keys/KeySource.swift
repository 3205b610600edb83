// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Fetches the keys of a server. A seam: tests answer without a network.
package protocol KeySource: Sendable {
    /// The keys of `server`, from a document that proved itself. Bounded in time.
    func keys(of server: ServerName) async throws(KeyFetchFault) -> ServerKeys
}
