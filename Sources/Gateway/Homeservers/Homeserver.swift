// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A homeserver that the gateway stands before.
package struct Homeserver: Sendable {
    package let name: ServerName
    /// Host names by which peers reach it besides its own, lower case, without ports.
    package let hosts: [String]
    /// Address and port of its federation listener: plain HTTP/1.1.
    package let upstreamHost: String
    package let upstreamPort: Int
    /// The `m.server` of the well-known document that the gateway answers for it; `nil`: the homeserver is asked.
    package let wellKnown: ServerName?

    package init(
        name: ServerName, hosts: [String], upstreamHost: String, upstreamPort: Int, wellKnown: ServerName?
    ) {
        self.name = name
        self.hosts = hosts
        self.upstreamHost = upstreamHost
        self.upstreamPort = upstreamPort
        self.wellKnown = wellKnown
    }
}
