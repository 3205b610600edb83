// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import NIOCore
package import Transport

extension OriginKeySource {
    /// A source that asks over sockets and TLS.
    ///
    /// - Parameters:
    ///   - resolver: whom names are asked of, and nobody else.
    ///   - hold: milliseconds that a changed delegation rests before it is used; 0 only reports it.
    ///   - context: what connections are made from now, by whose certificates count; asked for each fetch.
    ///   - report: called from any thread.
    package init(
        group: any EventLoopGroup, resolver: any NameResolver, rules: EgressRules, hold: Int64 = 0,
        context: @escaping @Sendable (FetchRequest.Trust) -> TLSClientContext, now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        let fetching = TLSFetcher(group: group, rules: rules.addresses, context: context)
        let lookup = HostLookup(resolver: resolver, rules: rules)
        let locator = ServerLocator(
            lookup: lookup, wellKnown: WellKnownClient(lookup: lookup, fetching: fetching), hold: hold, now: now,
            report: report)
        self.init(locator: locator, fetching: fetching, now: now)
    }
}
