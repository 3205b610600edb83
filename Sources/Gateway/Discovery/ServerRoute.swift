// SPDX-License-Identifier: Apache-2.0

/// The way to a server: checked addresses in the order to try, and what to say there.
package struct ServerRoute: Hashable, Sendable {
    /// Never empty.
    package let dials: [Dial]
    package let hostHeader: String
    /// The name or address that the certificate has to carry; a name is also the SNI.
    package let certificateName: String

    package init(dials: [Dial], hostHeader: String, certificateName: String) {
        self.dials = dials
        self.hostHeader = hostHeader
        self.certificateName = certificateName
    }
}
