// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import Transport

/// Asks the domain name system. A seam: tests answer from a table.
package protocol NameResolver: Sendable {
    /// The A and AAAA records of `host`, in the order in which they should be tried; never empty.
    func addresses(of host: String) async throws(ResolutionFault) -> ResolvedHost
    /// The SRV records of `name`, unordered; empty when there are none.
    func services(_ name: String) async throws(ResolutionFault) -> [SRVRecord]
}

/// What a host name leads to.
package struct ResolvedHost: Hashable, Sendable {
    package let addresses: [IPAddress]
    /// Whether the name is an alias (CNAME) of another, as far as the resolver says so.
    package let isAlias: Bool

    package init(addresses: [IPAddress], isAlias: Bool = false) {
        self.addresses = addresses
        self.isAlias = isAlias
    }
}

package enum ResolutionFault: Error, Hashable, Sendable {
    /// The name has no such record.
    case none
    /// No answer within the time, or the name server failed.
    case unavailable
    /// An answer that cannot be read strictly, or is larger than anybody needs.
    case malformed
    /// Too many questions are waiting already.
    case overload
}
