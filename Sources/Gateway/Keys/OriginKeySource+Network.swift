// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import NIOCore
package import NIOPosix
package import Transport

extension OriginKeySource {
    /// A source that asks over the system's resolver, sockets and TLS.
    ///
    /// - Parameters:
    ///   - threads: where name lookups block; started, and shut down by whoever made it. Two threads are enough.
    ///   - hold: milliseconds that a changed delegation rests before it is used; 0 only reports it.
    ///   - context: what connections are made from now, by whose certificates count; asked for each fetch.
    ///   - report: called from any thread.
    package init(
        group: any EventLoopGroup, threads: NIOThreadPool, rules: EgressRules, hold: Int64 = 0,
        context: @escaping @Sendable (FetchRequest.Trust) -> TLSClientContext, now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        let fetching = TLSFetcher(group: group, rules: rules.addresses, context: context)
        let lookup = HostLookup(
            resolver: SystemResolver(threads: threads, loop: group.next()), rules: rules)
        let locator = ServerLocator(
            lookup: lookup, wellKnown: WellKnownClient(lookup: lookup, fetching: fetching), hold: hold, now: now,
            report: report)
        self.init(locator: locator, fetching: fetching, now: now)
    }
}
