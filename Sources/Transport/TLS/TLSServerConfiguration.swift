// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What a listener demands and shows.
package struct TLSServerConfiguration: Sendable {
    package enum AbsentSNI: Hashable, Sendable {
        /// Answer unrecognized_name.
        case refuse
        /// Show the first identity.
        case accept
    }

    package enum ClientAuthentication: Hashable, Sendable {
        /// Ask for no certificate.
        case none
        /// Ask; one that does not lead to these roots fails the handshake, none is fine.
        case optional(TrustRoots)
        /// Ask; none fails the handshake too.
        case required(TrustRoots)
    }

    /// Shown by server name: a certificate that has the exact name goes before one with a wildcard. Several with the
    /// same name stand for different key types; of the same type the first counts. The first is the default identity.
    package var identities: [TLSIdentity]
    /// Names the listener in what tickets are bound to, when two listeners have the same identities.
    package var listener = ""
    package var minimumVersion = TLSConnectionFacts.Version.tls12
    /// In order of preference; empty ignores what clients offer.
    package var applicationProtocols = ["http/1.1"]
    /// A name no identity covers is always refused; this is about no name at all.
    package var absentSNI = AbsentSNI.refuse
    package var clientAuthentication = ClientAuthentication.none
    /// A name for the roots of client certificates, handed to whoever judges the connection.
    package var clientTrust: String?
    /// Whether tickets are issued and accepted. They live an hour at most and no longer than the context.
    package var resumesSessions = true
    package var timeouts = TLSTimeouts()

    package init(identities: [TLSIdentity]) { self.identities = identities }
}

/// How long a peer may take.
package struct TLSTimeouts: Hashable, Sendable {
    /// From the connection to the end of the handshake.
    package var handshake = TimeAmount.seconds(10)
    /// From our close_notify or alert to the peer closing: the wait keeps a reset from overtaking what was sent.
    package var close = TimeAmount.seconds(2)

    package init() {}
}
