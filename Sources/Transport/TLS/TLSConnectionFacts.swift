// SPDX-License-Identifier: Apache-2.0

/// What a finished handshake agreed on.
package struct TLSConnectionFacts: Hashable, Sendable {
    package enum Version: String, Hashable, Comparable, Sendable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"

        package static func < (a: Version, b: Version) -> Bool { a.rawValue < b.rawValue }
    }

    package let version: Version
    /// The name of the suite as IANA registered it, for example `TLS_AES_256_GCM_SHA384`.
    package let cipherSuite: String
    /// The group of the key agreement, for example `x25519`; empty where the library does not say.
    package let group: String
    /// The server name the client asked for, in lower case; nil without one.
    package let serverName: String?
    /// The application protocol both agreed on; nil when none was negotiated.
    package let alpn: String?
    /// The public key of the peer's certificate; nil when it showed none.
    package let peerCertificateSPKI: SPKIHash?
    /// The DNS names of that certificate, in lower case; looked at on the server's side only.
    package let peerCertificateNames: [String]
    /// Whether an earlier session was resumed instead of a full handshake.
    package let isResumed: Bool

    package init(
        version: Version, cipherSuite: String, group: String = "", serverName: String? = nil, alpn: String? = nil,
        peerCertificateSPKI: SPKIHash? = nil, peerCertificateNames: [String] = [], isResumed: Bool = false
    ) {
        self.version = version
        self.cipherSuite = cipherSuite
        self.group = group
        self.serverName = serverName
        self.alpn = alpn
        self.peerCertificateSPKI = peerCertificateSPKI
        self.peerCertificateNames = peerCertificateNames
        self.isResumed = isResumed
    }
}

/// The user event of a finished handshake: fired once, before the first plaintext.
package struct TLSHandshakeCompleted: Sendable {
    package let facts: TLSConnectionFacts

    package init(facts: TLSConnectionFacts) { self.facts = facts }
}
